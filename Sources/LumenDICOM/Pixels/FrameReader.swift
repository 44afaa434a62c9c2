// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
import LumenCore

/// Reads the frames of one open file as they are stored: samples interleaved, this machine's byte order, one byte a
/// sample for 1-bit images. What the file claims is checked against what it has before any frame is read.
///
/// Frames may be read in any order and by several threads at a time, each into its own buffer.
struct FrameReader: Sendable {
  /// How the samples of a frame read are to be understood.
  enum ColourModel: Equatable, Sendable { case asStored, rgb, ybrFull }
  /// What a frame read is: how its samples are to be understood, and the bits they use.
  struct Content: Equatable, Sendable {
    var model: ColourModel
    var bits: Int
  }

  let header: InstanceHeader
  /// Pixels of a frame.
  let plane: Int
  /// Bytes of a frame as read.
  let frameBytes: Int
  let source: PixelSource
  let limits: Limits
  /// Native frames with one Cb and one Cr for two pixels.
  private let isSubsampled: Bool
  /// Fragments of every frame of an encapsulated file.
  private let table: [Range<Int>]

  /// Reads an open file.
  init(_ handle: DICOMHandle, _ header: InstanceHeader, limits: Limits) throws(ImageError) {
    try Self.check(header, frames: header.frames, limits)
    try self.init(try PixelSource(handle, header), header, limits)
  }

  /// Reads some frames of a file without parsing it again; nil when its pixels were not located, or are not there.
  init?(scanned header: InstanceHeader, frames: Int, limits: Limits) throws(ImageError) {
    try Self.check(header, frames: frames, limits)
    guard let place = header.pixelLocation, let source = PixelSource(at: place, of: header) else { return nil }
    try self.init(source, header, limits)
  }

  /// - Parameter frames: how many of them may be held at a time.
  private static func check(_ header: InstanceHeader, frames: Int, _ limits: Limits) throws(ImageError) {
    let h = header
    guard h.hasPixelData else {
      throw ImageError(.malformed, "has no pixel data", hint: "this object holds no image, or it was cut")
    }
    guard h.transferSyntax.isReadable else {
      throw ImageError(.unsupported, "pixels are stored as \(h.transferSyntax.name), which is not read")
    }
    guard h.samplesPerPixel == 1 || h.samplesPerPixel == 3 else {
      throw ImageError(.unsupported, "Samples per Pixel is \(h.samplesPerPixel), expected 1 or 3")
    }
    guard 1...32 ~= h.bitsAllocated || h.floatBits > 0 else {
      throw ImageError(.unsupported, "Bits Allocated is \(h.bitsAllocated), expected 1 to 32")
    }
    guard h.floatBits > 0 || (h.bitsStored >= 1 && h.bitsStored <= h.bitsAllocated) else {
      throw ImageError(.malformed, "Bits Stored is \(h.bitsStored) with Bits Allocated \(h.bitsAllocated)")
    }
    guard h.samplesPerPixel == 1 || ([8, 16, 32].contains(h.bitsAllocated) && h.floatBits == 0) else {
      throw ImageError(.unsupported, "colour with \(h.bitsAllocated) bits allocated is not read")
    }
    let bytes =
      try limits.checkedBytes(
        columns: h.columns, rows: h.rows, slices: frames, bytesPerVoxel: h.samplesPerPixel * h.bytesPerSample) / frames
    // So that the bits of all frames can be counted.
    guard h.frames <= Int.max / 16 / bytes else {
      throw ImageError(.limitExceeded, "\(h.frames) frames of \(bytes) bytes are more than can be counted")
    }
  }

  private init(_ source: PixelSource, _ header: InstanceHeader, _ limits: Limits) throws(ImageError) {
    self.header = header
    self.limits = limits
    self.source = source
    plane = header.columns * header.rows
    frameBytes = plane * header.samplesPerPixel * header.bytesPerSample
    let total = frameBytes * header.frames
    if source.isEncapsulated {
      isSubsampled = false
      table = try FrameTable.ranges(source, header)
      try Self.checkExpansion(source, total, limits)
    } else {
      table = []
      // Some writers say 4:2:2 and store every sample; the length tells.
      isSubsampled =
        header.photometricInterpretation == "YBR_FULL_422" && !(total...total + 1 ~= source.length)
      try checkNative()
    }
  }

  private func checkNative() throws(ImageError) {
    let h = header
    if isSubsampled {
      guard h.samplesPerPixel == 3, h.bitsAllocated == 8, h.columns % 2 == 0 else {
        throw ImageError(.unsupported, "YBR_FULL_422 with \(h.columns) columns of \(h.bitsAllocated) bits is not read")
      }
    }
    guard isWhole || h.transferSyntax != .explicitVRBigEndian else {
      throw ImageError(.unsupported, "big-endian pixels of \(h.bitsAllocated) bits allocated are not read")
    }
    let expected = isSubsampled ? plane * 2 * h.frames : (frameBits * h.frames + 7) / 8
    guard source.length >= expected else {
      let tag = h.floatBits == 32 ? Tag.floatPixelData : h.floatBits == 64 ? .doubleFloatPixelData : .pixelData
      throw ImageError(
        .malformed, "Pixel Data \(tag) has \(source.length) bytes, expected \(expected)",
        hint: "the transfer was probably cut; fetch the instance again")
    }
  }

