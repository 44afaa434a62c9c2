// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Which voxels of an axis make each voxel of a resampled one, and with which weights.
///
/// Positions beyond the first and last centre take the value there: the nearest edge.
struct AxisSampling: Sendable {
  /// Voxels of the result and of the image.
  private(set) var count: Int, length: Int
  /// Voxels that make one.
  let taps: Int
  /// The first of them for each result; may lie beyond the ends, ``index(_:)`` says what stands for it.
  private(set) var base: [Int]
  /// `taps` weights for each result.
  private(set) var weights: [Double]
  private let interpolation: Interpolation

  /// Result k lies at start + step · k.
  init(count: Int, length: Int, start: Double, step: Double, _ interpolation: Interpolation) {
    self.count = count
    self.length = length
    self.interpolation = interpolation
    var positions = (0..<count).map { k in
      // Halves and whole numbers that rounding has moved by a last bit are put back.
      let p = ((start + step * Double(k)) * 0x1p30).rounded() * 0x1p-30
      return p > 0 ? min(p, Double(length - 1)) : 0
    }
    if interpolation == .nearest { positions = positions.map { ($0 + 0.5).rounded(.down) } }
    // Whole voxels are taken as they are: exact, and infinities stay where they are.
    let taps = positions.allSatisfy { $0 == $0.rounded(.down) } ? 1 : interpolation.taps
    self.taps = taps
    base = positions.map { min(Int($0), length - 1) - (taps == 1 ? 0 : taps / 2 - 1) }
    weights = [Double](repeating: 1, count: taps * count)
    guard taps > 1 else { return }
    weights.withUnsafeMutableBufferPointer { w in
      guard let w = w.baseAddress else { return }
      for (k, p) in positions.enumerated() { interpolation.weights(p - p.rounded(.down), w + k * taps) }
    }
  }

  /// The axis left alone.
  init(keeping length: Int) {
    self.init(count: length, length: length, start: 0, step: 1, .nearest)
  }

  /// Keeps some results, and of the voxels those that these need.
  mutating func cut(_ results: Range<Int>, _ voxels: Range<Int>) {
    base = base[results].map { $0 - voxels.lowerBound }
    weights = Array(weights[results.lowerBound * taps..<results.upperBound * taps])
    (count, length) = (results.count, voxels.count)
  }

  var isIdentity: Bool { taps == 1 && count == length && base.enumerated().allSatisfy { $0 == $1 } }

  /// The voxel that stands for number i.
  @inline(__always)
  func index(_ i: Int) -> Int { interpolation.index(i, count: length) }
}
