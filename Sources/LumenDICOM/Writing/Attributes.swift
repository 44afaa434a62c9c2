// SPDX-License-Identifier: Apache-2.0

/// A data set as a value: attributes in the order of their tags, sequences nested.
///
/// A value is given in the form that is at hand; what it becomes in the file follows from the VR of its tag in the
/// standard's dictionary. ``DICOMWriter/write(_:to:transferSyntax:)`` checks lengths, characters and ranges.
///
///     var set: Attributes = [.modality: "SR", .seriesNumber: .integer(5), .rows: .integer(512)]
///     set[.conceptNameCodeSequence] = .items([[.codeValue: "126000", .codingSchemeDesignator: "DCM"]])
///
/// - Source: PS3.5 chapter 7.
public struct Attributes: Sendable, Equatable {
  /// The values of one attribute.
  public enum Value: Sendable, Equatable {
    /// Text, values separated by backslashes; for text VRs, also of numbers (DS, IS) and dates.
    case text(String)
    /// Whole numbers: US, SS, UL, SL, SV, UV, IS, DS; AT as group · 65536 + element.
    case integers([Int])
    /// Numbers: DS (the nearest that fits 16 characters), FL, FD, OF, OD.
    case numbers([Double])
    /// Bytes as they are to lie in the file: OB, UN; pixels up to 8 bits.
    case bytes([UInt8])
    /// 16-bit words: OW, US; pixels up to 16 bits.
    case words([UInt16])
    /// Single precision: OF, FL.
    case singles([Float])
    /// Items of a sequence.
    case items([Attributes])
    /// Compressed pixel data.
    case encapsulated(EncapsulatedPixels)

    /// One whole number.
    public static func integer(_ value: Int) -> Value { .integers([value]) }
    /// One number.
    public static func number(_ value: Double) -> Value { .numbers([value]) }
    /// The names of attributes, for AT.
    public static func tags(_ tags: [Tag]) -> Value { .integers(tags.map { Int($0.group) << 16 | Int($0.element) }) }
    /// No value; for attributes that have to be there although nothing is known.
    public static var empty: Value { .text("") }
  }

  /// One attribute.
  public struct Element: Sendable, Equatable {
    /// Its name.
    public let tag: Tag
    /// Its VR where the dictionary has none, or another is wanted; nil for the dictionary's.
    public let vr: ValueRepresentation?
    /// Its values.
    public let value: Value
  }

  /// The attributes in the order of their tags.
  public private(set) var elements: [Element] = []

  /// An empty data set.
  public init() {}

  /// Values of an attribute; nil when it is absent, and removes it when set.
  public subscript(tag: Tag) -> Value? {
    get {
      let at = position(tag)
      return at < elements.count && elements[at].tag == tag ? elements[at].value : nil
    }
    set {
      if let newValue {
        set(tag, newValue)
      } else {
        let at = position(tag)
        if at < elements.count && elements[at].tag == tag { elements.remove(at: at) }
      }
    }
  }

  /// The whole number of an attribute that was set as one; nil otherwise.
  public func integer(_ tag: Tag) -> Int? {
    guard case .integers(let values) = self[tag] else { return nil }
    return values.first
  }

  /// Sets an attribute, with a VR of its own where the dictionary has none (private ones) or leaves a choice.
  public mutating func set(_ tag: Tag, _ value: Value, vr: ValueRepresentation? = nil) {
    let element = Element(tag: tag, vr: vr, value: value), at = position(tag)
    if at < elements.count && elements[at].tag == tag {
      elements[at] = element
    } else {
      elements.insert(element, at: at)
    }
  }

  /// Takes all attributes of another data set; its values win.
  public mutating func merge(_ other: Attributes) {
    for e in other.elements { set(e.tag, e.value, vr: e.vr) }
  }

  /// Index of the first element not before a tag.
  private func position(_ tag: Tag) -> Int {
    guard let last = elements.last, tag <= last.tag else { return elements.count }
    var low = 0, high = elements.count
    while low < high {
      let middle = (low + high) / 2
      if elements[middle].tag < tag { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension Attributes: ExpressibleByDictionaryLiteral {
  /// A data set from its attributes; of a tag that stands twice the last one counts.
  public init(dictionaryLiteral elements: (Tag, Value)...) {
    for (tag, value) in elements { set(tag, value) }
  }
}

extension Attributes.Value: ExpressibleByStringLiteral {
  /// Text.
  public init(stringLiteral value: String) { self = .text(value) }
}

/// Compressed pixel data: fragments and the table of where frames begin.
///
/// - Source: PS3.5 A.4.
public struct EncapsulatedPixels: Sendable, Equatable {
  /// Byte offset of the first fragment of each frame, from the first fragment's item; may be empty.
  public var offsets: [UInt32]
  /// The fragments; one of odd length gets a zero byte.
  public var fragments: [[UInt8]]

  /// Fragments with their offset table.
  public init(offsets: [UInt32], fragments: [[UInt8]]) {
    self.offsets = offsets
    self.fragments = fragments
  }

  /// One fragment a frame and the table for them; the table stays empty beyond 4 GiB.
  public init(frames: [[UInt8]]) {
    var offsets: [UInt32] = [], at = 0
    for frame in frames {
      guard let offset = UInt32(exactly: at) else {
        offsets = []
        break
      }
      offsets.append(offset)
      at += 8 + frame.count + frame.count % 2
    }
    self.init(offsets: offsets, fragments: frames)
  }
}
