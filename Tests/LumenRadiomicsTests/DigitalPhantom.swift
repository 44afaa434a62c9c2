// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenRadiomics

/// The IBSI 1 digital phantom: 5 × 4 × 4 voxels of 2 mm, 74 of them in the region.
/// Source: Lambin, Radiomics Digital Phantom, CancerData 2016, doi:10.17195/candat.2016.08.1 (CC BY 4.0).
enum DigitalPhantom {
  static let geometry = Geometry(size: Size(columns: 5, rows: 4, slices: 4), spacing: [2, 2, 2])

  /// A line a row, a block of four a slice; negative values lie outside the region.
  private static let listing: [Int16] = [
    1, 4, 4, 1, 1,
    1, 4, 6, 1, 1,
    4, 1, 6, 4, 1,
    4, 4, 6, 4, 1,

    1, 4, 4, 1, 1,
    1, 1, 6, 1, 1,
    -1, 1, 3, 1, 1,
    4, 4, 6, 1, 1,

    1, 4, 4, -1, -1,
    1, 1, 1, 1, 1,
    1, 1, -9, 1, 1,
    1, 1, 6, 1, 1,

    1, 4, 4, -1, -1,
    1, 1, 1, 1, 1,
    1, 1, 1, 1, 1,
    1, 1, 6, 1, 1,
  ]

  static func image() throws -> AnyVolume { .i16(try Volume(geometry, voxels: listing.map(abs))) }
  static func mask() throws -> Mask { Mask(try Volume(geometry, voxels: listing.map { $0 > 0 ? 1 : 0 })) }

  /// Everything, without discretisation, as the reference values ask for.
  static var extraction: FeatureExtraction {
    var e = FeatureExtraction()
    e.families = FamilyName.allCases
    e.aggregations = Aggregation.allCases
    e.discretisation = .none
    return e
  }
}

/// One reference value.
struct ReferenceRow: CustomStringConvertible, Sendable {
  let tag: String, code: String, aggregation: String, value: Double, tolerance: Double, family: String, name: String

  var key: String { aggregation == "-" ? tag : "\(tag)_\(aggregation)" }
  var description: String { key }

  static let digitalPhantom: [ReferenceRow] = digitalPhantomReference.split(separator: "\n").map { line in
    let f = line.split(separator: "|").map(String.init)
    return ReferenceRow(
      tag: f[0], code: f[1], aggregation: f[2], value: Double(f[3]) ?? .nan, tolerance: Double(f[4]) ?? .nan,
      family: f[5], name: f[6])
  }

  /// The value rounded to the third significant digit of the reference is within the tolerance.
  func accepts(_ found: Double) -> Bool {
    guard found.isFinite else { return false }
    if abs(found - value) <= tolerance { return true }
    var decimals = 0.0, digit = abs(value)
    if value != 0 {
      decimals = 2
      while digit >= 10 { (digit, decimals) = (digit / 10, decimals - 1) }
      while digit < 1 { (digit, decimals) = (digit * 10, decimals + 1) }
    }
    var scale = 1.0
    for _ in 0..<Int(abs(decimals)) { scale *= 10 }
    if decimals < 0 { scale = 1 / scale }
    return abs((found * scale).rounded(.toNearestOrEven) - value * scale) <= tolerance * scale + 1e-6
  }
}

extension [FeatureValue] {
  /// Values by column key.
  var byKey: [String: Double] { Dictionary(uniqueKeysWithValues: map { ($0.column.key, $0.value) }) }
  /// The bits of every value, for exact comparison with NaN equal to NaN.
  var bits: [UInt64] { map { $0.value.isNaN ? UInt64.max : $0.value.bitPattern } }
}

/// Deterministic pseudo-random numbers (splitmix64).
struct Random {
  var state: UInt64
  mutating func next(_ n: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) >> 1) % n
  }
}
