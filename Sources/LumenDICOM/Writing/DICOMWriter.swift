// SPDX-License-Identifier: Apache-2.0
import CDCMTK
import Glibc
public import LumenCore

/// Writes image objects: the same bytes for the same instance, always.
public enum DICOMWriter {
  /// Identifies this software in files it writes.
  static let implementationClassUID = "2.25.288277149329679904839110541792345367810"
  static let implementationVersionName = "LUMEN_0_1"

  /// Writes one instance as a Part 10 file, whole or not at all. Compression is lossless.
  ///
  /// - Throws: `invalidParameter` for more than one slice, missing or malformed UIDs and text that DICOM cannot hold;
  ///   `unsupported` for a transfer syntax without writer; `io` when the file cannot be written.
  /// - Source: PS3.10 chapter 7, PS3.3 A.3, PS3.5.
  public static func write(
    _ instance: ImageInstance, to path: String, transferSyntax: TransferSyntax = .explicitVRLittleEndian
  ) throws(ImageError) {
    guard transferSyntax.isWritable else {
      throw ImageError(.unsupported, "transfer syntax \(transferSyntax.name) cannot be written", place: path)
    }
    let elements = try attributes(of: instance, transferSyntax)
    let file = try DICOMHandle(new: ())
    for (tag, text) in elements { try file.put(tag, text) }
    try file.put(instance.pixels)

    let temporary = "\(path).\(getpid()).partial"
    do { try file.save(temporary, transferSyntax) } catch {
      unlink(temporary)
      throw error.at(path)
    }
    let fd = open(temporary, O_WRONLY | O_CLOEXEC)
    var failed = fd < 0 || fsync(fd) != 0 ? errno : 0
    if fd >= 0 { close(fd) }
    if failed == 0 && rename(temporary, path) != 0 { failed = errno }
    if failed != 0 {
      unlink(temporary)
      throw ImageError(.io, "cannot be written: \(String(cString: strerror(failed)))", place: path)
    }
  }

  /// Every attribute but the pixels as text, in any order.
  static func attributes(
    of instance: ImageInstance, _ syntax: TransferSyntax
  ) throws(ImageError) -> [(Tag, String)] {
    let geometry = instance.pixels.geometry, size = geometry.size
    guard size.slices == 1 else {
      throw ImageError(.invalidParameter, "an instance has \(size.slices) slices, expected 1")
    }
    guard size.columns <= 65_535, size.rows <= 65_535 else {
      throw ImageError(.invalidParameter, "an instance of \(size) exceeds 65535 columns or rows")
    }
    var elements: [(Tag, String)] = []
    func uid(_ tag: Tag, _ name: String, _ value: String) throws(ImageError) {
      let parts = value.split(separator: ".", omittingEmptySubsequences: false)
      let sane =
        value.utf8.count <= 64 && parts.count > 1
        && parts.allSatisfy { p in
          !p.isEmpty && p.utf8.allSatisfy { (48...57).contains($0) } && (p == "0" || p.first != "0")
        }
      guard sane else {
        throw ImageError(
          .invalidParameter, "\(name) \(tag) is \(value.isEmpty ? "empty" : "not a UID"), expected numbers and dots")
      }
      elements.append((tag, value))
    }
    func text(_ tag: Tag, _ value: String, limit: Int) throws(ImageError) {
      let sane = value.unicodeScalars.count <= limit && !value.unicodeScalars.contains { $0.value < 32 || $0 == "\\" }
      guard sane else {
        throw ImageError(
          .invalidParameter, "the text of \(tag) has control characters, a backslash or more than \(limit) characters")
      }
      elements.append((tag, value))
    }
    func numbers(_ tag: Tag, _ values: [Double]) throws(ImageError) {
      guard values.allSatisfy(\.isFinite) else { throw ImageError(.invalidParameter, "\(tag) holds \(values)") }
      elements.append((tag, values.map(decimalString).joined(separator: "\\")))
    }

    try uid(.mediaStorageSOPClassUID, "SOP Class UID", instance.sopClassUID)
    try uid(.mediaStorageSOPInstanceUID, "SOP Instance UID", instance.sopInstanceUID)
    elements += [
      (.transferSyntaxUID, syntax.rawValue), (.implementationClassUID, implementationClassUID),
      (.implementationVersionName, implementationVersionName),
    ]
    // PS3.10 7.1: bytes of the group after its length: 14 of the version, then 8 and an even text for each of the rest.
    let groupLength = elements.reduce(14) { $0 + 8 + ($1.1.utf8.count + 1) / 2 * 2 }
    elements += [
      (.fileMetaInformationGroupLength, String(groupLength)), (.fileMetaInformationVersion, "00\\01"),
      (.specificCharacterSet, "ISO_IR 192"), (.imageType, "ORIGINAL\\PRIMARY\\AXIAL"), (.studyTime, ""),
      (.referringPhysicianName, ""), (.positionReferenceIndicator, ""), (.kvp, ""), (.acquisitionNumber, ""),
    ]
    try uid(.sopClassUID, "SOP Class UID", instance.sopClassUID)
    try uid(.sopInstanceUID, "SOP Instance UID", instance.sopInstanceUID)
    try uid(.studyInstanceUID, "Study Instance UID", instance.studyInstanceUID)
    try uid(.seriesInstanceUID, "Series Instance UID", instance.seriesInstanceUID)
    if !instance.frameOfReferenceUID.isEmpty {
      try uid(.frameOfReferenceUID, "Frame of Reference UID", instance.frameOfReferenceUID)
    }
    try text(.studyDate, instance.studyDate, limit: 8)
    try text(.accessionNumber, instance.accessionNumber, limit: 16)
    try text(.modality, instance.modality, limit: 16)
    try text(.manufacturer, instance.manufacturer, limit: 64)
    try text(.studyDescription, instance.studyDescription, limit: 64)
    try text(.seriesDescription, instance.seriesDescription, limit: 64)
    try text(.patientName, instance.patientName, limit: 64 * 3)
    try text(.patientID, instance.patientID, limit: 64)
    try text(.patientBirthDate, instance.patientBirthDate, limit: 8)
    try text(.patientSex, instance.patientSex, limit: 16)
    try text(.studyID, instance.studyID, limit: 16)
    elements += [
      (.seriesNumber, String(instance.seriesNumber)), (.instanceNumber, String(instance.instanceNumber)),
      (.samplesPerPixel, "1"), (.photometricInterpretation, "MONOCHROME2"), (.rows, String(size.rows)),
      (.columns, String(size.columns)), (.bitsAllocated, "16"), (.bitsStored, "16"), (.highBit, "15"),
      (.pixelRepresentation, "1"),
    ]
    let (origin, x, y) = (geometry.origin, geometry.direction.x, geometry.direction.y)
    try numbers(.imagePositionPatient, [origin.x, origin.y, origin.z])
    try numbers(.imageOrientationPatient, [x.x, x.y, x.z, y.x, y.y, y.z])
    try numbers(.pixelSpacing, [geometry.spacing.y, geometry.spacing.x])
    try numbers(.sliceThickness, [instance.sliceThickness])
    try numbers(.rescaleIntercept, [instance.rescaleIntercept])
    try numbers(.rescaleSlope, [instance.rescaleSlope])
    if instance.modality == "CT" { elements.append((.rescaleType, "HU")) }
    if let centre = instance.windowCenter, let width = instance.windowWidth {
      try numbers(.windowCenter, [centre])
      try numbers(.windowWidth, [width])
    }
    return elements
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
