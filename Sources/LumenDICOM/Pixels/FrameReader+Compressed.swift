// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
import LumenCore
import Synchronization

extension FrameReader {
  /// Decodes one frame by what its bytes are, whatever the transfer syntax says.
  func decode(
    _ bytes: UnsafeRawBufferPointer, _ out: UnsafeMutableRawBufferPointer
  ) throws(ImageError) -> Content {
    let rawBytes = (plane * header.samplesPerPixel * header.bitsAllocated + 7) / 8
    // Bare pixels may begin with any bytes, a codestream's among them; their length tells.
    let isBare = header.transferSyntax == .encapsulatedUncompressed && rawBytes...rawBytes + 1 ~= bytes.count
    if !isBare && Codestream.detect(bytes) != nil { return try decodeCodestream(bytes, out) }
    return clean(try decodeOther(bytes, rawBytes, out), out)
  }

  /// Decodes a frame that is no codestream.
  private func decodeOther(
    _ bytes: UnsafeRawBufferPointer, _ rawBytes: Int, _ out: UnsafeMutableRawBufferPointer
  ) throws(ImageError) -> ColourModel {
    switch header.transferSyntax {
    case .deflatedImageFrame:
      var raw = [UInt8](repeating: 0, count: rawBytes)
      try raw.withUnsafeMutableBufferPointer { r throws(ImageError) in
        try Deflate.inflate(bytes, into: UnsafeMutableRawBufferPointer(r))
      }
      return expand(raw, from: 0, to: out)
    case .encapsulatedUncompressed:
      guard bytes.count >= rawBytes else {
        throw ImageError(.malformed, "the frame has \(bytes.count) bytes, expected \(rawBytes)")
      }
      return expand(Array(bytes.prefix(rawBytes)), from: 0, to: out)
    case .rleLossless: return try decodeRunLength(bytes, out)
    default:
      if bytes.count > 64, RunLength.isHeader(bytes, header) { return try decodeRunLength(bytes, out) }
      throw ImageError(
        .malformed,
        "the compressed data begin like no known codestream; the transfer syntax is "
          + header.transferSyntax.name, hint: "the file is damaged; fetch the instance again")
    }
  }

  private func decodeRunLength(
    _ bytes: UnsafeRawBufferPointer, _ out: UnsafeMutableRawBufferPointer
  ) throws(ImageError) -> ColourModel {
    if header.bitsAllocated == 1 {
      var packed = [UInt8](repeating: 0, count: (plane + 7) / 8)
      try packed.withUnsafeMutableBufferPointer { p throws(ImageError) in
        try RunLength.decode(
          bytes, pixels: p.count, samples: 1, bytesPerSample: 1, into: UnsafeMutableRawBufferPointer(p))
      }
      return expand(packed, from: 0, to: out)
    }
    guard header.bitsAllocated % 8 == 0, header.bitsAllocated != 24, header.floatBits == 0 else {
      throw ImageError(.unsupported, "RLE with \(header.bitsAllocated) bits allocated is not read")
    }
    try RunLength.decode(
      bytes, pixels: plane, samples: header.samplesPerPixel, bytesPerSample: header.bytesPerSample, into: out)
    return storedModel
  }

  private func decodeCodestream(
    _ bytes: UnsafeRawBufferPointer, _ out: UnsafeMutableRawBufferPointer
  ) throws(ImageError) -> Content {
    let code = try Codestream.header(bytes, limits: limits), h = header
    guard h.floatBits == 0 else {
      throw ImageError(.malformed, "float pixels are stored as \(code.codec.name), which holds integers")
    }
    guard code.columns == h.columns, code.rows == h.rows, code.components == h.samplesPerPixel else {
      throw ImageError(
        .malformed,
        "the \(code.codec.name) codestream has \(code.columns) × \(code.rows) pixels of \(code.components) samples, "
          + "the header says \(h.columns) × \(h.rows) of \(h.samplesPerPixel)")
    }
    guard code.bits <= h.bitsAllocated else {
      throw ImageError(
        .malformed,
        "the \(code.codec.name) codestream has \(code.bits) bits a sample, Bits Allocated is \(h.bitsAllocated)")
    }
    let isYCC = code.colour == .ycc || (code.colour == .unspecified && h.photometricInterpretation.hasPrefix("YBR"))
    let converts = isYCC && code.canConvertYCC
    // A single large image may use the machine; frames and files are parallel already.
    let threads = h.frames == 1 && plane >= 4 << 20 ? Parallel.width : 1
    if code.bytesPerSample == h.bytesPerSample {
      try Codestream.decode(bytes, code, into: out, convertsYCC: converts, threads: threads)
    } else {
      var narrow = [UInt8](repeating: 0, count: code.byteCount)
      try narrow.withUnsafeMutableBufferPointer { n throws(ImageError) in
        try Codestream.decode(
          bytes, code, into: UnsafeMutableRawBufferPointer(n), convertsYCC: converts, threads: threads)
      }
      Self.widen(narrow, code, h.bytesPerSample, out)
    }
    lift(code, out)
    let bits = try storedBits(code, out)
    h.clean(out, stored: bits)
    if h.samplesPerPixel == 1 { return Content(model: .asStored, bits: bits) }
    let isYBR = isYCC && !converts && !(code.codec == .jpeg2000 && code.colour == .unspecified && !storedAsYBR)
    return Content(model: isYBR ? .ybrFull : .rgb, bits: bits)
  }

