// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFilters

private let grid = Geometry(size: Size(columns: 17, rows: 13, slices: 9))

@Suite("Median · oracle SciPy 1.17.1 median_filter")
struct MedianOracle {
  /// Σ (i + 1)·m[i] over the voxels of median_filter(v, size=…, mode=…), Int16; radius, planar, boundary.
  @Test(arguments: [
    (1, false, BoundaryCondition.mirror, 1_894_336_681),
    (1, true, .mirror, 1_876_117_680),
    (1, false, .nearest, 1_894_336_681),
    (1, true, .nearest, 1_876_117_680),
    (1, false, .periodic, 1_934_879_690),
    (1, true, .periodic, 1_866_031_155),
    (1, false, .zero, 1_235_438_292),
    (1, true, .zero, 1_540_637_664),
    (2, false, .mirror, 1_891_556_128),
    (2, true, .mirror, 1_882_983_383),
    (2, false, .nearest, 1_878_160_188),
    (2, true, .nearest, 1_905_452_772),
    (2, false, .periodic, 1_896_738_497),
    (2, true, .periodic, 1_849_647_446),
    (2, false, .zero, 771_830_436),
    (2, true, .zero, 1_219_729_792),
    (3, false, .mirror, 1_883_414_065),
    (3, true, .mirror, 1_901_308_886),
    (3, false, .nearest, 1_841_581_900),
    (3, true, .nearest, 1_929_571_403),
    (3, false, .periodic, 1_873_132_340),
    (3, true, .periodic, 1_870_393_649),
    (3, false, .zero, 444_384_662),
    (3, true, .zero, 970_326_459),
  ])
  func weightedSum(_ radius: Int, _ planar: Bool, _ boundary: BoundaryCondition, _ sum: Int) throws {
    let result = try Median(radius: radius, planar: planar, boundary: boundary)(noise(grid, seed: 3))
    #expect(result.array.enumerated().reduce(0) { $0 + ($1.offset + 1) * Int($1.element) } == sum)
  }
}

/// The definition: sort the window of every voxel; NaN last.
private func plain<T: Voxel>(_ image: Volume<T>, _ m: Median) -> [T] {
  let size = image.size, depth = m.planar || size.slices == 1 ? 0 : m.radius
  var out: [T] = []
  for z in 0..<size.slices {
    for y in 0..<size.rows {
      for x in 0..<size.columns {
        var window: [T] = []
        for k in -depth...depth {
          for j in -m.radius...m.radius {
            for i in -m.radius...m.radius {
              if let a = m.boundary.index(x + i, count: size.columns),
                let b = m.boundary.index(y + j, count: size.rows),
                let c = m.boundary.index(z + k, count: size.slices)
              {
                window.append(image[a, b, c])
              } else {
                window.append(T.rounding(0))
              }
            }
          }
        }
        window.sort { $0.doubleValue < $1.doubleValue || ($1.doubleValue.isNaN && !$0.doubleValue.isNaN) }
        out.append(window[window.count / 2])
      }
    }
  }
  return out
}

/// Whether the filter equals the definition for an image of one type.
private struct EqualsPlain: AnyVolume.Visitor {
  typealias Failure = ImageError
  let median: Median

  func visit<T: Voxel>(_ volume: Volume<T>) throws(ImageError) -> Bool {
    let result = try median(T.erase(volume)), expected = plain(volume, median)
    guard result.kind == T.kind, result.geometry == volume.geometry else { return false }
    let typed = try Volume(volume.geometry, voxels: expected)
    return result == T.erase(typed)
  }
}

@Suite("Median · property", .serialized)
struct MedianProperties {
  @Test("equals sorting for every stored type, with the extremes of the type", arguments: VoxelKind.allCases)
  func everyType(_ kind: VoxelKind) throws {
    for (radius, planar) in [(1, false), (1, true), (2, true), (2, false), (4, true), (3, false)] {
      for boundary in [BoundaryCondition.nearest, .zero] {
        let image = noise(Geometry(size: Size(columns: 37, rows: 8, slices: 4)), seed: 11)
        // Values beyond a small type's range saturate to its extremes; the wide ones are stretched over theirs.
        let wide: AnyVolume =
          kind.bytes >= 4 ? .f64(image.map { Double($0) * 1_048_576.25 }) : .f64(image.map { Double($0) / 8 + 30 })
        let filter = Median(radius: radius, planar: planar, boundary: boundary)
        #expect(try wide.converted(to: kind).accept(EqualsPlain(median: filter)), "radius \(radius), planar \(planar)")
      }
    }
  }

