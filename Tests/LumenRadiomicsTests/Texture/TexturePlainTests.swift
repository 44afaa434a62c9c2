// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore
import Testing

@testable import LumenRadiomics

/// Every matrix by its definition: dictionaries of voxels, neighbours looked up one by one.
struct PlainTexture {
  typealias Place = SIMD3<Int>
  /// Level of each voxel of the intensity mask; places of the morphological mask.
  let levels: [Place: Int], mask: Set<Place>
  let δ: Int, α: Int, planar: Bool

  var directions: [Place] { (planar ? Offset.inPlane : Offset.directions).map { [$0.x, $0.y, $0.z] } }
  var around: [Place] { cube(δ) }

  func cube(_ r: Int) -> [Place] {
    var all: [Place] = []
    for z in planar ? 0...0 : -r...r {
      for y in -r...r { for x in -r...r where [x, y, z] != Place(0, 0, 0) { all.append([x, y, z]) } }
    }
    return all
  }

  func matrix(_ cells: [SIMD2<Int>: Double], _ voxels: Int) -> CountMatrix? {
    let sorted = cells.sorted { ($0.key.x, $0.key.y) < ($1.key.x, $1.key.y) }
    return CountMatrix(sorted.map { (Double($0.key.x), Double($0.key.y), $0.value) }, voxels: Double(voxels))
  }

  func runs(_ directions: [Place], _ weights: [Double]? = nil) -> [Double]? {
    var cells: [SIMD2<Int>: Double] = [:], voxels = 0.0
    for (k, d) in directions.enumerated() {
      voxels += Double(levels.count) * (weights?[k] ?? 1)
      for (place, level) in levels where levels[place &- d] != level {
        var length = 1
        while levels[place &+ length &* d] == level { length += 1 }
        cells[[level, length], default: 0] += weights?[k] ?? 1
      }
    }
    let sorted = cells.sorted { ($0.key.x, $0.key.y) < ($1.key.x, $1.key.y) }
    return CountMatrix(sorted.map { (Double($0.key.x), Double($0.key.y), $0.value) }, voxels: voxels).map {
      GreyLevelRunLength(matrix: $0).values
    }
  }

  var zones: (sizes: [Double]?, distances: [Double]?) {
    // Distances: layers of the mask taken off one by one.
    let faces: [Place] =
      planar
      ? [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0]]
      : [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]
    var distance: [Place: Int] = [:], rest = mask, layer = 1
    while !rest.isEmpty {
      let border = rest.filter { place in faces.contains { !rest.contains(place &+ $0) } }
      for place in border { distance[place] = layer }
      rest.subtract(border)
      layer += 1
    }
    var sizes: [SIMD2<Int>: Double] = [:], distances: [SIMD2<Int>: Double] = [:], left = Set(levels.keys)
    while let seed = left.first {
      var stack = [seed], size = 0, nearest = Int.max
      left.remove(seed)
      while let place = stack.popLast() {
        size += 1
        nearest = min(nearest, distance[place] ?? 0)
        for o in cube(1) where left.contains(place &+ o) && levels[place &+ o] == levels[seed] {
          left.remove(place &+ o)
          stack.append(place &+ o)
        }
      }
      sizes[[levels[seed] ?? 0, size], default: 0] += 1
      distances[[levels[seed] ?? 0, nearest], default: 0] += 1
    }
    return (
      matrix(sizes, levels.count).map { GreyLevelSizeZone(matrix: $0).values },
      matrix(distances, levels.count).map { GreyLevelDistanceZone(matrix: $0).values }
    )
  }

  var dependences: [Double]? {
    var cells: [SIMD2<Int>: Double] = [:]
    for (place, level) in levels {
      let n = around.count { o in levels[place &+ o].map { abs($0 - level) <= α } ?? false }
      cells[[level, n + 1], default: 0] += 1
    }
    return matrix(cells, levels.count).map { GreyLevelDependence(matrix: $0).values }
  }

  func tones(_ weight: (Place) -> Double = { _ in 1 }) -> [(i: Double, n: Double, s: Double)] {
    var n: [Int: Double] = [:], s: [Int: Double] = [:]
    for (place, level) in levels {
      let near = around.compactMap { o in levels[place &+ o].map { (Double($0), weight(o)) } }
      if near.isEmpty { continue }
      let mean = near.reduce(0) { $0 + $1.0 * $1.1 } / near.reduce(0) { $0 + $1.1 }
      n[level, default: 0] += 1
      s[level, default: 0] += abs(Double(level) - mean)
    }
    return n.keys.sorted().map { (Double($0), n[$0] ?? 0, s[$0] ?? 0) }
  }
}

