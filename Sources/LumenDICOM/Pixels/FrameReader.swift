// SPDX-License-Identifier: Apache-2.0
import CDCMTK
import LumenCore

/// Reads the frames of one open file as they are stored: samples interleaved, this machine's byte order, one byte a
/// sample for 1-bit images. What the file claims is checked against what it has before any frame is read.
struct FrameReader {
  /// How the samples of a frame read are to be understood.
  enum ColourModel: Equatable { case asStored, rgb, ybrFull }

  let handle: DICOMHandle
  let header: InstanceHeader
  /// Pixels of a frame.
  let plane: Int
  /// Bytes of a frame as read.
  let frameBytes: Int
  private let info: cdcm_pixels
  private let bytesPerSample: Int
  /// Native frames with one Cb and one Cr for two pixels.
  private let isSubsampled: Bool
  /// First fragment of the next frame of an encapsulated file.
  private var fragment: UInt32 = 0

  init(_ handle: DICOMHandle, _ header: InstanceHeader, limits: Limits) throws(ImageError) {
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
    guard [1, 8, 16, 32].contains(h.bitsAllocated) || h.floatBits > 0 else {
      throw ImageError(.unsupported, "Bits Allocated is \(h.bitsAllocated), expected 1, 8, 16 or 32")
    }
    guard h.floatBits > 0 || (h.bitsStored >= 1 && h.bitsStored <= h.bitsAllocated) else {
      throw ImageError(.malformed, "Bits Stored is \(h.bitsStored) with Bits Allocated \(h.bitsAllocated)")
    }
    guard h.samplesPerPixel == 1 || (h.bitsAllocated > 1 && h.floatBits == 0) else {
      throw ImageError(.unsupported, "colour with \(h.bitsAllocated) bits allocated is not read")
    }
    let total = try limits.checkedBytes(
      columns: h.columns, rows: h.rows, slices: h.frames, bytesPerVoxel: h.samplesPerPixel * h.bytesPerSample)
    self.handle = handle
    self.header = header
    plane = h.columns * h.rows
    bytesPerSample = h.bytesPerSample
    frameBytes = total / h.frames
    info = handle.pixelInfo
    isSubsampled = info.encapsulated == 0 && h.photometricInterpretation == "YBR_FULL_422"
    guard frameBytes < Int(UInt32.max) - 2 else {
      throw ImageError(.limitExceeded, "a frame has \(frameBytes) bytes, the limit is 4 GiB")
    }
    if info.encapsulated != 0 { try checkFragments(total, limits) } else { try checkNative() }
  }

  private func checkNative() throws(ImageError) {
    let h = header
    if isSubsampled {
      guard h.samplesPerPixel == 3, h.bitsAllocated == 8, h.columns % 2 == 0 else {
        throw ImageError(.unsupported, "YBR_FULL_422 with \(h.columns) columns of \(h.bitsAllocated) bits is not read")
      }
    }
    let expected = isSubsampled ? plane * 2 * h.frames : (frameBits * h.frames + 7) / 8
    guard info.length >= UInt64(expected) else {
      let tag = h.floatBits == 32 ? Tag.floatPixelData : h.floatBits == 64 ? .doubleFloatPixelData : .pixelData
      throw ImageError(
        .malformed, "Pixel Data \(tag) has \(info.length) bytes, expected \(expected)",
        hint: "the transfer was probably cut; fetch the instance again")
    }
  }

  private func checkFragments(_ total: Int, _ limits: Limits) throws(ImageError) {
    guard header.transferSyntax.isEncapsulated else {
      throw ImageError(.malformed, "pixels are compressed, but the transfer syntax is \(header.transferSyntax.name)")
    }
    guard Int(info.fragments) >= header.frames else {
      throw ImageError(
        .malformed, "has \(info.fragments) compressed fragments for \(header.frames) frames",
        hint: "the transfer was probably cut; fetch the instance again")
    }
    // Small images may be as uniform as they like; large ones must have paid for their size.
    guard total > 64 << 20 else { return }
    var compressed = 0
    for i in 1...max(1, info.fragments) { compressed += max(0, Int(cdcm_fragment_length(handle.file, i))) }
    guard total / limits.expansion <= compressed else {
      throw ImageError(
        .limitExceeded, "\(compressed) compressed bytes claim \(total), more than \(limits.expansion) times as many")
    }
  }

  private var frameBits: Int { plane * header.samplesPerPixel * header.bitsAllocated }

  /// Reads the next frame; frames of an encapsulated file have to be read in order.
  mutating func read(_ frame: Int, into out: UnsafeMutableRawBufferPointer) throws(ImageError) -> ColourModel {
    precondition(out.count == frameBytes && frame < header.frames, "a buffer of one frame")
    do {
      if info.encapsulated == 0 { return try readNative(frame, out) }
      if header.transferSyntax == .rleLossless { return try readRunLength(frame, out) }
      return try readCompressed(frame, out)
    } catch { throw header.frames > 1 ? error.at("frame \(frame + 1)") : error }
  }

