// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What tells whether a file is still the one that was scanned.
public struct FileStamp: Sendable, Hashable, Codable {
  let bytes: Int
  let seconds: Int
  let nanoseconds: Int
  let inode: UInt64

  init(_ info: stat) {
    bytes = Int(info.st_size)
    seconds = Int(info.st_mtim.tv_sec)
    nanoseconds = Int(info.st_mtim.tv_nsec)
    inode = UInt64(info.st_ino)
  }
}

/// Where pixels lie in their file: readers take them from there without parsing it again.
public struct PixelLocation: Sendable, Hashable, Codable {
  /// What lies there.
  public enum Content: Sendable, Hashable, Codable {
    /// Native little-endian pixels.
    case native(bytes: Int)
    /// Compressed fragments behind their offset table.
    case fragments(Int)
  }

  /// Bytes before the first pixel or the offset table.
  public let offset: Int
  /// What lies there.
  public let content: Content
  /// The file as it was scanned; when it has changed since, it is parsed again.
  public let file: FileStamp
}
