// SPDX-License-Identifier: Apache-2.0
import LumenCore

@testable import LumenLearning

/// 60 rows of 4 columns from SplitMix64 with seed 42, as the oracles replicate it; every third row is shifted in two
/// columns and is of the first class.
let sample: (x: [Double], classes: [Bool], noisy: [Bool]) = {
  var random = SplitMix64(seed: 42)
  var x: [Double] = []
  for i in 0..<60 {
    for j in 0..<4 {
      let noise = (random.uniform() + random.uniform() + random.uniform() - 1.5) * Double(j + 1)
      x.append(noise + (i % 3 == 0 && j < 2 ? 1.5 * Double(j + 1) * 0.4 : 0))
    }
  }
  let classes = (0..<60).map { $0 % 3 == 0 }
  var noisy = classes
  (noisy[5], noisy[9], noisy[30]) = (true, false, false)
  return (x, classes, noisy)
}()

func sampleMatrix() throws -> FeatureMatrix {
  try FeatureMatrix(names: ["a", "b", "c", "d"], ids: (0..<60).map { "r\($0)" }, values: sample.x)
}

let firstColumn = (0..<60).map { sample.x[4 * $0] }

func near(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool { abs(a - b) <= tolerance * max(1, abs(b)) }
