// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
public import LumenCore
import LumenDICOM

/// A decoded file: a grey image, which can be measured, or a colour picture, which cannot as it stands.
public enum DecodedImage: Sendable, Equatable {
  /// Grey levels as stored.
  case grey(AnyVolume)
  /// Red, green and blue.
  case colour(ColourImage)
}

/// File formats that are told apart by their first bytes; those that Lumen does not read are named in the error.
public enum ImageFormat: String, Sendable, CaseIterable {
  case dicom, png, jpeg, jpegLS, jpeg2000, jpegXL, nifti, gzip, nrrd, metaImage, tiff
  case analyze, bmp, gif, webp, hdf5, numpy, vtk, zip, bzip2, xz, pdf

  /// Bytes of a file's beginning that ``detect(_:)`` wants to see.
  public static let headBytes = 1024

  /// The format of a file that begins with these bytes; nil when none is recognised. Names play no part.
  ///
  /// - Source: PS3.10 7.1; PNG 3rd edition 5.2; ISO/IEC 10918-1 B.1.1.3; NIfTI-1.1 and NIfTI-2 `magic`; RFC 1952 2.3.
  public static func detect(_ head: [UInt8]) -> ImageFormat? {
    func has(_ signature: [UInt8], at offset: Int = 0) -> Bool {
      head.count >= offset + signature.count && head[offset..<offset + signature.count].elementsEqual(signature)
    }
    func has(_ text: StaticString, at offset: Int = 0) -> Bool {
      text.withUTF8Buffer { has(Array($0), at: offset) }
    }
    // A DICOM preamble may hold the header of another format, so its prefix is asked for first.
    if has("DICM", at: 128) { return .dicom }
    if has([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
    switch head.withUnsafeBytes({ Codestream.detect($0) }) {
    case .jpeg: return .jpeg
    case .jpegLS: return .jpegLS
    case .jpeg2000: return .jpeg2000
    case .jpegXL: return .jpegXL
    case nil: break
    }
    if let version = NIfTIHeader.version(head) { return version == .analyze ? .analyze : .nifti }
    if has([0x1F, 0x8B]) { return .gzip }
    if has("NRRD0") { return .nrrd }
    if MetaImageHeader.begins(head) { return .metaImage }
    if has("II*\0") || has("MM\0*") || has("II+\0") || has("MM\0+") { return .tiff }
    if has("GIF87a") || has("GIF89a") { return .gif }
    if has("RIFF") && has("WEBP", at: 8) { return .webp }
    if has([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]) { return .hdf5 }
    if has([0x93]) && has("NUMPY", at: 1) { return .numpy }
    if has("# vtk DataFile") || has("<VTKFile") { return .vtk }
    if has("PK\u{3}\u{4}") { return .zip }
    if has("BZh") { return .bzip2 }
    if has([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]) { return .xz }
    if has("%PDF-") { return .pdf }
    if has("BM") && has([0, 0, 0, 0], at: 6) { return .bmp }
    return DICOMFile.isDICOM(head) ? .dicom : nil
  }

  /// Whether ``ImageFile`` reads it. A gzip file is read when a NIfTI file is inside.
  public var isReadable: Bool {
    switch self {
    case .dicom, .png, .jpeg, .jpegLS, .jpeg2000, .jpegXL, .nifti, .gzip, .nrrd, .metaImage, .tiff: true
    default: false
    }
  }

  /// The name that people know it by: "JPEG 2000".
  public var name: String {
    switch self {
    case .dicom: "DICOM"
    case .png: "PNG"
    case .jpeg: "JPEG"
    case .nifti: "NIfTI"
    case .gzip: "gzip"
    case .nrrd: "NRRD"
    case .metaImage: "MetaImage"
    case .analyze: "Analyze 7.5"
    case .jpeg2000: "JPEG 2000"
    case .jpegLS: "JPEG-LS"
    case .jpegXL: "JPEG XL"
    case .tiff: "TIFF"
    case .bmp: "BMP"
    case .gif: "GIF"
    case .webp: "WebP"
    case .hdf5: "HDF5"
    case .numpy: "NumPy"
    case .vtk: "VTK"
    case .zip: "ZIP"
    case .bzip2: "bzip2"
    case .xz: "xz"
    case .pdf: "PDF"
    }
  }

  /// The error for a format that is recognised but not read.
  var notRead: ImageError {
    ImageError(
      .unsupported, "\(name) file: this format is not read", hint: "convert it first: \(Self.read)")
  }

  /// The error for bytes that no format claims.
  static func unknown(_ head: [UInt8]) -> ImageError {
    if head.isEmpty { return ImageError(.malformed, "the file is empty", hint: "fetch it again") }
    let hex = head.prefix(8).map { byte in
      let digits = Array("0123456789abcdef")
      return String([digits[Int(byte >> 4)], digits[Int(byte & 15)]])
    }
    return ImageError(
      .unsupported, "not a known image file; it begins with the bytes \(hex.joined(separator: " "))",
      hint: Self.read)
  }

  /// The readable formats: "DICOM, PNG, … are read".
  static let read = allCases.filter { $0.isReadable && $0 != .gzip }.map(\.name).joined(separator: ", ") + " are read"
}
