// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// How stored values become values with a unit, of one frame or image.
///
/// - Source: PS3.3 C.7.6.16.2.11.
public struct RealWorldValues: Sendable, Equatable {
  /// LUT Label.
  public let label: String
  /// Code of the unit, UCUM as a rule: "cm2/ml", "1", "[hnsf'U]".
  public let unit: String
  /// First stored value that is mapped; -∞ where no range is stated.
  public let first: Double
  /// Last stored value that is mapped; ∞ where no range is stated.
  public let last: Double
  let map: ValueMap

  /// The value of a stored one; NaN outside the range that is mapped.
  public func value(_ stored: Double) -> Double {
    stored >= first && stored <= last ? map.value(stored) : .nan
  }

  /// The map with NaN outside its range, for stored integers of so many bits (0: real numbers, not limited).
  func map(bits: Int, isSigned: Bool) -> ValueMap {
    guard case .linear(let slope, let intercept, _) = map, bits > 0, bits <= 32 else { return map }
    let low = isSigned ? -exp2(Double(bits - 1)) : 0,
      high = isSigned ? exp2(Double(bits - 1)) - 1 : exp2(Double(bits)) - 1
    if first <= low && last >= high { return map }
    let from = max(first, low).rounded(.up), to = min(last, high).rounded(.down)
    guard to >= from, to - from < 65_536 else { return map }
    let entries = (0...Int(to - from)).map { (from + Double($0)) * slope + intercept }
    return .table(ValueTable(first: Int(from), entries: entries, isClamped: false), .float)
  }

  init(_ item: DataSet) throws(ImageError) {
    label = item.text(.lutLabel)
    unit = item.first(.measurementUnitsCodeSequence)?.text(.codeValue) ?? ""
    let low = item.number(.doubleFloatRealWorldValueFirstValueMapped) ?? item.number(.realWorldValueFirstValueMapped)
    let high = item.number(.doubleFloatRealWorldValueLastValueMapped) ?? item.number(.realWorldValueLastValueMapped)
    if let slope = item.number(.realWorldValueSlope) {
      first = low ?? -.infinity
      last = high ?? .infinity
      map = .linear(slope, item.number(.realWorldValueIntercept) ?? 0, .float)
    } else if let bytes = item.bytes(.realWorldValueLUTData, limit: 65_536 * 8), let low, let high {
      guard low == low.rounded(), abs(low) < 1e9, high >= low, high - low < 65_536 else {
        throw ImageError(.malformed, "Real World Values map \(low) to \(high), expected whole numbers in order")
      }
      let count = Int(high - low) + 1
      guard bytes.count >= count * 8 else {
        throw ImageError(
          .malformed,
          "Real World Value LUT Data \(Tag.realWorldValueLUTData) has \(bytes.count / 8) entries, expected \(count)")
      }
      let entries = (0..<count).map { i in
        Double(bitPattern: bytes[8 * i..<8 * i + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
      }
      first = low
      last = high
      map = .table(ValueTable(first: Int(low), entries: entries, isClamped: false), .float)
    } else {
      throw ImageError(
        .malformed, "the Real World Value Mapping has neither slope \(Tag.realWorldValueSlope) nor table")
    }
  }
}

extension DICOMFile {
  /// The real-world value mappings of a file: one list for all frames, or one for each; [] where there are none.
  ///
  /// - Throws: as ``header(_:limits:)``; `malformed` for a mapping without slope or table.
  public static func realWorldValues(
    _ path: String, limits: Limits = .standard
  ) throws(ImageError) -> [[RealWorldValues]] {
    let handle = try open(path, limits)
    do throws(ImageError) {
      let header = try InstanceHeader(handle, path: path, limits: limits), set = try handle.dataSet
      func all(_ group: DataSet) throws(ImageError) -> [RealWorldValues] {
        var found: [RealWorldValues] = [], item = group.first(.realWorldValueMappingSequence)
        while let own = item, found.count < 64 {
          found.append(try RealWorldValues(own))
          item = group.next(.realWorldValueMappingSequence, after: own)
        }
        return found
      }
      let shared = try set.first(.sharedFunctionalGroupsSequence).map { g throws(ImageError) in try all(g) } ?? []
      if !shared.isEmpty { return [shared] }
      let own = try all(set)
      if !own.isEmpty { return [own] }
      var frames: [[RealWorldValues]] = [], group = set.first(.perFrameFunctionalGroupsSequence)
      while let g = group, frames.count < header.frames {
        frames.append(try all(g))
        group = set.next(.perFrameFunctionalGroupsSequence, after: g)
      }
      return frames.contains { !$0.isEmpty } ? frames : []
    } catch { throw error.at(path) }
  }
}

extension InstanceHeader {
  /// The first mapping of every frame.
  func realWorldMaps(_ limits: Limits) throws(ImageError) -> [ValueMap] {
    let missing = ImageError(
      .malformed, "has no Real World Value Mapping Sequence \(Tag.realWorldValueMappingSequence)",
      hint: "read the modality values instead")
    guard hasRealWorldValues else { throw missing }
    let all: [[RealWorldValues]]
    do throws(ImageError) {
      all = try DICOMFile.realWorldValues(path, limits: limits)
    } catch { throw ImageError(error.kind, error.what, hint: error.hint) }
    var maps: [ValueMap] = []
    for frame in all {
      guard let first = frame.first else { throw missing }
      maps.append(first.map(bits: floatBits > 0 ? 0 : bitsStored, isSigned: isSigned))
    }
    guard maps.count == 1 || maps.count == frames else { throw missing }
    return maps
  }
}
