// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The software that makes an object, for the equipment modules and the device observer.
public struct Equipment: Sendable, Hashable {
  /// Manufacturer.
  public var manufacturer = "Lumen"
  /// Manufacturer's Model Name.
  public var model = "Lumen"
  /// Device Serial Number; the name of an installation.
  public var serialNumber = "0"
  /// Software Versions.
  public var version: String

  /// Lumen in one version.
  public init(version: String) { self.version = version }
}

extension Attributes {
  /// Patient and General Study of an object that joins the study of another one. Text that its VR does not allow is
  /// left empty: a faulty source must not make the new object faulty.
  ///
  /// - Source: PS3.3 C.7.1.1, C.7.2.1.
  public init(patientAndStudyOf header: InstanceHeader) {
    self.init()
    func copy(_ tag: Tag, _ text: String, _ vr: ValueRepresentation) {
      self[tag] = TextCheck.isSane(text, vr) ? .text(text) : .empty
    }
    copy(.patientName, header.patientName, .pn)
    copy(.patientID, header.patientID, .lo)
    copy(.patientBirthDate, header.patientBirthDate, .da)
    self[.patientSex] = ["M", "F", "O"].contains(header.patientSex) ? .text(header.patientSex) : .empty
    self[.studyInstanceUID] = .text(header.studyInstanceUID)
    copy(.studyDate, header.studyDate, .da)
    copy(.studyTime, header.studyTime, .tm)
    copy(.referringPhysicianName, header.referringPhysicianName, .pn)
    copy(.studyID, header.studyID, .sh)
    copy(.accessionNumber, header.accessionNumber, .sh)
    if !header.studyDescription.isEmpty { copy(.studyDescription, header.studyDescription, .lo) }
  }

  /// Enhanced General Equipment.
  ///
  /// - Source: PS3.3 C.7.5.1, C.7.5.2.
  public init(equipment: Equipment) {
    self = [
      .manufacturer: .text(equipment.manufacturer), .manufacturerModelName: .text(equipment.model),
      .deviceSerialNumber: .text(equipment.serialNumber), .softwareVersions: .text(equipment.version),
    ]
  }
}

/// A coded concept: code, scheme, and what it means.
///
/// - Source: PS3.3 8.8.
public struct CodedConcept: Sendable, Hashable {
  /// Code Value; longer ones than 16 characters are written as Long Code Value.
  public let value: String
  /// Coding Scheme Designator, e.g. DCM, SCT, IBSI, UCUM.
  public let scheme: String
  /// Code Meaning.
  public let meaning: String

  /// A concept from its three parts.
  public init(_ value: String, _ scheme: String, _ meaning: String) {
    self.value = value
    self.scheme = scheme
    self.meaning = meaning
  }

  /// As the item of a code sequence.
  public var attributes: Attributes {
    [
      value.unicodeScalars.count <= 16 ? .codeValue : .longCodeValue: .text(value),
      .codingSchemeDesignator: .text(scheme), .codeMeaning: .text(meaning),
    ]
  }
}
