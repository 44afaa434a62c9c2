// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A small window on a data set for reading the headers of its elements here and there.
struct FileWindow {
  let size: Int
  var isBig = false
  /// -1 for a data set in memory.
  private let fd: Int32
  private var window: [UInt8]
  private var start = 0, count = 0

  init(_ fd: Int32, size: Int) {
    self.fd = fd
    self.size = size
    window = [UInt8](repeating: 0, count: 1 << 13)
  }

  init(_ bytes: [UInt8]) {
    fd = -1
    size = bytes.count
    window = bytes
    count = bytes.count
  }

  /// `n` bytes at `offset`; nil beyond the end.
  mutating func bytes(_ offset: Int, _ n: Int) -> ArraySlice<UInt8>? {
    place(offset, n).map { window[$0..<$0 + n] }
  }

  mutating func word16(_ offset: Int) -> Int? {
    guard let i = place(offset, 2) else { return nil }
    let (x, y) = (Int(window[i]), Int(window[i + 1]))
    return isBig ? x << 8 | y : y << 8 | x
  }

  mutating func word32(_ offset: Int) -> Int? {
    guard let a = word16(offset), let b = word16(offset + 2) else { return nil }
    return isBig ? a << 16 | b : b << 16 | a
  }

  /// Length and header bytes of the element at `offset` with explicit VR; nil where there is none.
  ///
  /// - Source: PS3.5 7.1.2.
  mutating func explicitLength(_ offset: Int) -> (length: Int, header: Int)? {
    guard let i = place(offset + 4, 2) else { return nil }
    let (first, second) = (window[i], window[i + 1])
    guard 65...90 ~= first, 65...90 ~= second else { return nil }
    switch (Unicode.Scalar(first), Unicode.Scalar(second)) {
    case ("O", "B"), ("O", "D"), ("O", "F"), ("O", "L"), ("O", "V"), ("O", "W"), ("S", "Q"), ("S", "V"), ("U", "C"),
      ("U", "N"), ("U", "R"), ("U", "T"), ("U", "V"):
      return word32(offset + 8).map { ($0, 12) }
    default: return word16(offset + 6).map { ($0, 8) }
    }
  }

  /// Index in the window of `n` bytes at `offset`.
  private mutating func place(_ offset: Int, _ n: Int) -> Int? {
    guard offset >= 0, offset + n <= size, n <= window.count else { return nil }
    if offset < start || offset + n > start + count {
      guard fd >= 0 else { return nil }
      start = offset
      count = window.withUnsafeMutableBytes { b in max(0, pread(fd, b.baseAddress, b.count, off_t(offset))) }
      guard n <= count else { return nil }
    }
    return offset - start
  }
}
