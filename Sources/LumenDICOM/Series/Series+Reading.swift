// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import Synchronization

/// Which values of a pixel are wanted.
public enum PixelValues: String, Sendable, CaseIterable {
  /// After Rescale Slope and Intercept: Hounsfield units, Bq/ml …
  case modality
  /// As stored in the file.
  case stored
}

/// A series as one image with honest geometry.
public struct SeriesImage: Sendable, Equatable {
  /// The image itself.
  public enum Pixels: Sendable, Equatable {
    /// Grey slices as one volume.
    case grey(AnyVolume)
    /// One picture a slice.
    case colour([ColourImage])
  }
  /// The image itself.
  public var pixels: Pixels
  /// Size, spacing, origin and direction; the volume carries the same.
  public var geometry: Geometry
  /// What is irregular about the slices; with ``GeometryPolicy/error`` only what is missing.
  public var findings: [GeometryFinding]
  /// Whether the values are modality values or stored ones.
  public var values: PixelValues

  /// The grey volume.
  ///
  /// - Throws: `unsupported` for colour.
  public var grey: AnyVolume {
    get throws(ImageError) {
      guard case .grey(let volume) = pixels else {
        throw ImageError(.unsupported, "the series is colour, expected grey values")
      }
      return volume
    }
  }
}

extension Series {
  /// Decodes every slice into one image; parallel over files.
  ///
  /// - Units: modality values m = stored · Rescale Slope + Rescale Intercept, slice by slice. They keep the stored type
  ///   where slope is 1 and intercept 0; else they are Int16, UInt16 or Int32 (the first that holds them) where slopes
  ///   and intercepts are whole numbers, and Float where not. MONOCHROME1 is not inverted.
  /// - Throws: `malformed` naming the first irregularity unless the policy accepts it, or damaged pixels with their file;
  ///   `unsupported` for a Modality LUT Sequence, a transfer syntax or a pixel format that is not read; `limitExceeded`.
  /// - Source: PS3.3 C.7.6.2, C.11.1.
  public func read(
    policy: GeometryPolicy = .error, values: PixelValues = .modality, limits: Limits = .standard
  ) throws(ImageError) -> SeriesImage {
    let (slices, geometry, findings) = try layout(limits)
    if policy == .error, let finding = findings.first(where: \.isError) {
      throw ImageError(
        .malformed, "\(finding)", place: "series of \(slices.count) slices",
        hint:
          "geometry policy accept keeps the slices, on their mean spacing of \(shortest((geometry.spacing.z * 1000).rounded() / 1000)) mm"
      )
    }
    if values == .modality, let lut = instances.first(where: \.hasModalityLUT) {
      throw ImageError(
        .unsupported, "has a Modality LUT Sequence \(Tag.modalityLUTSequence), which is not applied", place: lut.path,
        hint: "read the stored values instead")
    }
    if isColour {
      return SeriesImage(
        pixels: .colour(try colour(slices, limits)), geometry: geometry, findings: findings, values: values)
    }
    let stored = try stored(slices, geometry, limits)
    let grey = values == .stored ? stored : try rescaled(stored, slices)
    return SeriesImage(pixels: .grey(grey), geometry: geometry, findings: findings, values: values)
  }

  /// Frames of every instance with the slice each one becomes.
  private func frames(_ slices: [Slice]) -> [[(frame: Int, slice: Int)]] {
    var frames = [[(frame: Int, slice: Int)]](repeating: [], count: instances.count)
    for (z, slice) in slices.enumerated() { frames[slice.instance].append((slice.frame, z)) }
    return frames.map { $0.sorted { $0.frame < $1.frame } }
  }

  private func colour(_ slices: [Slice], _ limits: Limits) throws(ImageError) -> [ColourImage] {
    var out = [ColourImage?](repeating: nil, count: slices.count)
    for (instance, frames) in zip(instances, frames(slices)) {
      guard case .colour(let images) = try DICOMFile.storedPixels(instance.path, limits: limits).pixels,
        images.count == frames.count
      else { throw ImageError(.malformed, "is not a colour image, the others are", place: instance.path) }
      for (frame, z) in frames { out[z] = images[frame] }
    }
    return out.compactMap { $0 }
  }

