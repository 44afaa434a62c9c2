// SPDX-License-Identifier: Apache-2.0

/// What a filter assumes outside the image, with the names of IBSI 2.
///
/// - Source: IBSI 2 reference manual, boundary conditions (SciPy's names in brackets).
public enum BoundaryCondition: String, Sendable, CaseIterable {
  /// The image mirrored at its edge, edge voxel repeated: d c b a | a b c d | d c b a [reflect].
  case mirror
  /// The edge voxel: a a a a | a b c d | d d d d [nearest].
  case nearest
  /// The image repeated: a b c d | a b c d | a b c d [wrap].
  case periodic
  /// Zero [constant 0].
  case zero

  /// The index inside `0 ..< n` whose value stands for index `i`; nil for ``zero`` outside.
  @inlinable public func index(_ i: Int, count n: Int) -> Int? {
    if i >= 0 && i < n { return i }
    switch self {
    case .zero: return nil
    case .nearest: return i < 0 ? 0 : n - 1
    case .periodic:
      let m = i % n
      return m < 0 ? m + n : m
    case .mirror:
      var m = i % (2 * n)
      if m < 0 { m += 2 * n }
      return m < n ? m : 2 * n - 1 - m
    }
  }
}
