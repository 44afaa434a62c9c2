// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFilters

private let grid = Geometry(size: Size(columns: 37, rows: 23, slices: 5), spacing: [0.5, 1, 2])
private let image = noise(grid, seed: 5)

@Suite("Intensity · property")
struct IntensityProperties {
  @Test(
    "the quick window is the exact one, also at the halves",
    arguments: [
      (-160.0, 240.0), (0, 255), (-0.5, 254.5), (100, 101), (-1000, 3000), (-40000, 40000), (0.1, 0.7), (-1e20, 1e20),
    ])
  func windowIsExact(_ lower: Double, _ upper: Double) throws {
    let every = Volume<Int16>(Geometry(size: Size(columns: 1 << 12, rows: 16))) { out in
      for i in out.indices { out[i] = Int16(i - 32768) }
    }
    guard case .u8(let shown) = try Window(lower: lower, upper: upper)(.i16(every)) else { throw Failure() }
    for (v, s) in zip(every.array, shown.array) {
      let exact = ((Double(v) - lower) * 255 / (upper - lower)).rounded(.toNearestOrEven)
      #expect(Double(s) == min(max(exact, 0), 255), "\(v)")
    }
  }
  struct Failure: Error {}

  @Test func centreAndWidthAreTheEnds() {
    var window = Window(centre: 40, width: 400)
    #expect(window == Window(lower: -160, upper: 240))
    window.width = 100
    #expect(window == Window(lower: -10, upper: 90))
    window.centre = 0
    #expect(window == Window(lower: -50, upper: 50))
  }