@Suite("Texture · property: equal to the plain definitions")
struct TexturePlain {
  struct Case: Sendable, CustomStringConvertible {
    let δ: Int, α: Int, spread: Int
    var description: String { "δ \(δ), α \(α), levels \(spread) apart" }
  }
  static let cases = [
    Case(δ: 1, α: 0, spread: 1), Case(δ: 2, α: 1, spread: 1), Case(δ: 3, α: 0, spread: 1), Case(δ: 4, α: 2, spread: 1),
    // More levels than a byte holds, with gaps.
    Case(δ: 1, α: 0, spread: 300), Case(δ: 2, α: 700, spread: 300), Case(δ: 1, α: 0, spread: 9000),
  ]

  /// A volume with zones of several voxels, holes, and voxels that resegmentation takes out of the intensity mask.
  static func volume(_ spread: Int) throws -> (
    image: AnyVolume, mask: Mask, levels: [PlainTexture.Place: Int], inside: Set<PlainTexture.Place>
  ) {
    var random = Random(state: UInt64(spread))
    let size = Size(columns: 11, rows: 9, slices: 7), g = Geometry(size: size, spacing: [0.5, 0.75, 1])
    var voxels: [Float] = [], mask: [UInt8] = [], levels: [PlainTexture.Place: Int] = [:],
      inside: Set<PlainTexture.Place> = []
    for z in 0..<7 {
      for y in 0..<9 {
        for x in 0..<11 {
          let smooth = 1 + (x / 3 + y / 4 + z / 3) % 4,
            level = 1 + (random.next(3) > 0 ? smooth : random.next(7)) * spread
          let isInside = random.next(10) > 0, isKept = random.next(12) > 0
          voxels.append(isKept ? Float(level) : -100)
          mask.append(isInside ? 1 : 0)
          if isInside { inside.insert([x, y, z]) }
          if isInside && isKept { levels[[x, y, z]] = level }
        }
      }
    }
    return (.f32(try Volume(g, voxels: voxels)), Mask(try Volume(g, voxels: mask)), levels, inside)
  }