  private func readNative(_ frame: Int, _ out: UnsafeMutableRawBufferPointer) throws(ImageError) -> ColourModel {
    if header.bitsAllocated == 1 {
      // Bits of consecutive frames follow without padding, least significant bit first.
      let first = frame * plane, end = first + plane
      let bytes = try native(first / 8, (end + 7) / 8 - first / 8)
      Self.expandBits(bytes, from: first % 8, to: out)
      return .asStored
    }
    if isSubsampled {
      let bytes = try native(frame * plane * 2, plane * 2)
      for pair in 0..<plane / 2 {
        let (y0, y1, b, r) = (bytes[4 * pair], bytes[4 * pair + 1], bytes[4 * pair + 2], bytes[4 * pair + 3])
        for (i, value) in [y0, b, r, y1, b, r].enumerated() { out[6 * pair + i] = value }
      }
      return .ybrFull
    }
    if header.samplesPerPixel == 3 && header.planarConfiguration == 1 {
      interleave(try native(frame * frameBytes, frameBytes), out)
    } else {
      try native(frame * frameBytes, out)
    }
    return storedModel
  }

  private var storedModel: ColourModel {
    header.samplesPerPixel == 1 ? .asStored : header.photometricInterpretation.hasPrefix("YBR_FULL") ? .ybrFull : .rgb
  }

  private func native(_ offset: Int, _ count: Int) throws(ImageError) -> [UInt8] {
    var result: Result<Void, ImageError> = .success(())
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, n in
      result = Result { () throws(ImageError) in try native(offset, UnsafeMutableRawBufferPointer(buffer)) }
      if case .success = result { n = count }
    }
    try result.get()
    return bytes
  }

  private func native(_ offset: Int, _ out: UnsafeMutableRawBufferPointer) throws(ImageError) {
    var error = cdcm_error()
    guard cdcm_native(handle.file, UInt64(offset), out.baseAddress, UInt64(out.count), &error) != 0 else {
      throw ImageError(.malformed, "Pixel Data cannot be read: \(DICOMHandle.text(error))")
    }
  }

  private static func expandBits(_ bytes: [UInt8], from first: Int, to out: UnsafeMutableRawBufferPointer) {
    for i in 0..<out.count { out[i] = bytes[(first + i) >> 3] >> UInt8((first + i) & 7) & 1 }
  }

  private func interleave(_ planes: [UInt8], _ out: UnsafeMutableRawBufferPointer) {
    let samples = header.samplesPerPixel, size = bytesPerSample
    for s in 0..<samples {
      for p in 0..<plane {
        for b in 0..<size { out[(p * samples + s) * size + b] = planes[(s * plane + p) * size + b] }
      }
    }
  }

  private mutating func readCompressed(
    _ frame: Int, _ out: UnsafeMutableRawBufferPointer
  ) throws(ImageError) -> ColourModel {
    guard header.bitsAllocated > 1, header.floatBits == 0 else {
      throw ImageError(.unsupported, "\(header.transferSyntax.name) with 1-bit or float pixels is not read")
    }
    if frameBytes % 2 == 0 { return try decompress(frame, out) }
    // The decoder wants room for an even number of bytes.
    let padded = UnsafeMutableRawBufferPointer.allocate(byteCount: frameBytes + 1, alignment: 16)
    defer { padded.deallocate() }
    let model = try decompress(frame, padded)
    out.copyMemory(from: UnsafeRawBufferPointer(rebasing: padded[..<frameBytes]))
    return model
  }

  private mutating func decompress(
    _ frame: Int, _ out: UnsafeMutableRawBufferPointer
  ) throws(ImageError) -> ColourModel {
    var error = cdcm_error()
    let name = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { colour -> String? in
      let done = cdcm_frame(
        handle.file, UInt32(frame), &fragment, out.baseAddress, UInt32(out.count), colour.baseAddress, &error)
      return done != 0 ? colour.baseAddress.map { String(cString: $0) } : nil
    }
    guard let name else {
      throw ImageError(
        .malformed, "\(header.transferSyntax.name) cannot be decoded: \(DICOMHandle.text(error))",
        hint: "the file is damaged or its compression is a variant that is not read")
    }
    if header.samplesPerPixel == 1 { return .asStored }
    return name.hasPrefix("YBR") ? .ybrFull : .rgb
  }

  private func readRunLength(_ frame: Int, _ out: UnsafeMutableRawBufferPointer) throws(ImageError) -> ColourModel {
    let bytes = try fragments(of: frame)
    if header.bitsAllocated == 1 {
      let packed = try RunLength.decode(bytes, pixels: (plane + 7) / 8, samples: 1, bytesPerSample: 1)
      Self.expandBits(packed, from: 0, to: out)
      return .asStored
    }
    let decoded = try RunLength.decode(
      bytes, pixels: plane, samples: header.samplesPerPixel, bytesPerSample: bytesPerSample)
    decoded.withUnsafeBytes { out.copyMemory(from: $0) }
    return storedModel
  }

  /// The compressed bytes of a frame: its fragment, all of them for a single frame, else by the offset table.
  private func fragments(of frame: Int) throws(ImageError) -> [UInt8] {
    let count = Int(info.fragments)
    if count == header.frames { return try fragment(frame + 1) }
    if header.frames == 1 {
      var bytes: [UInt8] = []
      for i in 1...count { bytes += try fragment(i) }
      return bytes
    }
    throw ImageError(
      .unsupported, "RLE with \(count) fragments for \(header.frames) frames is not read, PS3.5 G.2 asks for one each")
  }

  private func fragment(_ index: Int) throws(ImageError) -> [UInt8] {
    let length = cdcm_fragment_length(handle.file, UInt32(index))
    guard length >= 0 else { throw ImageError(.malformed, "compressed fragment \(index) is missing") }
    var done = false
    let bytes = [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, n in
      done = cdcm_fragment(handle.file, UInt32(index), buffer.baseAddress, UInt64(length)) != 0
      n = done ? Int(length) : 0
    }
    guard done else { throw ImageError(.malformed, "compressed fragment \(index) cannot be read") }
    return bytes
  }
}