  private func stored(_ slices: [Slice], _ geometry: Geometry, _ limits: Limits) throws(ImageError) -> AnyVolume {
    let kinds = Set(instances.map(\.storedKind))
    let kind: VoxelKind
    if let only = kinds.first, kinds.count == 1 {
      kind = only
    } else {
      kind = kinds.isDisjoint(with: [.uint32, .float32, .float64]) ? .int32 : .float64
    }
    _ = try limits.checkedBytes(
      columns: geometry.size.columns, rows: geometry.size.rows, slices: slices.count, bytesPerVoxel: kind.bytes)
    switch kind {
    case .uint8: return .u8(try decode(slices, geometry, limits))
    case .int8: return .i8(try decode(slices, geometry, limits))
    case .uint16: return .u16(try decode(slices, geometry, limits))
    case .int16: return .i16(try decode(slices, geometry, limits))
    case .uint32: return .u32(try decode(slices, geometry, limits))
    case .int32: return .i32(try decode(slices, geometry, limits))
    case .float32: return .f32(try decode(slices, geometry, limits))
    case .float64: return .f64(try decode(slices, geometry, limits))
    }
  }

  private func decode<T: StoredVoxel>(
    _ slices: [Slice], _ geometry: Geometry, _ limits: Limits
  ) throws(ImageError) -> Volume<T> {
    let frames = frames(slices), plane = geometry.size.plane
    let failures = Mutex<[Int: ImageError]>([:])
    let volume = Volume<T>(geometry) { out in
      nonisolated(unsafe) let voxels = out
      parallelFor(instances.count) { range in
        for i in range {
          do throws(ImageError) {
            try instances[i].decode(frames[i], into: voxels, plane: plane, limits)
          } catch {
            let failure = error.at(instances[i].path)
            failures.withLock { $0[i] = failure }
          }
        }
      }
    }
    if let (_, first) = failures.withLock({ $0.min { $0.key < $1.key } }) { throw first }
    return volume
  }
}

extension InstanceHeader {
  /// Decodes frames of this file straight into their slices.
  fileprivate func decode<T: StoredVoxel>(
    _ frames: [(frame: Int, slice: Int)], into voxels: UnsafeMutableBufferPointer<T>, plane: Int, _ limits: Limits
  ) throws(ImageError) {
    let handle = try DICOMFile.open(path, limits)
    let header = try InstanceHeader(handle, path: path, limits: limits)
    guard header.columns == columns, header.rows == rows, header.frames == self.frames,
      header.storedKind == storedKind, !header.isColour
    else { throw ImageError(.malformed, "has changed since it was scanned") }
    var reader = try FrameReader(handle, header, limits: limits)
    for (frame, z) in frames {
      let slice = UnsafeMutableBufferPointer(rebasing: voxels[z * plane..<(z + 1) * plane])
      if storedKind == T.kind {
        _ = try reader.read(frame, into: UnsafeMutableRawBufferPointer(slice))
        T.clean(slice, header)
        continue
      }
      switch storedKind {
      case .uint8: try Self.convert(UInt8.self, &reader, frame, slice)
      case .int8: try Self.convert(Int8.self, &reader, frame, slice)
      case .uint16: try Self.convert(UInt16.self, &reader, frame, slice)
      case .int16: try Self.convert(Int16.self, &reader, frame, slice)
      case .uint32: try Self.convert(UInt32.self, &reader, frame, slice)
      case .int32: try Self.convert(Int32.self, &reader, frame, slice)
      case .float32: try Self.convert(Float.self, &reader, frame, slice)
      case .float64: try Self.convert(Double.self, &reader, frame, slice)
      }
    }
  }

  /// A frame of another stored type than the series' common one.
  private static func convert<S: StoredVoxel, T: StoredVoxel>(
    _ source: S.Type, _ reader: inout FrameReader, _ frame: Int, _ out: UnsafeMutableBufferPointer<T>
  ) throws(ImageError) {
    let own = try Volume<S>(Geometry(size: Size(columns: out.count, rows: 1))) { own throws(ImageError) in
      _ = try reader.read(frame, into: UnsafeMutableRawBufferPointer(own))
      S.clean(own, reader.header)
    }
    own.withVoxels { v in for i in out.indices { out[i] = T.rounding(v[i].doubleValue) } }
  }
}
