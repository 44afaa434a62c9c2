// SPDX-License-Identifier: Apache-2.0

/// How a data set and its pixels are encoded.
///
/// - Source: PS3.5 chapter 10, PS3.6 annex A.
public struct TransferSyntax: Hashable, Sendable, Codable, RawRepresentable, CustomStringConvertible {
  /// The UID.
  public let rawValue: String
  /// A syntax from its UID, known or not.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// Implicit VR Little Endian.
  public static let implicitVRLittleEndian = TransferSyntax(rawValue: "1.2.840.10008.1.2")
  /// Explicit VR Little Endian.
  public static let explicitVRLittleEndian = TransferSyntax(rawValue: "1.2.840.10008.1.2.1")
  /// Deflated Explicit VR Little Endian.
  public static let deflatedExplicitVRLittleEndian = TransferSyntax(rawValue: "1.2.840.10008.1.2.1.99")
  /// Encapsulated Uncompressed Explicit VR Little Endian.
  public static let encapsulatedUncompressed = TransferSyntax(rawValue: "1.2.840.10008.1.2.1.98")
  /// Explicit VR Big Endian (retired).
  public static let explicitVRBigEndian = TransferSyntax(rawValue: "1.2.840.10008.1.2.2")
  /// RLE Lossless.
  public static let rleLossless = TransferSyntax(rawValue: "1.2.840.10008.1.2.5")
  /// JPEG Baseline (Process 1), 8 bits.
  public static let jpegBaseline = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.50")
  /// JPEG Extended (Process 2 and 4), 8 and 12 bits.
  public static let jpegExtended = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.51")
  /// JPEG Spectral Selection, Non-Hierarchical (Process 6 and 8) (retired).
  public static let jpegSpectralSelection = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.53")
  /// JPEG Full Progression, Non-Hierarchical (Process 10 and 12) (retired).
  public static let jpegFullProgression = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.55")
  /// JPEG Lossless, Non-Hierarchical (Process 14).
  public static let jpegLossless = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.57")
  /// JPEG Lossless, Non-Hierarchical, First-Order Prediction (Process 14, Selection Value 1).
  public static let jpegLosslessSV1 = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.70")
  /// JPEG-LS Lossless.
  public static let jpegLSLossless = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.80")
  /// JPEG-LS Lossy (Near-Lossless).
  public static let jpegLSNearLossless = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.81")
  /// JPEG 2000 (Lossless Only).
  public static let jpeg2000Lossless = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.90")
  /// JPEG 2000.
  public static let jpeg2000 = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.91")
  /// JPEG 2000 Part 2 Multi-component (Lossless Only).
  public static let jpeg2000MultiComponentLossless = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.92")
  /// JPEG 2000 Part 2 Multi-component.
  public static let jpeg2000MultiComponent = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.93")
  /// JPEG XL Lossless.
  public static let jpegXLLossless = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.110")
  /// JPEG XL JPEG Recompression.
  public static let jpegXLRecompression = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.111")
  /// JPEG XL.
  public static let jpegXL = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.112")
  /// High-Throughput JPEG 2000 (Lossless Only).
  public static let htj2kLossless = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.201")
  /// High-Throughput JPEG 2000 with RPCL Options (Lossless Only).
  public static let htj2kLosslessRPCL = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.202")
  /// High-Throughput JPEG 2000.
  public static let htj2k = TransferSyntax(rawValue: "1.2.840.10008.1.2.4.203")
  /// Deflated Image Frame Compression.
  public static let deflatedImageFrame = TransferSyntax(rawValue: "1.2.840.10008.1.2.8.1")

  private static let names: [TransferSyntax: String] = [
    .implicitVRLittleEndian: "Implicit VR Little Endian", .explicitVRLittleEndian: "Explicit VR Little Endian",
    .deflatedExplicitVRLittleEndian: "Deflated Explicit VR Little Endian",
    .encapsulatedUncompressed: "Encapsulated Uncompressed Explicit VR Little Endian",
    .explicitVRBigEndian: "Explicit VR Big Endian", .rleLossless: "RLE Lossless", .jpegBaseline: "JPEG Baseline",
    .jpegExtended: "JPEG Extended", .jpegSpectralSelection: "JPEG Spectral Selection",
    .jpegFullProgression: "JPEG Full Progression", .jpegLossless: "JPEG Lossless (Process 14)",
    .jpegLosslessSV1: "JPEG Lossless (Process 14, Selection Value 1)", .jpegLSLossless: "JPEG-LS Lossless",
    .jpegLSNearLossless: "JPEG-LS Near-Lossless", .jpeg2000Lossless: "JPEG 2000 Lossless", .jpeg2000: "JPEG 2000",
    .jpeg2000MultiComponentLossless: "JPEG 2000 Multi-component Lossless",
    .jpeg2000MultiComponent: "JPEG 2000 Multi-component", .jpegXLLossless: "JPEG XL Lossless",
    .jpegXLRecompression: "JPEG XL JPEG Recompression", .jpegXL: "JPEG XL",
    .htj2kLossless: "HTJ2K Lossless", .htj2kLosslessRPCL: "HTJ2K Lossless RPCL", .htj2k: "HTJ2K",
    .deflatedImageFrame: "Deflated Image Frame Compression",
  ]
  // Multi-component JPEG 2000 is read where a frame is a codestream of its own.
  private static let readable = Set(names.keys)

  /// Its name, the UID when it is not known.
  public var name: String { Self.names[self] ?? rawValue }
  /// The name.
  public var description: String { name }
  /// Whether pixels are stored as compressed fragments.
  public var isEncapsulated: Bool {
    switch self {
    case .implicitVRLittleEndian, .explicitVRLittleEndian, .deflatedExplicitVRLittleEndian, .explicitVRBigEndian: false
    default: true
    }
  }
  /// Whether pixels of this syntax can be decoded.
  public var isReadable: Bool { Self.readable.contains(self) }
  /// Whether ``DICOMWriter`` writes it.
  public var isWritable: Bool {
    switch self {
    case .implicitVRLittleEndian, .explicitVRLittleEndian, .deflatedExplicitVRLittleEndian, .explicitVRBigEndian,
      .rleLossless, .jpegLosslessSV1, .jpegLSLossless:
      true
    default: false
    }
  }
}
