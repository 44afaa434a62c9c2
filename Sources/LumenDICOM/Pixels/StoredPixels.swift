// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// The pixels of one file as stored, frame by frame.
public enum StoredPixels: Sendable, Equatable {
  /// Stored values; one slice a frame.
  case grey(AnyVolume)
  /// RGB pictures, converted from YCbCr or a palette where they were stored so; one a frame.
  case colour([ColourImage])
}

extension StoredPixels {
  init(_ handle: DICOMHandle, _ header: InstanceHeader, limits: Limits) throws(ImageError) {
    let reader = try FrameReader(handle, header, limits: limits)
    if header.isColour {
      self = .colour(try Colour.images(handle, reader, limits: limits))
      return
    }
    let spacing = header.pixelSpacing ?? SIMD2(1, 1)
    var geometry = Geometry(
      size: Size(columns: header.columns, rows: header.rows, slices: header.frames),
      spacing: SIMD3(spacing.y, spacing.x, header.spacingBetweenSlices ?? header.sliceThickness ?? 1))
    geometry.origin = header.imagePosition ?? SIMD3(0, 0, 0)
    if let o = header.imageOrientation { geometry.direction = Direction(x: o.row, y: o.column, z: o.normal) }
    switch header.storedKind {
    case .uint8: self = .grey(.u8(try Self.volume(reader, geometry)))
    case .int8: self = .grey(.i8(try Self.volume(reader, geometry)))
    case .uint16: self = .grey(.u16(try Self.volume(reader, geometry)))
    case .int16: self = .grey(.i16(try Self.volume(reader, geometry)))
    case .uint32: self = .grey(.u32(try Self.volume(reader, geometry)))
    case .int32: self = .grey(.i32(try Self.volume(reader, geometry)))
    case .float32: self = .grey(.f32(try Self.volume(reader, geometry)))
    case .float64: self = .grey(.f64(try Self.volume(reader, geometry)))
    }
  }

  private static func volume<T: StoredVoxel>(
    _ reader: FrameReader, _ geometry: Geometry
  ) throws(ImageError) -> Volume<T> {
    let plane = geometry.size.plane
    return try Volume<T>(geometry) { out throws(ImageError) in
      nonisolated(unsafe) let voxels = out
      try reader.forEachFrame { frame throws(ImageError) in
        let slice = UnsafeMutableBufferPointer(rebasing: voxels[frame * plane..<(frame + 1) * plane])
        _ = try reader.read(frame, into: UnsafeMutableRawBufferPointer(slice))
      }
    }
  }
}

extension InstanceHeader {
  /// The type that holds its stored values.
  var storedKind: VoxelKind {
    switch (bitsAllocated, isSigned) {
    case _ where floatBits == 32: .float32
    case _ where floatBits == 64: .float64
    case (1, _), (2...8, false): .uint8
    case (2...8, true): .int8
    case (9...16, false): .uint16
    case (9...16, true): .int16
    case (_, false): .uint32
    case (_, true): .int32
    }
  }
}

/// A voxel type that frames are read into directly.
protocol StoredVoxel: Voxel {}

extension FixedWidthInteger {
  /// Moves the stored bits to the bottom and clears or sign-extends those above: PS3.5 8.1.1.
  fileprivate static func clean(
    _ values: UnsafeMutableBufferPointer<Self>, _ header: InstanceHeader, _ bitsStored: Int
  ) {
    let width = Self.bitWidth, stored = header.bitsAllocated == 1 ? width : bitsStored
    guard header.bitsAllocated <= width, 0..<width ~= stored else { return }
    // A High Bit that contradicts Bits Stored is taken for the usual one.
    let high = header.highBit >= stored - 1 && header.highBit < header.bitsAllocated ? header.highBit : stored - 1
    let up = width - 1 - high, down = width - stored
    for i in values.indices { values[i] = (values[i] << up) >> down }
  }
}

extension InstanceHeader {
  /// Puts the lowest `stored` of the bits of its samples in order.
  func clean(_ bytes: UnsafeMutableRawBufferPointer, stored: Int) {
    switch storedKind {
    case .uint8: UInt8.clean(bytes.assumingMemoryBound(to: UInt8.self), self, stored)
    case .int8: Int8.clean(bytes.assumingMemoryBound(to: Int8.self), self, stored)
    case .uint16: UInt16.clean(bytes.assumingMemoryBound(to: UInt16.self), self, stored)
    case .int16: Int16.clean(bytes.assumingMemoryBound(to: Int16.self), self, stored)
    case .uint32: UInt32.clean(bytes.assumingMemoryBound(to: UInt32.self), self, stored)
    case .int32: Int32.clean(bytes.assumingMemoryBound(to: Int32.self), self, stored)
    case .float32, .float64: break
    }
  }
}

extension UInt8: StoredVoxel {}
extension Int8: StoredVoxel {}
extension UInt16: StoredVoxel {}
extension Int16: StoredVoxel {}
extension UInt32: StoredVoxel {}
extension Int32: StoredVoxel {}
extension Float: StoredVoxel {}
extension Double: StoredVoxel {}
