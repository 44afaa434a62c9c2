// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// What makes a wanted value of a stored one, for one slice.
enum ValueMap: Sendable, Equatable {
  /// The type of the result.
  enum Kind: Sendable { case narrowest, float }
  /// v = s · slope + intercept.
  case linear(Double, Double, Kind)
  /// A table.
  case table(ValueTable, Kind)

  /// Stored values as they are.
  static let identity = ValueMap.linear(1, 0, .narrowest)

  func value(_ stored: Double) -> Double {
    switch self {
    case .linear(let a, let b, _): stored * a + b
    case .table(let table, _): table.value(stored)
    }
  }

  /// Whether every result is a whole number in an integer type, given integers.
  var isWhole: Bool {
    switch self {
    case .linear(let a, let b, let kind): kind == .narrowest && a == a.rounded() && b == b.rounded()
    case .table(let table, let kind): kind == .narrowest && table.entries.allSatisfy { $0 == $0.rounded() }
    }
  }

  /// Extremes for stored values of a range.
  func range(_ low: Double, _ high: Double) -> (Double, Double) {
    switch self {
    case .linear(let a, let b, _):
      let ends = (low * a + b, high * a + b)
      return (min(ends.0, ends.1), max(ends.0, ends.1))
    case .table(let table, _): return (table.entries.min() ?? 0, table.entries.max() ?? 0)
    }
  }
}

/// A lookup table from a first stored value on.
struct ValueTable: Sendable, Equatable {
  /// The stored value of the first entry.
  let first: Int
  let entries: [Double]
  /// Whether values outside take the nearest entry; else they are NaN.
  let isClamped: Bool
  /// Bits an entry.
  var bits = 16

  func value(_ stored: Double) -> Double {
    guard stored.isFinite, !entries.isEmpty else { return .nan }
    let k = min(max(stored.rounded(.down) - Double(first), -1), Double(entries.count))
    if k >= 0 && k < Double(entries.count) { return entries[Int(k)] }
    return isClamped ? (k < 0 ? entries[0] : entries[entries.count - 1]) : .nan
  }

  /// A table of a Modality or VOI LUT Sequence item.
  ///
  /// - Source: PS3.3 C.11.1.1, C.11.2.1.1; entries as in ``Palette``: 8-bit ones may be packed two a word.
  /// - Throws: `malformed` for a missing, short or contradictory table.
  init(_ item: DataSet, isSigned: Bool, _ name: String) throws(ImageError) {
    guard let descriptor = item.words(.lutDescriptor, limit: 3), descriptor.count == 3 else {
      throw ImageError(.malformed, "LUT Descriptor \(Tag.lutDescriptor) of the \(name) is missing or not three numbers")
    }
    let count = descriptor[0] == 0 ? 65_536 : Int(descriptor[0])
    bits = Int(descriptor[2])
    guard (8...16).contains(bits) else {
      throw ImageError(.malformed, "the \(name) has entries of \(bits) bits, expected 8 to 16")
    }
    guard var words = item.words(.lutData, limit: 65_536) else {
      throw ImageError(.malformed, "LUT Data \(Tag.lutData) of the \(name) is missing")
    }
    if bits == 8 && words.count < count { words = words.flatMap { [$0 & 0xFF, $0 >> 8] } }
    guard words.count >= count else {
      throw ImageError(.malformed, "the \(name) has \(words.count) entries, expected \(count)")
    }
    first = isSigned ? Int(Int16(bitPattern: descriptor[1])) : Int(descriptor[1])
    // Bits above those of an entry carry nothing.
    let mask = UInt16(truncatingIfNeeded: (1 << bits) - 1)
    entries = words.prefix(count).map { Double($0 & mask) }
    isClamped = true
  }

  init(first: Int, entries: [Double], isClamped: Bool) {
    self.first = first
    self.entries = entries
    self.isClamped = isClamped
  }
}

/// One map a slice, in the smallest type that the standard's tools expect.
struct Mapping: AnyVolume.Visitor {
  typealias Failure = Never
  let maps: [ValueMap]

  func visit<Element: Voxel>(_ volume: Volume<Element>) -> AnyVolume {
    if maps.allSatisfy({ $0 == .identity }) { return Element.erase(volume) }
    let isInteger = Element.kind != .float32 && Element.kind != .float64
    if isInteger && maps.allSatisfy(\.isWhole) {
      let (low, high) = range(volume)
      if low >= -32_768 && high <= 32_767 { return .i16(apply(volume)) }
      if low >= 0 && high <= 65_535 { return .u16(apply(volume)) }
      if low >= -2_147_483_648 && high <= 2_147_483_647 { return .i32(apply(volume)) }
    }
    return .f32(apply(volume))
  }

  /// Smallest and largest value.
  private func range<Element: Voxel>(_ volume: Volume<Element>) -> (Double, Double) {
    let plane = volume.size.plane
    return volume.withVoxels { voxels in
      nonisolated(unsafe) let p = voxels.baseAddress!
      return parallelReduce(maps.count, block: 1, (Double.infinity, -Double.infinity)) { slices in
        var low = Double.infinity, high = -Double.infinity
        for z in slices {
          let slice = p + z * plane
          var least = slice[0], most = slice[0]
          for i in 0..<plane {
            least = slice[i] < least ? slice[i] : least
            most = slice[i] > most ? slice[i] : most
          }
          let ends = maps[z].range(least.doubleValue, most.doubleValue)
          low = min(low, ends.0)
          high = max(high, ends.1)
        }
        return (low, high)
      } combine: { a, b in
        a = (min(a.0, b.0), max(a.1, b.1))
      }
    }
  }

  private func apply<Element: Voxel, Out: Voxel>(_ volume: Volume<Element>) -> Volume<Out> {
    let plane = volume.size.plane
    return Volume<Out>(volume.geometry) { out in
      volume.withVoxels { voxels in
        nonisolated(unsafe) let (source, target) = (voxels.baseAddress!, out.baseAddress!)
        parallelFor(maps.count) { slices in
          for z in slices {
            let all = z * plane..<(z + 1) * plane
            switch maps[z] {
            case .linear(let slope, let intercept, _):
              for i in all { target[i] = Out.rounding(source[i].doubleValue * slope + intercept) }
            case .table(let table, _):
              for i in all { target[i] = Out.rounding(table.value(source[i].doubleValue)) }
            }
          }
        }
      }
    }
  }
}
