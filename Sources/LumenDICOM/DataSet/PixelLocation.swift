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

/// Where native little-endian pixels lie in their file: readers take them from there without parsing it again.
public struct PixelLocation: Sendable, Hashable, Codable {
  /// Bytes before the first pixel.
  public let offset: Int
  /// Bytes of pixel data.
  public let length: Int
  /// The file as it was scanned; when it has changed since, it is parsed again.
  public let file: FileStamp
}
