// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Decoded samples of a picture file, interleaved, 8-bit or 16-bit in host order: what the C libraries give and take.
struct Raster {
  var columns: Int
  var rows: Int
  /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
  var channels: Int
  /// 8 or 16.
  var bits: Int
  var bytes: [UInt8]

  /// The first channel as one slice.
  var grey: AnyVolume {
    let geometry = Geometry(size: Size(columns: columns, rows: rows))
    return bytes.withUnsafeBytes { source in
      bits == 8
        ? .u8(
          Volume(geometry) { out in
            for i in 0..<out.count { out[i] = source[i &* channels] }
          })
        : .u16(
          Volume(geometry) { out in
            let samples = source.assumingMemoryBound(to: UInt16.self)
            for i in 0..<out.count { out[i] = samples[i &* channels] }
          })
    }
  }

  /// The first three channels.
  var colour: ColourImage {
    let pixels = columns * rows
    let samples = bytes.withUnsafeBytes { source in
      [UInt16](unsafeUninitializedCapacity: pixels * 3) { out, count in
        let wide = source.assumingMemoryBound(to: UInt16.self)
        for i in 0..<pixels {
          let (from, to) = (i &* channels, i &* 3)
          for c in 0..<3 { out[to &+ c] = bits == 8 ? UInt16(source[from &+ c]) : wide[from &+ c] }
        }
        count = pixels * 3
      }
    }
    return ColourImage(columns: columns, rows: rows, bits: bits, samples: samples)
  }

  init(columns: Int, rows: Int, channels: Int, bits: Int, bytes: [UInt8]) {
    (self.columns, self.rows, self.channels, self.bits, self.bytes) = (columns, rows, channels, bits, bytes)
  }

  /// A picture in 8 or 16 bits; samples of other depths are scaled so that full stays full.
  init(_ image: ColourImage) {
    let most = UInt32(1) << UInt32(image.bits) - 1, full: UInt32 = image.bits <= 8 ? 255 : 65_535
    let scaled = image.samples.map { UInt16((min(UInt32($0), most) * full + most / 2) / most) }
    self.init(
      columns: image.columns, rows: image.rows, channels: 3, bits: image.bits <= 8 ? 8 : 16,
      bytes: image.bits <= 8 ? scaled.map { UInt8($0) } : scaled.withUnsafeBytes { Array($0) })
  }

  /// One slice of unsigned grey levels, 8-bit, or 16-bit for PNG.
  init(_ volume: AnyVolume, format: ImageFormat) throws(ImageError) {
    let size = volume.size
    guard size.slices == 1 else {
      throw ImageError(
        .invalidParameter, "\(format.name) stores one slice, this volume has \(size.slices)",
        hint: "write one slice at a time, or NIfTI")
    }
    switch volume {
    case .u8(let v):
      self.init(columns: size.columns, rows: size.rows, channels: 1, bits: 8, bytes: v.withVoxels { Array($0) })
    case .u16(let v) where format == .png:
      self.init(
        columns: size.columns, rows: size.rows, channels: 1, bits: 16,
        bytes: v.withVoxels { Array(UnsafeRawBufferPointer($0)) })
    default:
      throw ImageError(
        .invalidParameter,
        "\(format.name) stores \(format == .png ? "uint8 and uint16" : "uint8") grey levels, "
          + "this volume has \(volume.kind.rawValue)",
        hint: "choose a window and convert, or write NIfTI")
    }
  }
}
