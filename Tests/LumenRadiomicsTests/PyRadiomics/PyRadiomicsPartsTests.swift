// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenRadiomics

@Suite("PyRadiomics · parts and edges")
struct PyRadiomicsPartsTests {
  @Test func valuesPrintAsInPython() {
    let numbers: [(Double, String)] = [
      (1, "1.0"), (0.1, "0.1"), (1e16, "1e+16"), (1.5e16, "1.5e+16"), (123456789012345680, "1.2345678901234568e+17"),
      (1e15, "1000000000000000.0"), (1e-4, "0.0001"), (1e-5, "1e-05"), (-2.5e-7, "-2.5e-07"), (1e22, "1e+22"),
      (9_007_199_254_740_992, "9007199254740992.0"), (.nan, "nan"), (-.infinity, "-inf"), (1e300, "1e+300"),
    ]
    for (x, text) in numbers { #expect(PythonValue.real(x).description == text) }
    let value = PythonValue.dictionary([
      .init("a", .list([.integer(1), .none])), .init("it's", .tuple([.bool(true)])), .init("t", .text("x\n")),
    ])
    #expect(value.description == "{'a': [1, None], \"it's\": (True,), 't': 'x\\n'}")
    #expect(value.json == "{\"a\": [1, null], \"it's\": [true], \"t\": \"x\\n\"}")
  }

  @Test func digestsAreThoseOfTheStandard() {
    func digest(_ text: String) -> String { Array(text.utf8).withUnsafeBytes { SHA1.hex($0) } }
    #expect(digest("abc") == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(digest("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
    #expect(
      digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
  }

  @Test func eigenvaluesOfKnownMatrices() {
    // Companion matrix of (x − 1)(x − 2)(x − 3)(x − 4), and a rotation with 5.
    var companion = [10.0, -35, 50, -24, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]
    for (a, b) in zip(realPartsOfEigenvalues(&companion, 4).sorted(), [1.0, 2, 3, 4]) { #expect(abs(a - b) < 1e-10) }
    var rotation = [0.6, -0.8, 0, 0.8, 0.6, 0, 0, 0, 5]
    for (a, b) in zip(realPartsOfEigenvalues(&rotation, 3).sorted(), [0.6, 0.6, 5]) { #expect(abs(a - b) < 1e-12) }
  }

  @Test func binsAreMultiplesOfTheirWidth() throws {
    // PyRadiomics' own example: 54 … 166 with width 25.
    let settings = PyRadiomicsSettings.defaults
    let bins = try PyRadiomicsBins(54, 166, .int16, settings)
    #expect(bins.edges == [50, 75, 100, 125, 150, 175, 200])
    #expect([54, 74.9, 75, 166, 175].map(bins.level) == [1, 1, 2, 5, 6])
    #expect(try PyRadiomicsBins(-7, 3, .int16, settings).edges == [-25, 0, 25, 50])
    let count = try PyRadiomicsBins(0, 10, .float64, settings.updated([.init("binCount", .integer(4))]))
    #expect(count.edges == [0, 2.5, 5, 7.5, 11])
    #expect(count.level(10) == 4)
    #expect(throws: ImageError.self) { try PyRadiomicsBins(0, 1e9, .float64, settings) }
    #expect(throws: ImageError.self) { try PyRadiomicsBins(.nan, 1, .float64, settings) }
  }

  private func measure(
    _ size: Size, _ value: (Int) -> Double, _ inside: (Int) -> Bool, _ settings: [PythonValue.Entry] = []
  ) throws -> PyRadiomicsResult {
    let geometry = Geometry(size: size)
    let image = try Volume<Double>(geometry, voxels: (0..<size.count).map(value))
    let mask = try Volume<UInt32>(geometry, voxels: (0..<size.count).map { inside($0) ? 1 : 0 })
    return try PyRadiomics(settings: settings)(.f64(image), mask: mask)
  }

  @Test func edgesGiveValuesOrTypedErrors() throws {
    let size = Size(columns: 5, rows: 4, slices: 3)
    let flat = try measure(size, { _ in 7 }, { _ in true })
    #expect(flat["original_firstorder_Skewness"] == 0)
    #expect(flat["original_glcm_Correlation"] == 1)
    #expect(flat["original_glcm_MCC"] == 1)
    #expect(flat["original_ngtdm_Coarseness"] == 1e6)
    for (why, inside) in [("empty", { (_: Int) in false }), ("one voxel", { $0 == 7 }), ("a line", { $0 < 4 })] {
      #expect(throws: ImageError.self, "\(why)") { try measure(size, { Double($0) }, inside) }
    }
    #expect(throws: ImageError.self) { try measure(size, { $0 == 3 ? .nan : 1 }, { _ in true }) }
    #expect(throws: ImageError.self) { try measure(size, { $0 == 3 ? .infinity : 1 }, { _ in true }) }
    // Two voxels that touch nothing: no pairs, no lines.
    let apart = try measure(size, { Double($0) }, { $0 == 0 || $0 == 27 })
    #expect(apart["original_glcm_Contrast"]?.isNaN == true)
    #expect(apart["original_glrlm_RunPercentage"]?.isNaN == true)
    #expect(apart["original_gldm_LargeDependenceEmphasis"] == 1)
    let tiny = try measure(
      Size(columns: 2, rows: 1, slices: 1), { Double($0) }, { _ in true },
      [.init("minimumROIDimensions", .integer(1)), .init("distances", .list([.integer(3)]))])
    #expect(tiny["original_firstorder_Mean"] == 0.5)
  }
}
