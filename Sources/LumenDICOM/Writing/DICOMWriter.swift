// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// Writes DICOM files: the same bytes for the same attributes, always.
public enum DICOMWriter {
  /// Identifies this software in files it writes.
  static let implementationClassUID = "2.25.288277149329679904839110541792345367810"
  static let implementationVersionName = "LUMEN_0_1"

  /// Writes a data set as a Part 10 file, whole or not at all.
  ///
  /// File Meta Information comes from SOP Class and SOP Instance UID; text is UTF-8 and declared so. Native pixels are
  /// compressed, losslessly, where the transfer syntax asks for it; frames that are compressed already are written as
  /// they are.
  ///
  /// - Throws: `invalidParameter` for missing or malformed UIDs and for values that their VR cannot hold; `unsupported`
  ///   for a transfer syntax without encoder; `io` when the file cannot be written.
  /// - Source: PS3.10 chapter 7, PS3.5.
  public static func write(
    _ attributes: Attributes, to path: String, transferSyntax: TransferSyntax = .explicitVRLittleEndian
  ) throws(ImageError) {
    do {
      let file = try handle(attributes, transferSyntax)
      try Files.replace(path) { temporary throws(ImageError) in try file.save(temporary, transferSyntax) }
    } catch { throw error.at(path) }
  }

  private static func handle(_ attributes: Attributes, _ syntax: TransferSyntax) throws(ImageError) -> DICOMHandle {
    if let first = attributes.elements.first, first.tag.group <= 2 {
      throw ImageError(.invalidParameter, "\(first.tag) belongs to the file, expected attributes of a data set")
    }
    var attributes = attributes
    if case .encapsulated = attributes[.pixelData] { return try filled(attributes, syntax) }
    guard syntax.isWritable else {
      throw ImageError(.unsupported, "pixels cannot be encoded as \(syntax.name)", hint: "give compressed frames")
    }
    try FrameEncoding.compress(&attributes, syntax)
    return try filled(attributes, syntax)
  }

  private static func filled(_ attributes: Attributes, _ syntax: TransferSyntax) throws(ImageError) -> DICOMHandle {
    var attributes = attributes
    let classUID = try uid(attributes, .sopClassUID, "SOP Class UID")
    let instanceUID = try uid(attributes, .sopInstanceUID, "SOP Instance UID")
    attributes[.specificCharacterSet] = "ISO_IR 192"
    let meta: [(tag: Tag, text: String)] = [
      (.mediaStorageSOPClassUID, classUID), (.mediaStorageSOPInstanceUID, instanceUID),
      (.transferSyntaxUID, syntax.rawValue), (.implementationClassUID, implementationClassUID),
      (.implementationVersionName, implementationVersionName),
    ]
    // PS3.10 7.1: bytes of the group after its length: 14 of the version, then 8 and an even text for each of the rest.
    let groupLength = meta.reduce(14) { $0 + 8 + ($1.text.utf8.count + 1) / 2 * 2 }
    var head = Attributes()
    head[.fileMetaInformationGroupLength] = .integer(groupLength)
    head[.fileMetaInformationVersion] = .bytes([0, 1])
    for (tag, text) in meta { head[tag] = .text(text) }

    let file = try DICOMHandle(new: ())
    let encoder = AttributesEncoder(handle: file, syntax: syntax)
    try encoder.fill(try file.writableMeta, with: head)
    try encoder.fill(try file.writable, with: attributes)
    return file
  }

  private static func uid(_ attributes: Attributes, _ tag: Tag, _ name: String) throws(ImageError) -> String {
    guard case .text(let text) = attributes[tag], TextCheck.isUID(Substring(text)) else {
      throw ImageError(.invalidParameter, "\(name) \(tag) is missing or not a UID, expected numbers and dots")
    }
    return text
  }
}

/// A number as Decimal String: the shortest text that reads back as the same number, rounded where that is longer than
/// the 16 characters the standard allows.
func decimalString(_ value: Double) -> String {
  let exact = shortest(value)
  if exact.utf8.count <= 16 { return exact }
  for digits in stride(from: 16, through: 1, by: -1) {
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer -> String in
      let n = withVaList([Int32(digits), value]) { vsnprintf(buffer.baseAddress, 64, "%.*g", $0) }
      return n > 0 && n < 64 ? String(cString: buffer.baseAddress!) : ""
    }
    if !text.isEmpty && text.utf8.count <= 16 { return text }
  }
  return "0"
}
