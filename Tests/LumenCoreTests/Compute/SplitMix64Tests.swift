// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@Suite("SplitMix64")
struct SplitMix64Tests {
  /// The first numbers of seed 1234567, from the reference implementation (Vigna, splitmix64.c).
  @Test func theReferenceSequence() {
    var random = SplitMix64(seed: 1_234_567)
    let expected: [UInt64] = [
      6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
      16_408_922_859_458_223_821,
    ]
    #expect((0..<5).map { _ in random.next() } == expected)
    var later = SplitMix64(seed: 1_234_567, skipping: 3)
    #expect(later.next() == expected[3])
  }

  /// SciPy 1.17 `norm.ppf`.
  @Test(arguments: [
    (1e-300, -37.0470962993612), (1e-12, -7.034483825301131), (0.001, -3.090232306167813),
    (0.05, -1.6448536269514729), (0.3, -0.5244005127080409), (0.5, 0), (0.9, 1.2815515655446004),
    (0.999999, 4.753424308817087),
  ])
  func quantilesOfTheNormalDistribution(_ p: Double, _ expected: Double) {
    #expect(abs(normalQuantile(p) - expected) <= 2e-15 * max(1, abs(expected)))
  }

  @Test func quantilesAtAndBeyondTheEnds() {
    #expect(normalQuantile(0) == -.infinity && normalQuantile(1) == .infinity)
    for p in [-1, 2, Double.nan] { #expect(normalQuantile(p).isNaN) }
  }

  @Test func normalNumbersHaveTheirMoments() {
    var random = SplitMix64(seed: 1)
    let x = (0..<100_000).map { _ in random.normal() }, mean = x.reduce(0, +) / 1e5
    let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 1e5
    // Five standard errors.
    #expect(abs(mean) < 0.016 && abs(variance - 1) < 0.023)
  }
}
