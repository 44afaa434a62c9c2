// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import LumenFormats
import LumenRadiomics
import Testing

@testable import LumenPipeline

@Suite("Edge cases · a row either way", .serialized)
struct EdgeCaseTests {
  private static let families = FamilyName.allCases.filter { $0 != .diagnostics }

  /// The recipe of a case: every family, every aggregation.
  private static func recipe(_ c: EdgeCase) -> String {
    """
    mask: "{name}_mask.nii.gz"
    resample-mask: \(c.resample)
    features:
      families: [\(families.map(\.rawValue).joined(separator: ", "))]
      aggregations: [\(Aggregation.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))]
      \(c.settings)
    """
  }

  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lumen-\(UUID().uuidString)").path()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Files.makeFolder(folder)
    try body(folder)
  }

  /// Writes image, mask and recipe of a case.
  private func write(_ c: EdgeCase, to folder: String) throws {
    let grid = Geometry(size: c.size, spacing: c.spacing)
    let places = (0..<c.size.count).map { i in
      (at: (x: i % c.size.columns, y: i / c.size.columns % c.size.rows, z: i / c.size.plane), i: i)
    }
    let image = try Volume<Double>(grid, voxels: places.map { c.voxel($0.at, $0.i) })
    var other = grid
    other.origin.x += c.maskOffset
    let mask = try Volume<UInt8>(other, voxels: places.map { c.inside($0.at) ? 1 : 0 })
    try ImageFile.write(AnyVolume.f64(image).converted(to: c.kind), to: "\(folder)/i.nii.gz")
    try ImageFile.write(.u8(mask), to: "\(folder)/i_mask.nii.gz")
    try Files.write(Self.recipe(c), to: "\(folder)/r.yaml")
  }

  private func lumen(_ arguments: [String]) throws -> (status: Int32, table: CSV) {
    let process = Process(), out = Pipe()
    process.executableURL = URL(filePath: BatchTests.command)
    process.arguments = arguments
    (process.standardOutput, process.standardError) = (out, FileHandle.nullDevice)
    try process.run()
    let text = out.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, try CSV(String(decoding: text, as: UTF8.self)))
  }

  private func matches(_ key: String, _ pattern: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    return parts.count == 1 ? key == pattern : key.hasPrefix(parts[0]) && key.hasSuffix(parts[1])
  }

  private func isNear(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
    a.isNaN && b.isNaN || abs(a - b) <= tolerance * max(abs(b), 1e-300) || a == b
  }

  private func check(_ c: EdgeCase, _ values: [String: Double]) {
    guard case .measured(let nan, let known) = c.row else { return }
    let undefined = Set(values.filter { $0.value.isNaN }.keys)
    let expected = Set(values.keys.filter { key in nan.contains { matches(key, $0) } })
    #expect(undefined.subtracting(expected).sorted() == [], "\(c): undefined, expected a value")
    #expect(expected.subtracting(undefined).sorted() == [], "\(c): a value, expected none")
    #expect(values.allSatisfy { !$0.value.isInfinite })
    for pattern in nan { #expect(expected.contains { matches($0, pattern) }, "\(c): no feature is called \(pattern)") }
    for (key, value) in known {
      let found = values[key] ?? .infinity
      // PyRadiomics' numbers among them have 16 digits, and its meshes are summed in another order.
      #expect(isNear(found, value, 1e-12), "\(c): \(key) is \(found), expected \(value)")
    }
  }

  @Test("pipeline and command agree, undefined values are NaN and no others", arguments: EdgeCase.all)
  func row(_ c: EdgeCase) throws {
    try inFolder { folder in
      try write(c, to: folder)
      let recipe = try Recipe(contentsOf: "\(folder)/r.yaml")
      let image = try #require(try Discovery(["\(folder)/i.nii.gz"], mask: recipe.mask).images.first)
      let columns = recipe.features.columns
      let runner = CaseRunner(
        recipe: recipe, recipeHash: recipe.hash, columns: columns, output: "\(folder)/out", workers: nil)
      let result = runner(image, input: "")
      let rows = result.rows(columns: columns)
      #expect(rows.count == 1)
      let (row, values) = try #require(rows.first)
      var arguments = ["features", "\(folder)/i.nii.gz", "\(folder)/i_mask.nii.gz", "--recipe", "\(folder)/r.yaml"]
      if c.resample { arguments.append("--resample-mask") }
      let (status, table) = try lumen(arguments)
      #expect(table.rows.count == 1 && Set(table.header).isSuperset(of: columns.map(\.key)))
      let cells = Dictionary(uniqueKeysWithValues: zip(table.header, try #require(table.rows.first)))
      switch c.row {
      case .measured:
        #expect(row.status == "ok" && row.error == "" && status == 0, "\(c): \(row.error)")
        #expect(values.map(\.column) == columns)
        check(c, Dictionary(uniqueKeysWithValues: values.map { ($0.column.key, $0.value) }))
        for v in values { #expect(cells[v.column.key] == shortest(v.value), "\(c): \(v.column.key)") }
      case .failed(let reason):
        #expect(row.status == "failed" && row.error.contains(reason), "\(c): \(row.error)")
        #expect(values.isEmpty)
        #expect(status == LumenCore.ExitCode.someCasesFailed.rawValue)
        #expect(cells["status"] == "failed" && cells["error"]?.contains(reason) == true, "\(c)")
        #expect(columns.allSatisfy { cells[$0.key] == "" })
      }
    }
  }

  @Test("as PyRadiomics", arguments: EdgeCase.all)
  func peer(_ c: EdgeCase) throws {
    if case .none = c.peer { return }
    try inFolder { folder in
      try write(c, to: folder)
      let cases = PyRadiomicsCases(image: "\(folder)/i.nii.gz", mask: "\(folder)/i_mask.nii.gz")
      let extraction = try PyRadiomics(yaml: "setting: {binWidth: 10, minimumROIDimensions: \(c.dimensions)}")
      let outcome = cases.measure(cases.cases[0], extraction)
      switch c.peer {
      case .values(let known):
        #expect(outcome.error == nil, "\(c): \(outcome.error?.description ?? "")")
        let found = Dictionary(uniqueKeysWithValues: outcome.entries.map { ($0.key, $0.value.number) })
        for (key, value) in known {
          let own = try #require(found["original_\(key)"] ?? nil, "\(c): \(key)")
          // Where the definition gives 0, both leave a rounding of its square root.
          #expect(isNear(own, value, 1e-9) || abs(own - value) < 2e-8, "\(c): \(key) is \(own), expected \(value)")
        }
      case .failed(let reason):
        #expect(outcome.error?.what.contains(reason) == true, "\(c): \(outcome.error?.description ?? "no error")")
      case .none: break
      }
      // A row either way: the columns of the case, then what was measured or why it was not.
      let table = try CSV(PyRadiomicsCases.text([outcome], .csv))
      #expect(table.rows.count == 1 && Array(table.header.prefix(2)) == ["Image", "Mask"])
      #expect((table.header.last == "error") == (outcome.error != nil))
    }
  }

  @Test func overlappingMasksAreMeasuredEachByItself() throws {
    let grid = Geometry(size: Size(columns: 9, rows: 8, slices: 5), spacing: [1, 1, 2])
    let image = AnyVolume.i16(try Volume(grid, voxels: (0..<grid.size.count).map { Int16(37 * $0 % 101) }))
    func mask(_ columns: Range<Int>) throws -> Mask {
      Mask(try Volume<UInt8>(grid, voxels: (0..<grid.size.count).map { columns.contains($0 % 9) ? 1 : 0 }))
    }
    let recipe = try Recipe(yaml: Self.recipe(EdgeCase.all[0])), measuring = try recipe.measuring(image)
    let (a, b, both) = (try mask(0..<5), try mask(3..<9), try mask(3..<5))
    let alone = try recipe.measuring(image).features(in: both)
    func bits(_ values: [FeatureValue]) -> [UInt64] { values.map { $0.value.isNaN ? .max : $0.value.bitPattern } }
    let first = try measuring.features(in: a)
    _ = try measuring.features(in: b)
    #expect(bits(try measuring.features(in: both)) == bits(alone))
    #expect(bits(try measuring.features(in: a)) == bits(first))
    // One label map cannot hold both: an error, and a batch keeps a Segmentation instead.
    #expect(throws: ImageError.self) { try LabelMap([("a", a), ("b", b)]) }
  }

  @Test func theOtherRegionsOfAMaskAreMeasured() throws {
    try inFolder { folder in
      let grid = Geometry(size: Size(columns: 6, rows: 5, slices: 4))
      let image = try Volume<Float>(grid, voxels: (1...120).map { Float($0) + ($0 > 60 ? 0.5 : 0) })
      try ImageFile.write(.f32(image), to: "\(folder)/i.nii.gz")
      let mask = try Volume<UInt8>(grid, voxels: (1...120).map { $0 > 60 ? 2 : 1 })
      try ImageFile.write(.u8(mask), to: "\(folder)/m.nii.gz")
      try Files.write(
        "segment: [otsu]\nfeatures: {families: [statistics, glcm], discretisation: none}", to: "\(folder)/r.yaml")
      let (status, table) = try lumen([
        "features", "\(folder)/i.nii.gz", "\(folder)/m.nii.gz", "-r", "\(folder)/r.yaml",
      ])
      let column = try table.index(of: "status")
      #expect(status == LumenCore.ExitCode.someCasesFailed.rawValue)
      #expect(table.rows.map { $0[column] } == ["ok", "failed"])

      // The same in a batch.
      let recipe = try Recipe(
        yaml: "mask: m.nii.gz\nfeatures: {families: [statistics, glcm], discretisation: none}")
      let summary = try Batch(["\(folder)/i.nii.gz"], recipe: recipe, output: "\(folder)/out", jobs: 1)()
      #expect(summary.results.count == 1 && summary.failed == 1 && summary.exitCode == .someCasesFailed)
      #expect(summary.table.rows.map(\.status) == ["ok", "failed"])
      #expect(summary.table.rows.map(\.values.count) == [recipe.features.columns.count, 0])
      #expect(summary.table.rows[1].error.contains("whole numbers from 1"))
      let id = try #require(summary.results.first?.id)
      #expect(try LabelMap(contentsOf: "\(folder)/out/cases/\(id)/mask.nii.gz").labels == [1])
    }
  }
}
