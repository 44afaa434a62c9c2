// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Voxels on their way through the shared memory of a worker. The reader copies them out with `pread`: memory that the
/// other side can shrink is never mapped.
enum VoxelMemory {
  /// Bytes that stay allocated between two images, because fresh pages cost more than the copy.
  static let kept = 64 << 20
  private static let part = 4 << 20

  /// Writes the voxels from the beginning of the memory.
  static func write(_ volume: AnyVolume, to fd: Int32) throws(ImageError) { try volume.accept(Writer(fd: fd)) }

  /// Volumes from the beginning of the memory, after the claims about them were checked.
  ///
  /// - Throws: `malformed` when there are fewer bytes than claimed.
  static func read(_ kind: VoxelKind, _ geometry: Geometry, bytes: Int, from fd: Int32) throws(ImageError) -> AnyVolume
  {
    var info = stat()
    guard fstat(fd, &info) == 0, Int(info.st_size) >= bytes else {
      throw ImageError.worker("gave \(info.st_size) bytes of voxels, expected \(bytes)")
    }
    switch kind {
    case .uint8: return .u8(try volume(geometry, fd))
    case .int8: return .i8(try volume(geometry, fd))
    case .uint16: return .u16(try volume(geometry, fd))
    case .int16: return .i16(try volume(geometry, fd))
    case .uint32: return .u32(try volume(geometry, fd))
    case .int32: return .i32(try volume(geometry, fd))
    case .float32: return .f32(try volume(geometry, fd))
    case .float64: return .f64(try volume(geometry, fd))
    }
  }

  /// Gives memory back that is worth it.
  static func release(_ fd: Int32, bytes: Int) { if bytes > kept { _ = ftruncate(fd, 0) } }

  private static func volume<T: Voxel>(_ geometry: Geometry, _ fd: Int32) throws(ImageError) -> Volume<T> {
    try Volume<T>(geometry) { out throws(ImageError) in
      nonisolated(unsafe) let bytes = UnsafeMutableRawBufferPointer(out)
      try inParts(bytes.count, "were lost on the way") { offset, length in
        pread(fd, bytes.baseAddress! + offset, length, offset)
      }
    }
  }

  private struct Writer: AnyVolume.Visitor {
    let fd: Int32
    func visit<Element: Voxel>(_ volume: Volume<Element>) throws(ImageError) {
      try volume.withVoxels { (voxels: UnsafeBufferPointer<Element>) throws(ImageError) in
        nonisolated(unsafe) let bytes = UnsafeRawBufferPointer(voxels)
        guard ftruncate(fd, max(bytes.count, VoxelMemory.kept)) == 0 else {
          throw ImageError(.limitExceeded, "\(bytes.count) bytes of voxels do not fit into the memory there is")
        }
        try inParts(bytes.count, "do not fit into the memory there is") { offset, length in
          pwrite(fd, bytes.baseAddress! + offset, length, offset)
        }
      }
    }
  }

  /// Calls `transfer` for the parts of `count` bytes, on several threads, until every byte has gone.
  private static func inParts(
    _ count: Int, _ complaint: String, _ transfer: @Sendable (_ offset: Int, _ length: Int) -> Int
  ) throws(ImageError) {
    let missing = parallelReduce((count + part - 1) / part, block: 1, 0) { parts in
      var offset = parts.lowerBound * part
      let end = min(count, parts.upperBound * part)
      while offset < end {
        let n = transfer(offset, end - offset)
        if n < 0 && errno == EINTR { continue }
        if n <= 0 { break }
        offset += n
      }
      return end - offset
    } combine: {
      $0 += $1
    }
    guard missing == 0 else { throw ImageError(.limitExceeded, "\(missing) of \(count) bytes of voxels \(complaint)") }
  }
}
