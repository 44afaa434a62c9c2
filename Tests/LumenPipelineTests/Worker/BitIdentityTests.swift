// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import LumenFilters
import LumenFormats
import LumenRadiomics
import Testing

@testable import LumenPipeline

/// A part of what `scripts/bit_identity.py` compares, which also takes builds for other instruction sets.
@Suite("Bit identity · property: threads and workers do not change a bit", .serialized)
struct BitIdentityTests {
  private static let families = FamilyName.allCases.map(\.rawValue).joined(separator: ", ")
  private static let ways = Aggregation.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")

  private static func recipe(_ settings: String, _ more: String = "") throws -> Recipe {
    try Recipe(
      yaml: """
        read: {geometry: accept, colour: luminance}
        segment: [{median: {radius: 1}}, otsu, largest-component]
        \(more)
        features:
          families: [\(families)]
          aggregations: [\(ways)]
          \(settings)
        """)
  }

  /// A bright body with texture; its grid has odd sizes.
  private static func body(_ size: Size) throws -> Volume<Float> {
    var random = SplitMix64(seed: 4)
    return try Volume<Float>(
      Geometry(size: size, spacing: [0.9, 1.1, 2.5]),
      voxels: (0..<size.count).map { i in
        let x = Double(i % size.columns) / Double(size.columns) - 0.45
        let y = Double(i / size.columns % size.rows) / Double(size.rows) - 0.5
        let z = (Double(i / size.plane) + 0.5) / Double(size.slices) - 0.5
        let isInside = x * x + 1.3 * y * y + z * z < 0.11 + random.uniform() / 25
        return Float((isInside ? 500 : 0) + 400 * random.uniform())
      })
  }

  /// The features of an image of a file, by a recipe: read, segmented and measured with so many threads.
  private func bits(
    _ image: ImageSource, _ recipe: Recipe, threads: Int, _ workers: WorkerPool?
  ) throws -> [UInt64] {
    Parallel.width = threads
    let volume = try recipe.prepared(try image.read(recipe.reading, workers: workers).0)
    let mask = try recipe.segment.mask(of: volume)
    return try recipe.measuring(volume).features(in: mask).map { $0.value.isNaN ? .max : $0.value.bitPattern }
  }

  @Test func filesOfEveryFormat() throws {
    let width = Parallel.width
    defer { Parallel.width = width }
    let url = FileManager.default.temporaryDirectory.appending(path: "lumen-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    let body = AnyVolume.f32(try Self.body(Size(columns: 31, rows: 27, slices: 13)))
    try ImageFile.write(body, to: url.path() + "/a.nrrd")
    try ImageFile.write(body.converted(to: .uint16), to: url.path() + "/b.mha")
    try ImageFile.write(body.converted(to: .float64), to: url.path() + "/c.nii.gz")
    let fixtures = BatchTests.root + "fixtures/"
    let images = try Discovery([
      BatchTests.cohort + "/case-01", BatchTests.cohort + "/case-05", fixtures + "images/radiograph-grey16.png",
      fixtures + "images/radiograph-rgb.jpg", url.path(),
    ]).images
    #expect(images.count == 7)
    var settings = WorkerSettings()
    settings.executable = BatchTests.command
    let workers = WorkerPool(settings)
    var values = 0
    for recipe in [
      try Self.recipe("discretisation: fixed-bin-number 32"),
      try Self.recipe("discretisation: fixed-bin-size 12.5\n  outliers: 3\n  weighting: euclidean\n  distance: 2"),
      try Self.recipe(
        "discretisation: fixed-bin-number 16\n  coarseness: 1",
        "interpolate: {spacing: 1.3mm, interpolation: cubic-spline}\nresponse: [{laplacian-of-gaussian: {sigma: 2mm}}]"),
    ] {
      for image in images {
        let one = try bits(image, recipe, threads: 1, nil)
        #expect(try bits(image, recipe, threads: 2, workers) == one, "\(image.path)")
        #expect(try bits(image, recipe, threads: 3, nil) == one, "\(image.path)")
        values += one.count
      }
    }
    #expect(values > 7 * 3 * 490)
  }

  /// Parameters with which the slow ones are fast.
  private static let light = [
    "non-local-means": ["patch": "1", "search": "2"], "bias-field": ["levels": "1", "iterations": "2"],
    "total-variation": ["iterations": "5"], "vesselness": ["scales": "1"],
  ]

  @Test func everyFilter() throws {
    let width = Parallel.width
    defer { Parallel.width = width }
    let body = try Self.body(Size(columns: 31, rows: 27, slices: 13))
    var inside = Volume<UInt8>(body.geometry, repeating: 0)
    for z in 2..<12 { for y in 5..<24 { for x in 3..<26 where body[x, y, z] > 200 { inside[x, y, z] = 1 } } }
    var e = FeatureExtraction()
    (e.families, e.discretisation) = (FamilyName.allCases, .fixedBinNumber(16))
    var filters = 0, values = 0
    for entry in FilterCatalogue.all {
      let parameters = (Self.light[entry.name] ?? [:]).sorted { $0.key < $1.key }
      guard let filter = try entry.make(parameters.map { (name: $0.key, value: $0.value) }) as? any Filter else {
        continue
      }
      func measured(_ threads: Int) throws -> [UInt64] {
        Parallel.width = threads
        let response: AnyVolume
        do { response = try filter(.f32(body)) } catch { return [] }
        guard response.geometry == body.geometry else { return [] }
        return try e(.f32(body), response: response, in: Mask(inside)).map {
          $0.value.isNaN ? .max : $0.value.bitPattern
        }
      }
      let one = try measured(1)
      for threads in [2, 3] { #expect(try measured(threads) == one, "\(entry.name), \(threads) threads") }
      if !one.isEmpty { (filters, values) = (filters + 1, values + one.count) }
    }
    #expect(filters >= 40 && values >= 40 * 200)
  }
}