  /// Small images may be as uniform as they like; large ones must have paid for their size.
  private static func checkExpansion(_ source: PixelSource, _ total: Int, _ limits: Limits) throws(ImageError) {
    guard total > 64 << 20 else { return }
    let compressed = source.fragmentLengths.reduce(0, +)
    guard total / limits.expansion <= compressed else {
      throw ImageError(
        .limitExceeded, "\(compressed) compressed bytes claim \(total), more than \(limits.expansion) times as many")
    }
  }

  private var frameBits: Int { plane * header.samplesPerPixel * header.bitsAllocated }
  /// Whether samples fill whole bytes of their own, or single bits.
  private var isWhole: Bool { [1, 8, 16, 32, 64].contains(header.bitsAllocated) }

  /// Reads a frame into `frameBytes` bytes, with its stored bits in order.
  func read(_ frame: Int, into out: UnsafeMutableRawBufferPointer) throws(ImageError) -> Content {
    precondition(out.count == frameBytes && 0..<header.frames ~= frame, "a buffer of one frame")
    do throws(ImageError) {
      if !source.isEncapsulated { return clean(try readNative(frame, out), out) }
      let bytes = try source.fragments(table[frame])
      return try bytes.withUnsafeBufferPointer { b throws(ImageError) in
        try decode(UnsafeRawBufferPointer(b), out)
      }
    } catch { throw header.frames > 1 ? error.at("frame \(frame + 1)") : error }
  }

  /// Puts the stored bits of a frame in order.
  func clean(_ model: ColourModel, _ out: UnsafeMutableRawBufferPointer) -> Content {
    header.clean(out, stored: header.bitsStored)
    return Content(model: model, bits: header.bitsStored)
  }

  private func readNative(_ frame: Int, _ out: UnsafeMutableRawBufferPointer) throws(ImageError) -> ColourModel {
    if isWhole && header.bitsAllocated > 1 && !isSubsampled && !isPlanar {
      try source.native(frame * frameBytes, out)
      return storedModel
    }
    // Bits of consecutive frames follow without padding.
    let bits = isSubsampled ? plane * 16 : frameBits
    let first = frame * bits, end = first + bits
    var bytes = [UInt8](repeating: 0, count: (end + 7) / 8 - first / 8)
    try bytes.withUnsafeMutableBufferPointer { b throws(ImageError) in
      try source.native(first / 8, UnsafeMutableRawBufferPointer(b))
    }
    return expand(bytes, from: first % 8, to: out)
  }

  private var isPlanar: Bool { header.samplesPerPixel == 3 && header.planarConfiguration == 1 }

  var storedModel: ColourModel {
    header.samplesPerPixel == 1 ? .asStored : header.photometricInterpretation.hasPrefix("YBR_FULL") ? .ybrFull : .rgb
  }

  /// One frame in its native layout, beginning at a bit of the first byte.
  func expand(_ bytes: [UInt8], from bit: Int, to out: UnsafeMutableRawBufferPointer) -> ColourModel {
    if header.bitsAllocated == 1 {
      PackedBits.expand(bytes, from: bit, to: out)
    } else if isSubsampled {
      for pair in 0..<plane / 2 {
        let (y0, y1, b, r) = (bytes[4 * pair], bytes[4 * pair + 1], bytes[4 * pair + 2], bytes[4 * pair + 3])
        for (i, value) in [y0, b, r, y1, b, r].enumerated() { out[6 * pair + i] = value }
      }
    } else if !isWhole {
      PackedBits.expand(bytes, from: bit, width: header.bitsAllocated, bytesPerSample: header.bytesPerSample, to: out)
    } else if isPlanar {
      Interleave.planes(bytes, into: out, samples: header.samplesPerPixel, bytesPerSample: header.bytesPerSample)
    } else {
      out.copyBytes(from: bytes)
    }
    return storedModel
  }
}

extension FrameReader {
  /// Reads every frame with `body`, in parallel where that pays; the error of the first frame that fails.
  func forEachFrame(_ body: @Sendable (Int) throws(ImageError) -> Void) throws(ImageError) {
    let failures = FirstFailure()
    parallelFor(header.frames, grain: max(1, (1 << 16) / max(1, frameBytes))) { range in
      for frame in range {
        do throws(ImageError) { try body(frame) } catch { failures.add(frame, error) }
      }
    }
    try failures.check()
  }
}
