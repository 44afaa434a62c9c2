// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenLearning

@Suite("Feature matrix · property")
struct FeatureMatrixTests {
  @Test func columnsThatCannotBeUsedAreDroppedWithTheirReason() throws {
    let x = try FeatureMatrix(
      names: ["good", "flat", "gap"], ids: ["1", "2", "3"], values: [1, 5, 1, 2, 5, .nan, 4, 5, 2])
    #expect(x.names == ["good"])
    #expect(x.values == [1, 2, 4])
    #expect(x.dropped == ["flat": "is constant", "gap": "holds nan"])
  }

  @Test func aWideTableGivesItsMeasuredRowsAndNoDescriptiveColumn() throws {
    let text =
      "id,roi,status,error,recipe,probability,f,g\na,r,ok,,12,0.5,1,2\nb,r,failed,x,12,,,\nc,r,ok,,12,0.9,3,1\n"
    let x = try FeatureMatrix(csv: CSV(text))
    #expect(x.names == ["f", "g"])
    #expect(x.ids == ["a", "c"])
    #expect(x.values == [1, 2, 3, 1])
    #expect(throws: ImageError.self) { try FeatureMatrix(csv: CSV(text), ids: ["a"]) }
  }

  @Test func nothingToWorkOnIsAnError() {
    #expect(throws: ImageError.self) { try FeatureMatrix(names: ["a"], ids: [], values: []) }
    #expect(throws: ImageError.self) { try FeatureMatrix(names: ["a"], ids: ["1"], values: [1, 2]) }
    #expect(throws: ImageError.self) { try FeatureMatrix(FeatureTable()) }
  }

  /// The mean of seven times 0.1 is not 0.1: dividing by such a spread made an unseen row 10¹⁶ deviations large.
  @Test func roundingIsNoSpread() {
    #expect(Moments(Array(repeating: 0.1, count: 7)).deviation == 1)
    #expect(Moments([1e9, 1e9 + 1]).deviation == 0.5)
    #expect(Moments([1e-9, 3e-9]).standardise(3e-9) == 1)
  }
}