  static func compare(_ found: [Double]?, _ expected: [Double]?, _ what: String) {
    guard let found, let expected else { return #expect(found == nil && expected == nil, "\(what)") }
    for (a, b) in zip(found, expected) {
      let isEqual = b.isNaN ? a.isNaN : abs(a - b) <= 1e-10 * max(1, abs(b))
      #expect(isEqual, "\(what): \(a), plain \(b)")
    }
    #expect(found.count == expected.count && !found.isEmpty)
  }

  @Test(arguments: cases)
  func everyFamily(_ c: Case) throws {
    let (image, mask, levels, inside) = try Self.volume(c.spread)
    var e = FeatureExtraction()
    e.families = [.glrlm, .glszm, .gldzm, .ngtdm, .ngldm]
    e.aggregations = Aggregation.allCases
    e.discretisation = .none
    e.resegmentationRange = 0...1e6
    (e.distance, e.coarseness) = (c.δ, c.α)
    let values = try e(image, in: mask)
    func found(_ family: FamilyName, _ way: String) -> [Double] {
      values.filter { $0.column.family == family.title && $0.column.aggregation == way }.map(\.value)
    }
    func mean(_ all: [[Double]?]) -> [Double]? {
      let all = all.compactMap { $0 }
      return all.first.map {
        $0.indices.map { f in
          let defined = all.map { $0[f] }.filter { !$0.isNaN }
          return defined.isEmpty ? .nan : defined.reduce(0, +) / Double(defined.count)
        }
      }
    }
    let whole = PlainTexture(levels: levels, mask: inside, δ: c.δ, α: c.α, planar: false)
    let stacked = PlainTexture(levels: levels, mask: inside, δ: c.δ, α: c.α, planar: true)
    let slices = (0..<7).map { z in
      PlainTexture(
        levels: levels.filter { $0.key.z == z }, mask: inside.filter { $0.z == z }, δ: c.δ, α: c.α, planar: true)
    }
    Self.compare(found(.glrlm, "3D:mrg"), whole.runs(whole.directions), "runs 3D:mrg")
    Self.compare(found(.glrlm, "3D:avg"), mean(whole.directions.map { whole.runs([$0]) }), "runs 3D:avg")
    Self.compare(found(.glrlm, "2.5D:mrg"), stacked.runs(stacked.directions), "runs 2.5D:mrg")
    Self.compare(found(.glrlm, "2.5D:avg"), mean(stacked.directions.map { stacked.runs([$0]) }), "runs 2.5D:avg")
    Self.compare(found(.glrlm, "2D:mrg"), mean(slices.map { $0.runs($0.directions) }), "runs 2D:mrg")
    Self.compare(
      found(.glrlm, "2D:avg"), mean(slices.flatMap { s in s.directions.map { s.runs([$0]) } }), "runs 2D:avg")
    for (way, plain) in [("3D", [whole]), ("2.5D", [stacked]), ("2D", slices)] {
      let zones = plain.map(\.zones)
      Self.compare(found(.glszm, way), mean(zones.map(\.sizes)), "sizes \(way)")
      Self.compare(found(.gldzm, way), mean(zones.map(\.distances)), "distances \(way)")
      Self.compare(found(.ngldm, way), mean(plain.map(\.dependences)), "dependences \(way)")
      Self.compare(found(.ngtdm, way), mean(plain.map { GreyToneDifference($0.tones())?.values }), "tones \(way)")
    }
  }

  @Test(arguments: DistanceWeighting.allCases)
  func weights(_ weighting: DistanceWeighting) throws {
    let (image, mask, levels, inside) = try Self.volume(1)
    var e = FeatureExtraction()
    e.families = [.glrlm, .ngtdm]
    e.aggregations = [.merged3D, .averaged3D]
    e.discretisation = .none
    e.resegmentationRange = 0...1e6
    e.weighting = weighting
    let values = try e(image, in: mask)
    let plain = PlainTexture(levels: levels, mask: inside, δ: 1, α: 0, planar: false)
    func weight(_ o: PlainTexture.Place) -> Double {
      let m = [Double(abs(o.x)) * 0.5, Double(abs(o.y)) * 0.75, Double(abs(o.z))]
      switch weighting {
      case .none: return 1
      case .infinity: return exp(-pow(m.max() ?? 0, 2))
      case .euclidean: return exp(-(m[0] * m[0] + m[1] * m[1] + m[2] * m[2]))
      case .manhattan: return exp(-pow(m[0] + m[1] + m[2], 2))
      }
    }
    Self.compare(
      values.prefix(16).map(\.value), plain.runs(plain.directions, plain.directions.map(weight)), "weighted runs")
    Self.compare(
      values.suffix(5).map(\.value), GreyToneDifference(plain.tones(weight))?.values, "weighted tones")
    // Averaged directions are measured each by itself: weights have no effect.
    e.weighting = .none
    #expect(try Array(e(image, in: mask)[16..<32]).bits == Array(values[16..<32]).bits)
  }
}

@Suite("Texture · oracle: PyRadiomics 3.0.1, weightingNorm")
struct TextureWeightingOracle {
  /// `RadiomicsGLCM(image, mask, binWidth=1, weightingNorm=…)` on the digital phantom with a spacing of 0.5, 0.75, 1 mm.
  @Test(arguments: [
    (DistanceWeighting.infinity, 5.188916978828959, 2.5889602597676618, 0.18033894528427352, 16.907025222476147),
    (DistanceWeighting.euclidean, 5.008571752209511, 2.5786883301605816, 0.2136940990127783, 17.746980802061813),
    (DistanceWeighting.manhattan, 4.537617005376899, 2.528412429175291, 0.290695898505227, 20.088746753427053),
  ])
  func cooccurrence(
    _ weighting: DistanceWeighting, _ contrast: Double, _ entropy: Double, _ correlation: Double, _ shade: Double
  ) throws {
    var e = DigitalPhantom.extraction
    e.families = [.glcm]
    e.aggregations = [.merged3D]
    e.weighting = weighting
    let grid = Geometry(size: DigitalPhantom.geometry.size, spacing: [0.5, 0.75, 1])
    let found = try e(DigitalPhantom.image().with(grid), in: DigitalPhantom.mask().with(grid)).byKey
    let expected = [
      "cm_contrast": contrast, "cm_joint_entr": entropy, "cm_corr": correlation, "cm_clust_shade": shade,
    ]
    for (tag, value) in expected {
      let v = try #require(found["\(tag)_3D:mrg"])
      #expect(abs(v - value) < 1e-12 * max(1, value), "\(tag): \(v), PyRadiomics \(value)")
    }
  }
}
