// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// How the responses to the rotations of a filter become one.
public enum RotationPooling: String, Sendable, CaseIterable {
  /// The filter as it is, not rotated.
  case none
  /// The largest response.
  case max
  /// The mean response.
  case mean
}

/// The convolutions by all right-angle rotations of a separable filter, pooled voxel by voxel.
///
/// Rotations permute the three kernels and flip some of them. Flipping an even kernel changes nothing and flipping an
/// odd one the sign, so most of the 24 are the same convolution up to its sign, which is made once.
///
/// - Source: IBSI 2, rotation invariance: the 24 proper rotations in 3-D, the 4 of the plane in 2-D.
struct RotationPool: Sendable {
  /// A convolution that has to be made, with how many of the rotations are it and how many its negative.
  struct Member: Sendable {
    var term: SeparableConvolution.Term
    var plus = 0, minus = 0
  }

  private(set) var members: [Member] = []
  private let pooling: RotationPooling
  private let rotations: Int

  /// - Parameters:
  ///   - kernels: along x and y, or along x, y and z.
  init(_ kernels: [Kernel], _ pooling: RotationPooling) {
    self.pooling = pooling
    let n = kernels.count
    var count = 0
    for order in pooling == .none ? [Array(0..<n)] : Self.orders(n) {
      let isOdd = (0..<n).reduce(0) { sum, i in sum + order[..<i].filter { $0 > order[i] }.count } % 2 == 1
      for flips in 0..<(pooling == .none ? 1 : 1 << n)
      where pooling == .none || (flips.nonzeroBitCount % 2 == 1) == isOdd {
        var k = order.map { kernels[$0] }, negative = false
        for axis in 0..<n where flips >> axis & 1 == 1 {
          switch k[axis].parity {
          case .even: break
          case .odd: negative.toggle()
          case .neither: k[axis] = k[axis].flipped
          }
        }
        let term = SeparableConvolution.Term(k[0], k[1], n > 2 ? k[2] : .identity)
        let i = members.firstIndex { $0.term == term } ?? members.count
        if i == members.count { members.append(Member(term: term)) }
        if negative { members[i].minus += 1 } else { members[i].plus += 1 }
        count += 1
      }
    }
    rotations = count
  }

  /// The convolutions, one channel each.
  func convolution(_ boundary: BoundaryCondition) -> SeparableConvolution {
    SeparableConvolution(channels: members.map { [$0.term] }, boundary: boundary)
  }

  /// What the responses are pooled to, in the first channel's row.
  ///
  /// - Parameters:
  ///   - magnitude: whether its absolute value is wanted.
  func finish(magnitude: Bool) -> SeparableConvolution.Finish {
    let pooling = pooling, scale = 1 / Float(rotations)
    let plus = members.map { $0.plus > 0 }, minus = members.map { $0.minus > 0 }
    let weights = members.map { Float($0.plus - $0.minus) * (pooling == .mean ? scale : 1) }
    return { channels, _, count in
      let pooled = channels[0]
      for (i, row) in channels.enumerated() {
        let weight = weights[i]
        switch pooling {
        case .max:
          // Most are there with both signs, the others as they are or negated.
          if plus[i] && minus[i] {
            for x in 0..<count { row[x] = abs(row[x]) }
          } else if minus[i] {
            for x in 0..<count { row[x] = -row[x] }
          }
          if i > 0 { for x in 0..<count { pooled[x] = largest(pooled[x], row[x]) } }
        case .none, .mean:
          if i == 0 {
            for x in 0..<count { pooled[x] *= weight }
          } else {
            for x in 0..<count { pooled[x] += weight * row[x] }
          }
        }
      }
      if magnitude { for x in 0..<count { pooled[x] = abs(pooled[x]) } }
    }
  }

  private static func orders(_ n: Int) -> [[Int]] {
    n == 2 ? [[0, 1], [1, 0]] : [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]
  }
}

/// The larger of two, NaN when either is.
@inline(__always)
func largest(_ a: Float, _ b: Float) -> Float { b > a || b != b ? b : a }
