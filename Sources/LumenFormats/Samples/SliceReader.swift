// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// A volume of a NIfTI, NRRD or MetaImage file that is read some slices at a time, forwards: what is larger than memory
/// can be filtered in slabs.
///
/// Compressed files are decompressed as they are read; their checksum is verified behind the last slice.
public final class SliceReader {
  /// The grid of the whole volume.
  public let geometry: Geometry
  /// The type of the voxels.
  public let kind: VoxelKind

  private let path: String
  private let file: SampleFile
  /// Volumes of the file behind this one.
  private let behind: Int
  /// What was read last, from which slices that are asked for again are taken.
  private var held: (slices: Range<Int>, volume: AnyVolume)?

  /// Opens a file; nil for one that is not read so: another format, pictures, voxels of several components, and 64-bit
  /// integers, whose type depends on all of them.
  ///
  /// - Parameter volume: the number of the volume, from 1, for a file with several.
  /// - Throws: as ``ImageFile/read(_:volume:limits:)``; sizes are not held against ``LumenCore/Limits``, because nothing
  ///   of the volume's size is allocated.
  public init?(contentsOf path: String, volume number: Int? = nil) throws(ImageError) {
    var limits = Limits.standard
    (limits.fileBytes, limits.decodedBytes) = (1 << 60, 1 << 60)
    guard try ImageFile.areSamples(path) else { return nil }
    guard let file = try ImageFile.samples(path, limits), file.layout.components == 1 else { return nil }
    guard let kind = file.layout.kind else { return nil }
    do throws(ImageError) {
      let index = try file.index(of: number)
      try file.checkLength()
      try file.skip(index)
      behind = file.layout.chunks - 1 - index
    } catch {
      throw error.inside(path)
    }
    (self.path, self.file, self.kind) = (path, file, kind)
    geometry = file.layout.geometry
  }

  /// Some slices, on their part of the grid.
  ///
  /// - Parameter slices: a range that begins and ends nowhere before the one that was read last, and leaves no gap to it.
  /// - Throws: `malformed` for a file that is cut or damaged; `io`.
  public func read(_ slices: Range<Int>) throws(ImageError) -> AnyVolume {
    let last = held?.slices ?? 0..<0
    precondition(
      slices.lowerBound >= last.lowerBound && slices.lowerBound <= last.upperBound && !slices.isEmpty
        && slices.upperBound >= last.upperBound && slices.upperBound <= geometry.size.slices,
      "slices are read forwards")
    do throws(ImageError) {
      let volume = try decoded(slices, again: max(0, last.upperBound - slices.lowerBound))
      held = (slices, volume)
      if slices.upperBound == geometry.size.slices, last.upperBound < slices.upperBound {
        try file.skip(behind)
        try file.stream.finish()
      }
      return volume
    } catch {
      throw error.inside(path)
    }
  }

  private func decoded(_ slices: Range<Int>, again: Int) throws(ImageError) -> AnyVolume {
    switch (file.layout.type, file.layout.scaling) {
    case (.uint8, nil): try stored(UInt8.self, slices, again)
    case (.int8, nil): try stored(Int8.self, slices, again)
    case (.uint16, nil): try stored(UInt16.self, slices, again)
    case (.int16, nil): try stored(Int16.self, slices, again)
    case (.uint32, nil): try stored(UInt32.self, slices, again)
    case (.int32, nil): try stored(Int32.self, slices, again)
    case (.float32, nil): try stored(Float.self, slices, again)
    case (.float64, nil): try stored(Double.self, slices, again)
    case (.uint8, let s?): try scaled(UInt8.self, s, slices, again) { Float($0) }
    case (.int8, let s?): try scaled(Int8.self, s, slices, again) { Float($0) }
    case (.uint16, let s?): try scaled(UInt16.self, s, slices, again) { Float($0) }
    case (.int16, let s?): try scaled(Int16.self, s, slices, again) { Float($0) }
    case (.float32, let s?): try scaled(Float.self, s, slices, again) { Float($0) }
    case (.uint32, let s?): try scaled(UInt32.self, s, slices, again) { $0 }
    case (.int32, let s?): try scaled(Int32.self, s, slices, again) { $0 }
    case (.float64, let s?): try scaled(Double.self, s, slices, again) { $0 }
    case (.int64, _), (.uint64, _): throw ImageError(.unsupported, "64-bit integers are not read in slabs")
    }
  }