  @Test("equals sorting for every width around a register", arguments: BoundaryCondition.allCases)
  func everyWidth(_ boundary: BoundaryCondition) throws {
    for columns in [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33] {
      for (rows, slices) in [(1, 1), (3, 1), (1, 4), (5, 2)] {
        let image = noise(Geometry(size: Size(columns: columns, rows: rows, slices: slices)), seed: 4)
        for radius in [1, 2] {
          let filter = Median(radius: radius, boundary: boundary)
          #expect(try filter(image).array == plain(image, filter), "\(columns) × \(rows) × \(slices)")
          let real = image.map { Float($0) / 4 }
          #expect(try filter(real).array == plain(real, filter), "\(columns) × \(rows) × \(slices), Float")
        }
      }
    }
  }

  @Test("more rows and slices than a band holds")
  func everyBand() throws {
    let image = noise(Geometry(size: Size(columns: 20, rows: 130, slices: 35)), seed: 6)
    #expect(try image.median().array == plain(image, Median()))
  }

  @Test func notANumberCountsAsLargest() throws {
    var image = noise(Geometry(size: Size(columns: 12, rows: 10, slices: 4)), seed: 8).map { Float($0) }
    for (i, value) in [Float.nan, -.nan, .infinity, -.infinity].enumerated() {
      for x in 0..<9 { image[x, (i * 3 + x) % 10, i] = value }
    }
    for x in 5..<9 { for y in 4..<8 { for z in 1..<4 { image[x, y, z] = .nan } } }
    for filter in [Median(), Median(planar: true), Median(radius: 2)] {
      let result = try filter(image).array, expected = plain(image, filter)
      #expect(zip(result, expected).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) })
      #expect(result.contains { $0.isNaN })
    }
  }

  @Test func removesImpulsesAndKeepsEdges() throws {
    var image = Volume<Int16>(Geometry(size: Size(columns: 20, rows: 20, slices: 20)), repeating: 0)
    for z in 0..<20 { for y in 0..<20 { for x in 10..<20 { image[x, y, z] = 100 } } }
    let edge = image
    image[4, 5, 6] = 3000
    image[15, 5, 6] = -3000
    #expect(try image.median() == edge)
  }

  @Test func sameForAnyNumberOfThreadsAndAnyOutput() throws {
    let image = noise(Geometry(size: Size(columns: 130, rows: 140, slices: 40)), seed: 9),
      real = image.map { Float($0) }
    let (one, two) = try withThreads { try image.median() }
    #expect(one == two)
    var reused = Volume<Int16>(image.geometry, repeating: 7), reusedReal = Volume<Float>(image.geometry, repeating: 7)
    try Median()(image, into: &reused)
    try Median()(real, into: &reusedReal)
    #expect(reused == one)
    #expect(reusedReal == one.map { Float($0) })
  }
}

@Suite("Median · malformed")
struct MedianMalformed {
  @Test(arguments: [-1, 0, 51, Int.max, Int.min])
  func refusesRadius(_ radius: Int) {
    let error = #expect(throws: ImageError.self) { try noise(grid, seed: 1).median(radius: radius) }
    #expect(error?.kind == .invalidParameter)
    #expect(error?.what == "radius is \(radius), expected 1 … 50")
  }

  @Test func refusesAnOutputOfAnotherSize() {
    var small = Volume<Int16>(Geometry(size: Size(columns: 2, rows: 2)), repeating: 0)
    #expect(throws: ImageError.self) { try Median()(noise(grid, seed: 1), into: &small) }
  }

  @Test func catalogueChecksTheRange() throws {
    let made = try Median.catalogue.make([("radius", "2"), ("planar", "true"), ("boundary", "mirror")])
    #expect(made as? Median == Median(radius: 2, planar: true, boundary: .mirror))
    #expect(throws: ImageError.self) { try Median.catalogue.make([("radius", "51")]) }
  }
}
