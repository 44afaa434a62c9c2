// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The largest distance of two of the points; 0 for fewer than two.
///
/// Points far from the centre come first: once two of them lie far apart, the others need no comparison.
///
/// - Cost: O(n²) at worst, for points on a sphere.
func largestDistance(_ points: [SIMD3<Double>]) -> Double {
  guard points.count > 1 else { return 0 }
  let centre = points.reduce(SIMD3<Double>(), +) / Double(points.count)
  let radii = points.map { dot($0 - centre, $0 - centre).squareRoot() }
  let order = points.indices.sorted { (radii[$0], $1) > (radii[$1], $0) }
  let x = order.map { points[$0].x }, y = order.map { points[$0].y }, z = order.map { points[$0].z }
  let r = order.map { radii[$0] }
  var best = 0.0, longest = 0.0
  for i in x.indices.dropLast() {
    // No pair from here on is longer than the sum of the two radii; a little slack for rounding.
    if (r[i] + r[i + 1]) * (1 + 1e-12) < longest { break }
    var end = i + 1
    while end < r.count && (r[i] + r[end]) * (1 + 1e-12) >= longest { end += 1 }
    for j in i + 1..<end {
      let dx = x[i] - x[j], dy = y[i] - y[j], dz = z[i] - z[j]
      let d = dx * dx + dy * dy + dz * dz
      if d > best { best = d }
    }
    longest = best.squareRoot()
  }
  return longest
}