  /// Slices as they are stored: the first `again` from what is held, the others from the file.
  private func stored<T: Voxel>(_: T.Type, _ slices: Range<Int>, _ again: Int) throws(ImageError) -> AnyVolume {
    let plane = geometry.size.plane
    return T.erase(
      try Volume<T>(geometry.slices(slices)) { out throws(ImageError) in
        reuse(again, slices, out)
        try fill(UnsafeMutableBufferPointer(rebasing: out[(again * plane)...]))
      })
  }

  /// Slices whose new voxels are slope · stored + intercept in double precision.
  private func scaled<Stored: Voxel, T: Voxel>(
    _: Stored.Type, _ scaling: (slope: Double, intercept: Double), _ slices: Range<Int>, _ again: Int,
    _ rounded: @Sendable (Double) -> T
  ) throws(ImageError) -> AnyVolume {
    let plane = geometry.size.plane, fresh = geometry.slices(slices.lowerBound + again..<slices.upperBound)
    guard slices.count > again else {
      return T.erase(Volume<T>(geometry.slices(slices)) { out in reuse(again, slices, out) })
    }
    let stored = try Volume<Stored>(fresh) { out throws(ImageError) in try fill(out) }
    return T.erase(
      Volume<T>(geometry.slices(slices)) { out in
        reuse(again, slices, out)
        stored.withVoxels { from in
          nonisolated(unsafe) let (from, to) = (from, UnsafeMutableBufferPointer(rebasing: out[(again * plane)...]))
          parallelFor(from.count, grain: 1 << 16) { range in
            for i in range { to[i] = rounded(from[i].doubleValue * scaling.slope + scaling.intercept) }
          }
        }
      })
  }

  /// Copies the first slices from what is held.
  private func reuse<T: Voxel>(_ count: Int, _ slices: Range<Int>, _ out: UnsafeMutableBufferPointer<T>) {
    guard count > 0, let held, let to = out.baseAddress else { return }
    held.volume.withStoredBytes { bytes in
      let plane = geometry.size.plane * MemoryLayout<T>.stride
      let from = (slices.lowerBound - held.slices.lowerBound) * plane
      UnsafeMutableRawPointer(to).copyMemory(from: bytes.baseAddress! + from, byteCount: count * plane)
    }
  }

  /// The next samples in host order.
  private func fill<T: Voxel>(_ out: UnsafeMutableBufferPointer<T>) throws(ImageError) {
    let raw = UnsafeMutableRawBufferPointer(out)
    try file.fill(raw)
    guard file.layout.isSwapped else { return }
    nonisolated(unsafe) let bytes = raw
    func swap<U: FixedWidthInteger & SendableMetatype>(_: U.Type) {
      let width = MemoryLayout<U>.size
      parallelFor(bytes.count / width, grain: 1 << 16) { range in
        for i in range {
          let value = bytes.load(fromByteOffset: i &* width, as: U.self).byteSwapped
          bytes.storeBytes(of: value, toByteOffset: i &* width, as: U.self)
        }
      }
    }
    switch T.kind.bytes {
    case 2: swap(UInt16.self)
    case 4: swap(UInt32.self)
    case 8: swap(UInt64.self)
    default: break
    }
  }
}

extension SampleLayout {
  /// The type that voxels are given in; nil when it depends on their values.
  var kind: VoxelKind? {
    switch type {
    case .uint8: scaling == nil ? .uint8 : .float32
    case .int8: scaling == nil ? .int8 : .float32
    case .uint16: scaling == nil ? .uint16 : .float32
    case .int16: scaling == nil ? .int16 : .float32
    case .float32: .float32
    case .uint32: scaling == nil ? .uint32 : .float64
    case .int32: scaling == nil ? .int32 : .float64
    case .float64: .float64
    case .int64, .uint64: nil
    }
  }
}

extension ImageFile {
  /// Whether a file is one of samples on a grid that may be read in slabs.
  static func areSamples(_ path: String) throws(ImageError) -> Bool {
    if Files.isFolder(path) { return false }
    guard let format = ImageFormat.detect(try Files.head(path, ImageFormat.headBytes)) else { return false }
    return [.nifti, .nrrd, .metaImage, .gzip].contains(format)
  }
}
