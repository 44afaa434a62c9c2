// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// One node of a structured report.
///
/// - Source: PS3.3 C.17.3.
struct ContentItem {
  enum Relation: String {
    case contains = "CONTAINS"
    case hasConceptModifier = "HAS CONCEPT MOD"
    case hasObservationContext = "HAS OBS CONTEXT"
    case hasProperties = "HAS PROPERTIES"
  }

  private var own: Attributes
  private var children: [ContentItem] = []

  private init(_ relation: Relation?, _ type: String, _ name: CodedConcept?, _ value: Attributes) {
    own = value
    own[.valueType] = .text(type)
    if let relation { own[.relationshipType] = .text(relation.rawValue) }
    if let name { own[.conceptNameCodeSequence] = .items([name.attributes]) }
  }

  /// The item with all that lies below it.
  var attributes: Attributes {
    var set = own
    if !children.isEmpty { set[.contentSequence] = .items(children.map(\.attributes)) }
    return set
  }

  mutating func add(_ child: ContentItem) { children.append(child) }

  mutating func add(_ more: [ContentItem]) { children += more }

  static func container(_ relation: Relation?, _ name: CodedConcept, template: String? = nil) -> ContentItem {
    var value: Attributes = [.continuityOfContent: "CONTINUOUS"]
    if let template {
      value[.contentTemplateSequence] = .items([[.mappingResource: "DCMR", .templateIdentifier: .text(template)]])
    }
    return ContentItem(relation, "CONTAINER", name, value)
  }

  static func code(_ relation: Relation, _ name: CodedConcept, _ value: CodedConcept) -> ContentItem {
    ContentItem(relation, "CODE", name, [.conceptCodeSequence: .items([value.attributes])])
  }

  static func text(_ relation: Relation, _ name: CodedConcept, _ value: String) -> ContentItem {
    ContentItem(relation, "TEXT", name, [.textValue: .text(value)])
  }

  static func uid(_ relation: Relation, _ name: CodedConcept, _ value: String) -> ContentItem {
    ContentItem(relation, "UIDREF", name, [.uid: .text(value)])
  }

  static func reference(
    _ relation: Relation, _ type: String, _ name: CodedConcept?, classUID: String, instanceUID: String,
    segment: Int? = nil
  ) -> ContentItem {
    var reference: Attributes = [
      .referencedSOPClassUID: .text(classUID), .referencedSOPInstanceUID: .text(instanceUID),
    ]
    if let segment { reference[.referencedSegmentNumber] = .integer(segment) }
    return ContentItem(relation, type, name, [.referencedSOPSequence: .items([reference])])
  }

  /// A number with its unit, as Decimal String and exactly as binary; without value and with the reason when it is none.
  ///
  /// - Source: PS3.3 C.18.1; CID 42.
  static func number(_ relation: Relation, _ name: CodedConcept, _ value: Double, unit: CodedConcept) -> ContentItem {
    guard value.isFinite else {
      let reason =
        value.isNaN
        ? CodedConcept("114000", "DCM", "Not a number")
        : value > 0
          ? CodedConcept("114002", "DCM", "Positive Infinity") : CodedConcept("114001", "DCM", "Negative Infinity")
      return ContentItem(
        relation, "NUM", name,
        [.measuredValueSequence: .items([]), .numericValueQualifierCodeSequence: .items([reason.attributes])])
    }
    let measured: Attributes = [
      .numericValue: .number(value), .floatingPointValue: .number(value),
      .measurementUnitsCodeSequence: .items([unit.attributes]),
    ]
    return ContentItem(relation, "NUM", name, [.measuredValueSequence: .items([measured])])
  }
}
