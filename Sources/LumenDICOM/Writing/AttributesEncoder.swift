// SPDX-License-Identifier: Apache-2.0
import CDCMTK
import LumenCore

/// Moves attributes into a file being made, each checked against its VR.
struct AttributesEncoder {
  let handle: DICOMHandle
  let syntax: TransferSyntax

  /// Levels of nesting that are written.
  static let deepest = 32

  func fill(_ item: OpaquePointer, with attributes: Attributes, depth: Int = 0) throws(ImageError) {
    guard depth <= Self.deepest else {
      throw ImageError(.invalidParameter, "sequences are nested more than \(Self.deepest) deep")
    }
    for element in attributes.elements { try put(element, into: item, depth) }
  }

  private func put(_ e: Attributes.Element, into item: OpaquePointer, _ depth: Int) throws(ImageError) {
    let entry = DictionaryEntry(e.tag)
    guard var vr = e.vr ?? entry?.vr else {
      throw ImageError(
        .invalidParameter, "\(e.tag) is not in the dictionary and has no VR of its own",
        hint: "set it with set(_:_:vr:)")
    }
    switch e.value {
    case .bytes where vr == .ow && e.vr == nil: vr = .ob
    case .words where vr == .ob && e.vr == nil: vr = .ow
    default: break
    }
    switch e.value {
    case .text(let text):
      if text.isEmpty && vr == .sq { return try putSequence([], e.tag, item, depth) }
      let most = e.vr == nil ? entry?.mostValues : nil
      try put(bytes: Array(try TextCheck.checked(text, e.tag, vr, mostValues: most).utf8), e.tag, vr, item)
    case .integers(let values): try put(integers: values, e.tag, vr, item)
    case .numbers(let values): try put(numbers: values, e.tag, vr, item)
    case .singles(let values):
      guard vr == .of || vr == .fl else { throw mismatch(e.tag, vr, "single-precision numbers") }
      try put(raw: values, e.tag, vr, item)
    case .words(let values):
      guard vr == .ow || vr == .us else { throw mismatch(e.tag, vr, "16-bit words") }
      try put(raw: values, e.tag, vr, item)
    case .bytes(let values):
      guard vr == .ob || vr == .un else { throw mismatch(e.tag, vr, "bytes") }
      try put(bytes: values, e.tag, vr, item)
    case .items(let items):
      guard vr == .sq else { throw mismatch(e.tag, vr, "items") }
      try putSequence(items, e.tag, item, depth)
    case .encapsulated(let pixels):
      guard e.tag == .pixelData, depth == 0 else { throw mismatch(e.tag, vr, "compressed pixels") }
      try put(pixels)
    }
  }

  private func put(integers values: [Int], _ tag: Tag, _ vr: ValueRepresentation, _ item: OpaquePointer)
    throws(ImageError)
  {
    if vr == .ds { return try put(numbers: values.map(Double.init), tag, vr, item) }
    guard let range = vr.integers else { throw mismatch(tag, vr, "whole numbers") }
    if let outside = values.first(where: { !range.contains($0) }) {
      throw ImageError(.invalidParameter, "\(tag) is \(outside), \(vr.rawValue) holds \(range)")
    }
    switch vr {
    case .is: try put(bytes: Array(values.map(String.init).joined(separator: "\\").utf8), tag, vr, item)
    case .us, .ss: try put(raw: values.map { UInt16(truncatingIfNeeded: $0) }, tag, vr, item)
    case .at: try put(raw: values.flatMap { [UInt16($0 >> 16), UInt16($0 & 0xFFFF)] }, tag, vr, item)
    case .ul, .sl, .ol: try put(raw: values.map { UInt32(truncatingIfNeeded: $0) }, tag, vr, item)
    default: try put(raw: values.map { UInt64(truncatingIfNeeded: $0) }, tag, vr, item)
    }
  }

  private func put(numbers values: [Double], _ tag: Tag, _ vr: ValueRepresentation, _ item: OpaquePointer)
    throws(ImageError)
  {
    switch vr {
    case .fd, .od: try put(raw: values, tag, vr, item)
    case .fl, .of: try put(raw: values.map { Float($0) }, tag, vr, item)
    case .ds:
      guard values.allSatisfy(\.isFinite) else {
        throw ImageError(.invalidParameter, "\(tag) holds \(values), Decimal String holds finite numbers")
      }
      try put(bytes: Array(values.map(decimalString).joined(separator: "\\").utf8), tag, vr, item)
    default: throw mismatch(tag, vr, "numbers")
    }
  }

  private func put<T: BitwiseCopyable>(raw values: [T], _ tag: Tag, _ vr: ValueRepresentation, _ item: OpaquePointer)
    throws(ImageError)
  {
    var error = cdcm_error()
    let done = values.withUnsafeBytes {
      cdcm_put(item, tag.group, tag.element, vr.rawValue, $0.baseAddress, UInt64($0.count), &error)
    }
    guard done != 0 else { throw failure(tag, error) }
  }

  private func put(bytes: [UInt8], _ tag: Tag, _ vr: ValueRepresentation, _ item: OpaquePointer) throws(ImageError) {
    try put(raw: bytes, tag, vr, item)
  }

  private func putSequence(_ items: [Attributes], _ tag: Tag, _ item: OpaquePointer, _ depth: Int) throws(ImageError) {
    var error = cdcm_error()
    guard cdcm_put_sequence(item, tag.group, tag.element, &error) != 0 else { throw failure(tag, error) }
    for (i, attributes) in items.enumerated() {
      guard let made = cdcm_append_item(item, tag.group, tag.element, &error) else { throw failure(tag, error) }
      do { try fill(made, with: attributes, depth: depth + 1) } catch { throw error.at("\(tag) item \(i + 1)") }
    }
  }

  private func put(_ pixels: EncapsulatedPixels) throws(ImageError) {
    guard syntax.isEncapsulated else {
      throw ImageError(.invalidParameter, "compressed pixels with transfer syntax \(syntax.name)")
    }
    var error = cdcm_error()
    guard cdcm_put_fragments(handle.file, syntax.rawValue, &error) != 0 else { throw failure(.pixelData, error) }
    var table: [UInt8] = []
    table.reserveCapacity(4 * pixels.offsets.count)
    for offset in pixels.offsets { for shift in [0, 8, 16, 24] { table.append(UInt8(offset >> shift & 0xFF)) } }
    for fragment in [table] + pixels.fragments {
      guard let count = UInt32(exactly: fragment.count), count < .max - 1 else {
        throw ImageError(.limitExceeded, "a fragment has \(fragment.count) bytes, the limit is 4 GiB")
      }
      let done = fragment.withUnsafeBytes {
        cdcm_append_fragment(handle.file, syntax.rawValue, $0.baseAddress, count, &error)
      }
      guard done != 0 else { throw failure(.pixelData, error) }
    }
  }

  private func mismatch(_ tag: Tag, _ vr: ValueRepresentation, _ given: String) -> ImageError {
    ImageError(.invalidParameter, "\(tag) has VR \(vr.rawValue), which holds no \(given)")
  }

  private func failure(_ tag: Tag, _ error: cdcm_error) -> ImageError {
    ImageError(.invalidParameter, "\(tag) cannot be set: \(DICOMHandle.text(error))")
  }
}
