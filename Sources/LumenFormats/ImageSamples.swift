// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// All decoded samples of a file without interpretation: alpha, CMYK and palette indices stay as they are.
public struct ImageSamples: Sendable, Equatable {
  /// Pixels a row.
  public let columns: Int
  /// Rows a slice.
  public let rows: Int
  /// Slices, and volumes of a fourth dimension after them.
  public let slices: Int
  /// Samples a pixel, interleaved.
  public let channels: Int
  /// The type of a sample.
  public let kind: VoxelKind
  /// Slice, row, column, channel; this machine's byte order.
  public let bytes: [UInt8]

  init(columns: Int, rows: Int, slices: Int, channels: Int, kind: VoxelKind, bytes: [UInt8]) {
    (self.columns, self.rows, self.slices, self.channels) = (columns, rows, slices, channels)
    (self.kind, self.bytes) = (kind, bytes)
  }

  init(_ raster: Raster) {
    self.init(
      columns: raster.columns, rows: raster.rows, slices: 1, channels: raster.channels,
      kind: raster.bits == 8 ? .uint8 : .uint16, bytes: raster.bytes)
  }

  init(_ image: DecodedImage) {
    switch image {
    case .colour(let picture): self.init(Raster(picture))
    case .grey(let volume):
      let size = volume.size
      self.init(
        columns: size.columns, rows: size.rows, slices: size.slices, channels: 1, kind: volume.kind,
        bytes: volume.accept(Bytes()))
    }
  }

  private struct Bytes: AnyVolume.Visitor {
    typealias Failure = Never
    func visit<Element: Voxel>(_ volume: Volume<Element>) -> [UInt8] {
      volume.withVoxels { Array(UnsafeRawBufferPointer($0)) }
    }
  }

  /// One channel as a volume with 1 mm spacing.
  func grey() throws(ImageError) -> AnyVolume {
    guard channels == 1 else { throw ImageError(.unsupported, "\(channels) channels, expected one") }
    let geometry = Geometry(size: Size(columns: columns, rows: rows, slices: slices))
    return bytes.withUnsafeBytes { b in
      switch kind {
      case .uint8: .u8(volume(b, geometry))
      case .int8: .i8(volume(b, geometry))
      case .uint16: .u16(volume(b, geometry))
      case .int16: .i16(volume(b, geometry))
      case .uint32: .u32(volume(b, geometry))
      case .int32: .i32(volume(b, geometry))
      case .float32: .f32(volume(b, geometry))
      case .float64: .f64(volume(b, geometry))
      }
    }
  }

  private func volume<T: Voxel>(_ bytes: UnsafeRawBufferPointer, _ geometry: Geometry) -> Volume<T> {
    Volume<T>(geometry) { out in UnsafeMutableRawBufferPointer(out).copyMemory(from: bytes) }
  }
}

extension ImageFile {
  /// Every sample of a file that is not DICOM, as decoded and without interpretation.
  ///
  /// - Throws: as ``read(_:limits:)``.
  public static func samples(_ path: String, limits: Limits = .standard) throws(ImageError) -> ImageSamples {
    let head = try Files.head(path, ImageFormat.headBytes)
    let format = ImageFormat.detect(head)
    switch format {
    case .png, .jpeg, .jpegLS, .jpeg2000, .jpegXL:
      let bytes = try Files.read(path, limits: limits)
      do throws(ImageError) {
        return format == .png
          ? ImageSamples(try PNG.raster(bytes, limits: limits))
          : try CodestreamFile.samples(bytes, limits: limits)
      } catch { throw error.at(path) }
    default: return ImageSamples(try read(path, limits: limits))
    }
  }
}