  @Test(
    "a type's table gives what its voxels give as floats",
    arguments: [
      Rescale.catalogue as any CatalogueEntry, ZScore.catalogue, Square.catalogue, SquareRoot.catalogue,
      Logarithm.catalogue, Exponential.catalogue,
    ])
  func tableIsTheFunction(_ entry: any CatalogueEntry) throws {
    // More voxels than a table has entries.
    let large = noise(Geometry(size: Size(columns: 300, rows: 250)), seed: 2)
    let filter = try #require(try entry.make([]) as? any Filter)
    let table = try filter(.i16(large)).float.array, plain = try filter(AnyVolume.i16(large).converted(to: .float64))
    for (a, b) in zip(table, plain.float.array) { #expect(abs(a - b) <= 1e-6 * max(abs(b), 1)) }
  }

  @Test("NaN, infinity and single voxels pass every filter", arguments: FilterCatalogue.intensity.map(\.name))
  func neverTraps(_ name: String) throws {
    let entry = try #require(FilterCatalogue.all.first { $0.name == name })
    let filter = try #require(try entry.make([]) as? any Filter)
    for values: [Float] in [
      [.nan], [.infinity], [0], [5], [-.infinity, .nan, 1, 2], [.greatestFiniteMagnitude, -3e38],
    ] {
      let volume = try Volume(Geometry(size: Size(columns: values.count, rows: 1)), voxels: values)
      for kind in VoxelKind.allCases {
        do { _ = try filter(AnyVolume.f32(volume).converted(to: kind)) } catch {
          #expect(error.kind == .invalidParameter)
        }
      }
    }
  }

  @Test func histogramCountsEveryVoxelOnce() throws {
    for kind in VoxelKind.allCases {
      let typed = AnyVolume.i16(image).converted(to: kind), values = typed.float.array
      let histogram = try Histogram(of: typed, bins: 60, from: -100.5, width: 7.25)
      var counts = [Int](repeating: 0, count: 60)
      for v in values {
        let k = Int(((Double(v) + 100.5) / 7.25).rounded(.down))
        if counts.indices.contains(k) { counts[k] += 1 }
      }
      #expect(histogram.counts == counts)
      #expect(histogram.outside == values.count - counts.reduce(0, +))
    }
  }

  @Test("mean and deviation equal the sums over sorted doubles", arguments: VoxelKind.allCases)
  func statistics(_ kind: VoxelKind) {
    let large = AnyVolume.i16(noise(Geometry(size: Size(columns: 211, rows: 97, slices: 3)), seed: 8)).converted(
      to: kind)
    for above in [-Double.infinity, 90] {
      let kept = large.float.array.map { Double($0) }.filter { $0 > above }, n = Double(kept.count)
      let mean = kept.reduce(0, +) / n
      let spread = kept.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
      let range = large.valueRange(above: above)
      #expect(range.count == kept.count && range.minimum == kept.min() && range.maximum == kept.max())
      #expect(abs(range.mean - mean) < 1e-10 * 2000 && abs(range.deviation - spread.squareRoot()) < 1e-10 * 2000)
    }
  }

  @Test func theLargestIntegersDoNotOverflowTheSums() {
    for kind in [VoxelKind.uint16, .int16, .uint8, .int8] {
      for value in [-1e9, 1e9] {
        let flat = AnyVolume.f64(Volume(Geometry(size: Size(columns: 500, rows: 400)), repeating: value))
        let range = flat.converted(to: kind).valueRange
        #expect(range.mean == range.maximum && range.mean == range.minimum && range.deviation == 0)
      }
    }
  }

  @Test func percentilesEqualSorting() {
    for kind in VoxelKind.allCases {
      let typed = AnyVolume.i16(image).converted(to: kind), sorted = typed.float.array.sorted().filter { $0 > 3 }
      let percents = [0, 1, 12.5, 50, 99, 100.0]
      for (p, v) in zip(percents, typed.percentiles(percents, above: 3)) {
        let h = p / 100 * Double(sorted.count - 1), k = Int(h)
        let a = Double(sorted[k]), b = Double(sorted[min(k + 1, sorted.count - 1)])
        #expect(abs(v - (a + (h - Double(k)) * (b - a))) < 1e-9)
      }
    }
  }

  @Test func projectionsOfAllAxesAreThoseOfEach() throws {
    for statistic in Projection.Statistic.allCases {
      let all = AnyVolume.i16(image).projections(statistic)
      for (axis, together) in zip(Projection.Axis.allCases, all) {
        #expect(try Projection(along: axis, statistic: statistic)(.i16(image)) == together)
      }
    }
    let z = AnyVolume.i16(image).projections(.maximum, along: [.z])[0].geometry
    #expect(z.spacing == [0.5, 1, 10] && z.origin == grid.position(of: [0, 0, 2]))
  }

  @Test("CLAHE of signed voxels is that of unsigned ones, shifted")
  func claheShifts() throws {
    guard case .i16(let signed) = try CLAHE(tiles: 3)(.i16(image)),
      case .u16(let unsigned) = try CLAHE(tiles: 3)(.u16(image.map { UInt16(Int($0) + 32768) }))
    else { throw Failure() }
    #expect(signed.array.map { Int($0) + 32768 } == unsigned.array.map { Int($0) })
  }
}

@Suite("Nyúl · property")
struct NyulProperties {
  @Test("the landmarks of a matched image are the standard")
  func reachesTheStandard() throws {
    let real = AnyVolume.f32(image.map { Float($0) })
    let shifted = AnyVolume.f32(image.map { 3 * Float($0) + 70 })
    let standard = try NyulStandard(learning: [real, shifted], above: -.infinity)
    #expect(standard.values.first == 0 && standard.values.last == 100)
    let matched = try Nyul(standard: standard, above: -.infinity)(shifted)
    for (a, b) in zip(matched.percentiles(standard.percentiles, above: -.infinity), standard.values) {
      #expect(abs(a - b) < 0.2)
    }
    // A line does not change the shape of a histogram: both images become the same.
    let other = try Nyul(standard: standard, above: -.infinity)(real)
    for (a, b) in zip(matched.float.array, other.float.array) { #expect(abs(a - b) < 1e-3) }
    #expect(NyulStandard(standard.description) == standard)
  }

  @Test("an image matched to another has its histogram")
  func matchesAReference() throws {
    let reference = AnyVolume.f32(image.map { Float($0) }), shifted = AnyVolume.f32(image.map { 3 * Float($0) + 70 })
    let standard = try NyulStandard(matching: reference, above: -.infinity)
    let matched = try Nyul(standard: standard, above: -.infinity)(shifted)
    // A line between the two images is undone at every voxel.
    for (a, b) in zip(matched.float.array, reference.float.array) { #expect(abs(a - b) < 1e-2) }
    #expect(throws: ImageError.self) { try NyulStandard(matching: reference, above: 1e9) }
    let falling = #expect(throws: ImageError.self) { try NyulStandard(matching: reference, percentiles: [5, 3]) }
    #expect(falling.map { "\($0)".contains("percentiles are \"5,3\"") } == true)
  }

  @Test(arguments: ["", "1:2", "1:0,1:5", "10:0,5:9", "1:0,200:3", "1:x,9:4", "1:0;9:4", "1:5,50:4", "nan:1,5:2"])
  func refuses(_ text: String) {
    #expect(NyulStandard(text) == nil)
    #expect(throws: ImageError.self) { try Nyul.catalogue.make([("standard", text)]) }
  }
}

@Suite("Bias field · property")
struct BiasFieldProperties {
  private func phantom(_ gain: (Int, Int, Int) -> Double) -> Volume<Float> {
    Volume(Geometry(size: Size(columns: 32, rows: 28, slices: 12))) { out in
      var i = 0
      for z in 0..<12 {
        for y in 0..<28 {
          for x in 0..<32 {
            out[i] = Float((x / 8 + y / 7 + z / 4) % 2 == 0 ? 100 * gain(x, y, z) : 180 * gain(x, y, z))
            i += 1
          }
        }
      }
    }
  }

  @Test("a smooth gain is taken out", arguments: [1, 2])
  func takesOutAGain(_ shrink: Int) throws {
    let gain = { (x: Int, y: Int, z: Int) in 1 + 0.02 * Double(x) - 0.012 * Double(y) + 0.01 * Double(z) }
    let flat = phantom { _, _, _ in 1 }, bent = phantom(gain)
    let found = try BiasField(levels: 2, shrink: shrink)(bent)
    func variation(_ v: Volume<Float>) -> Double {
      let r = zip(v.array, flat.array).map { Double($0 / $1) }, mean = r.reduce(0, +) / Double(r.count)
      return (r.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(r.count)).squareRoot() / mean
    }
    #expect(variation(found) < 0.25 * variation(bent))
  }

  @Test func sameForAnyNumberOfThreads() throws {
    let bent = phantom { x, _, _ in 1 + 0.02 * Double(x) }
    let (one, two) = try withThreads { try BiasField(levels: 2, iterations: 5)(bent) }
    #expect(one == two)
  }
}

@Suite("Intensity · malformed")
struct IntensityMalformed {
  @Test(
    "a wrong parameter is named",
    arguments: [
      (Window(lower: 5, upper: 5) as any Filter, "lower"), (Window(lower: .nan, upper: 5), "lower"),
      (Window(lower: 0, upper: .infinity), "upper"), (Window(lower: -1e308, upper: 1.7e308), "upper"),
      (Rescale(lower: 1, upper: 0), "lower"), (Clip(lower: 2, upper: 1), "lower"),
      (Clip(lower: .nan, upper: 1), "lower"),
      (ZScore(above: .nan), "above"), (Gamma(gamma: -1), "gamma"), (Gamma(gamma: .nan), "gamma"),
      (Gamma(gamma: 1, gain: .infinity), "gain"), (Gamma(gamma: 2), "negative"), (EqualiseHistogram(bins: 1), "bins"),
      (EqualiseHistogram(bins: .max), "bins"), (CLAHE(tiles: 0), "tiles"), (CLAHE(tiles: .max), "tiles"),
      (CLAHE(clipLimit: -1), "clip-limit"), (CLAHE(clipLimit: .nan), "clip-limit"),
      (Nyul(standard: NyulStandard(), above: .nan), "above"), (Nyul(standard: NyulStandard(), above: 1e6), "range"),
      (BiasField(levels: 0), "levels"), (BiasField(iterations: .max), "iterations"), (BiasField(shrink: -1), "shrink"),
      (BiasField(above: .nan), "above"), (BiasField(above: 1e6), "voxels"),
      (LocalBinaryPattern(samples: 0), "samples"), (LocalBinaryPattern(samples: 25), "samples"),
      (LocalBinaryPattern(radius: .nan), "radius"), (LocalBinaryPattern(radius: 1e9), "radius"),
      (LocalBinaryPattern3D(level: 11), "level"), (LocalBinaryPattern3D(level: 1, radius: -1), "radius"),
      (LocalBinaryPattern3D(level: 1, subdivision: 4), "subdivision"),
    ])
  func refuses(_ filter: any Filter, _ word: String) {
    let error = #expect(throws: ImageError.self) { try filter(.i16(image)) }
    #expect(error?.kind == .invalidParameter)
    #expect(error?.what.contains(word) == true, "\(error?.what ?? "")")
  }

  @Test func histogramRefuses() {
    for (bins, width) in [(0, 1.0), (1 << 25, 1), (10, 0), (10, .nan)] {
      #expect(throws: ImageError.self) { try Histogram(of: .i16(image), bins: bins, from: 0, width: width) }
    }
  }
}