  /// The bits that hold the values: a codestream deeper than the header says is believed, with its values whole. Where
  /// they also disagree on the sign, every value has to be one that Bits Stored can hold.
  private func storedBits(
    _ code: CodestreamHeader, _ out: UnsafeMutableRawBufferPointer
  ) throws(ImageError) -> Int {
    let h = header
    let high = h.highBit >= h.bitsStored - 1 && h.highBit < h.bitsAllocated ? h.highBit : h.bitsStored - 1
    // Whole words were coded where the values lie in their upper bits, or overlays above them.
    guard code.bits > high + 1, !h.hasOverlayBits else { return h.bitsStored }
    guard code.isSigned != h.isSigned else { return code.bits }
    let stored = h.bitsStored, width = 8 * h.bytesPerSample, top = 1 << stored
    func fits(_ word: Int) -> Bool {
      // Signed values may have been coded as words with or without copies of their sign.
      word < top || (h.isSigned && word >= 1 << width - top / 2)
    }
    let allFit =
      switch h.bytesPerSample {
      case 1: out.allSatisfy { fits(Int($0)) }
      case 2: out.assumingMemoryBound(to: UInt16.self).allSatisfy { fits(Int($0)) }
      default: out.assumingMemoryBound(to: UInt32.self).allSatisfy { fits(Int($0)) }
      }
    guard allFit else {
      throw ImageError(
        .malformed,
        "the \(code.codec.name) codestream has \(code.isSigned ? "" : "un")signed values of \(code.bits) bits, "
          + "the header says \(h.isSigned ? "" : "un")signed ones of \(stored)")
    }
    return stored
  }

  /// YBR_RCT and YBR_ICT name what the codestream undoes; YBR_FULL names the samples themselves.
  private var storedAsYBR: Bool { header.photometricInterpretation.hasPrefix("YBR_FULL") }

  /// Samples of a shallow codestream in the wider cells of the header.
  private static func widen(
    _ samples: [UInt8], _ code: CodestreamHeader, _ bytesPerSample: Int, _ out: UnsafeMutableRawBufferPointer
  ) {
    samples.withUnsafeBytes { from in
      for i in 0..<samples.count / code.bytesPerSample {
        let value: Int32 =
          switch (code.bytesPerSample, code.isSigned) {
          case (1, false): Int32(from[i])
          case (1, true): Int32(Int8(bitPattern: from[i]))
          case (_, false): Int32(from.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self))
          case (_, true): Int32(from.loadUnaligned(fromByteOffset: 2 * i, as: Int16.self))
          }
        if bytesPerSample == 2 {
          out.storeBytes(of: UInt16(truncatingIfNeeded: value), toByteOffset: 2 * i, as: UInt16.self)
        } else {
          out.storeBytes(of: value, toByteOffset: 4 * i, as: Int32.self)
        }
      }
    }
  }

  /// Codestreams hold values at the bottom of their word; a High Bit above Bits Stored − 1 promises them higher up.
  private func lift(_ code: CodestreamHeader, _ out: UnsafeMutableRawBufferPointer) {
    let h = header, shift = h.highBit - (h.bitsStored - 1)
    guard shift > 0, h.highBit < h.bitsAllocated, code.bits <= h.bitsStored else { return }
    switch h.bytesPerSample {
    case 1: for i in out.indices { out[i] <<= UInt8(shift) }
    case 2:
      let words = out.assumingMemoryBound(to: UInt16.self)
      for i in words.indices { words[i] <<= UInt16(shift) }
    default:
      let words = out.assumingMemoryBound(to: UInt32.self)
      for i in words.indices { words[i] <<= UInt32(shift) }
    }
  }
}

/// The error of the lowest index among parallel work, the same for any number of threads.
final class FirstFailure: Sendable {
  private let first = Mutex<(index: Int, error: ImageError)?>(nil)

  func add(_ index: Int, _ error: ImageError) {
    first.withLock { f in if f.map({ index < $0.index }) ?? true { f = (index, error) } }
  }

  func check() throws(ImageError) {
    if let failure = first.withLock({ $0 }) { throw failure.error }
  }
}

/// The colour model of the first frame among parallel work.
final class FirstModel: Sendable {
  private let first = Mutex<(index: Int, model: FrameReader.ColourModel)?>(nil)

  func add(_ index: Int, _ content: FrameReader.Content) {
    first.withLock { f in if f.map({ index < $0.index }) ?? true { f = (index, content.model) } }
  }

  var value: FrameReader.ColourModel { first.withLock { $0?.model ?? .asStored } }
}
