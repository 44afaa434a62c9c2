// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// A compressed image without a file format around it, told by its first bytes.
///
/// JPEG 2000 is found raw or inside a JP2 file, JPEG XL raw or inside its container.
///
///     let header = try Codestream.header(bytes)
///     var samples = [UInt8](repeating: 0, count: header.byteCount)
///     try samples.withUnsafeMutableBytes { out in try Codestream.decode(bytes, header, into: out) }
///
/// - Source: ISO/IEC 10918-1 (JPEG), 14495-1 (JPEG-LS), 15444-1 and 15444-15 (JPEG 2000, HTJ2K), 18181-1 (JPEG XL).
public enum Codestream: String, Sendable, CaseIterable {
  case jpeg, jpegLS, jpeg2000, jpegXL

  /// The name of the standard.
  public var name: String {
    switch self {
    case .jpeg: "JPEG"
    case .jpegLS: "JPEG-LS"
    case .jpeg2000: "JPEG 2000"
    case .jpegXL: "JPEG XL"
    }
  }

  /// The kind of codestream that begins with these bytes; nil when it is none.
  public static func detect(_ bytes: UnsafeRawBufferPointer) -> Codestream? {
    func has(_ signature: [UInt8]) -> Bool { bytes.count >= signature.count && bytes.starts(with: signature) }
    if has([0xFF, 0x4F, 0xFF, 0x51]) || has([0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20]) { return .jpeg2000 }
    if has([0xFF, 0x0A]) || has([0, 0, 0, 12, 0x4A, 0x58, 0x4C, 0x20]) { return .jpegXL }
    guard has([0xFF, 0xD8, 0xFF]) else { return nil }
    return JPEGMarkers.frameMarker(bytes) == 0xF7 ? .jpegLS : .jpeg
  }

  /// The shape of an image, read without decoding it and checked against the limits.
  ///
  /// - Throws: `unsupported` for other bytes and for variants that are not decoded; `malformed`; `limitExceeded`.
  public static func header(
    _ bytes: UnsafeRawBufferPointer, limits: Limits = .standard
  ) throws(ImageError) -> CodestreamHeader {
    guard let codec = detect(bytes) else {
      throw ImageError(.unsupported, "the compressed data are no JPEG, JPEG-LS, JPEG 2000 or JPEG XL codestream")
    }
    let header: CodestreamHeader
    switch codec {
    case .jpeg: header = try JPEGMarkers(bytes).header()
    case .jpegLS: header = try JPEGMarkers(bytes).header()
    case .jpeg2000: header = try JPEG2000(bytes).header
    case .jpegXL: header = try JPEGXL.header(bytes)
    }
    let size = try limits.checkedBytes(
      columns: header.columns, rows: header.rows, slices: 1,
      bytesPerVoxel: header.components * header.bytesPerSample)
    // Small images may be as uniform as they like; large ones must have paid for their size.
    guard size <= 64 << 20 || size / limits.expansion <= bytes.count else {
      throw ImageError(
        .limitExceeded,
        "\(codec.name): \(header.columns) × \(header.rows) pixels need \(size) bytes, more than \(limits.expansion) "
          + "times the \(bytes.count) compressed ones")
    }
    return header
  }

  /// Decodes into `header.byteCount` bytes: samples interleaved, this machine's byte order, one, two or four bytes a
  /// sample, signed ones as two's complement.
  ///
  /// - Parameters:
  ///   - header: what ``header(_:limits:)`` gave for the same bytes.
  ///   - convertsYCC: of a JPEG with DCT the three components are YCbCr and wanted as RGB.
  ///   - threads: of OpenJPEG, for single large images.
  /// - Throws: `malformed` for damaged or cut data, which is never filled in; `unsupported`.
  public static func decode(
    _ bytes: UnsafeRawBufferPointer, _ header: CodestreamHeader, into out: UnsafeMutableRawBufferPointer,
    convertsYCC: Bool = false, threads: Int = 1
  ) throws(ImageError) {
    precondition(out.count == header.byteCount, "a buffer of the header's size")
    switch header.codec {
    case .jpeg: try JPEGMarkers(bytes).decode(into: out, convertsYCC: convertsYCC)
    case .jpegLS: try JPEGLS.decode(bytes, header, into: out)
    case .jpeg2000: try JPEG2000(bytes).decode(into: out, threads: threads)
    case .jpegXL: try JPEGXL.decode(bytes, header, into: out)
    }
  }
}

/// What a codestream says about its image.
public struct CodestreamHeader: Sendable, Equatable {
  /// What the components mean, as far as the codestream itself says.
  public enum Colour: Sendable, Equatable { case unspecified, grey, rgb, ycc }

  /// The standard it follows.
  public var codec: Codestream
  /// Pixels a row.
  public var columns: Int
  /// Number of rows.
  public var rows: Int
  /// Samples a pixel.
  public var components: Int
  /// Bits of the deepest component, 1 … 31.
  public var bits: Int
  /// Whether a component holds two's complement.
  public var isSigned = false
  /// What the components mean once decoded; of JPEG, before a conversion.
  public var colour = Colour.unspecified
  /// Whether YCbCr can be converted on the way: three components of a JPEG with DCT.
  public var canConvertYCC = false

  /// Bytes a decoded sample: 1, 2 or 4.
  public var bytesPerSample: Int { bits <= 8 ? 1 : bits <= 16 ? 2 : 4 }
  /// Bytes of the decoded image.
  public var byteCount: Int { columns * rows * components * bytesPerSample }
}

/// Room for the text of a C library's error.
package struct Message {
  private var bytes = [CChar](repeating: 0, count: 256)

  package init() {}

  /// Calls a C function with the room.
  package mutating func fill<R>(_ body: (UnsafeMutablePointer<CChar>?) -> R) -> R {
    bytes.withUnsafeMutableBufferPointer { body($0.baseAddress) }
  }

  /// What the function said; controls and non-ASCII bytes shown as "?".
  package var text: String {
    String(bytes.prefix { $0 != 0 }.map { 0x20..<0x7F ~= $0 ? Character(Unicode.Scalar(UInt8($0))) : "?" })
  }
}

extension Codestream {
  /// The error of a decoder that gave up.
  func failure(_ text: String) -> ImageError {
    ImageError(
      .malformed, "\(name) cannot be decoded: \(text)", hint: "the data are damaged or cut; fetch the image again")
  }
}
