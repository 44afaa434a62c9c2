// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@Suite("Boundary conditions · oracle: the row written out")
struct BoundaryConditionTests {
  /// The extended row built by concatenation, as IBSI 2 and SciPy draw it; `middle` copies on each side.
  func extended(_ condition: BoundaryCondition, _ n: Int, copies: Int) -> [Int?] {
    let row = Array(0..<n), back = Array(row.reversed())
    var out: [Int?] = []
    for k in -copies...copies {
      switch condition {
      case .mirror: out += k % 2 == 0 ? row : back
      case .periodic: out += row
      case .nearest: out += k == 0 ? row : [Int](repeating: k < 0 ? 0 : n - 1, count: n)
      case .zero: out += k == 0 ? row.map { $0 } : [Int?](repeating: nil, count: n)
      }
    }
    return out
  }

  @Test(arguments: BoundaryCondition.allCases)
  func equalsTheWrittenRow(_ condition: BoundaryCondition) {
    for n in 1...6 {
      let row = extended(condition, n, copies: 4)
      for i in -4 * n..<5 * n { #expect(condition.index(i, count: n) == row[i + 4 * n], "n \(n), i \(i)") }
    }
  }

  @Test func scipyExamples() {
    // scipy.ndimage documentation: reflect (d c b a | a b c d | d c b a) and so on.
    func line(_ c: BoundaryCondition) -> [Int?] { (-4..<8).map { c.index($0, count: 4) } }
    #expect(line(.mirror) == [3, 2, 1, 0, 0, 1, 2, 3, 3, 2, 1, 0])
    #expect(line(.nearest) == [0, 0, 0, 0, 0, 1, 2, 3, 3, 3, 3, 3])
    #expect(line(.periodic) == [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3])
    #expect(line(.zero) == [nil, nil, nil, nil, 0, 1, 2, 3, nil, nil, nil, nil])
  }
}
