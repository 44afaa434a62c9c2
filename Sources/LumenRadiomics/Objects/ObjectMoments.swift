// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Number, box and mean of an object's voxels.
struct ObjectShape {
  var count = 0
  var first: (x: Int, y: Int, z: Int)
  var last: (x: Int, y: Int, z: Int)
  /// Mean index: column, row, slice.
  var mean = SIMD3<Double>()

  var columns: Int { last.x - first.x + 1 }
  var rows: Int { last.y - first.y + 1 }
  var slices: Int { last.z - first.z + 1 }

  init(_ runs: UnsafeBufferPointer<LabelRuns.Run>, _ size: Size) {
    first = (Int.max, Int.max, Int.max)
    last = (-1, -1, -1)
    var (x, y, z) = (0, 0, 0)
    for run in runs {
      let (a, b, n) = (Int(run.first), Int(run.last), Int(run.last) - Int(run.first) + 1)
      let (j, k) = size.slices == 1 ? (Int(run.row), 0) : (Int(run.row) % size.rows, Int(run.row) / size.rows)
      first = (min(first.x, a), min(first.y, j), min(first.z, k))
      last = (max(last.x, b), max(last.y, j), max(last.z, k))
      count &+= n
      x &+= (a &+ b) &* n / 2
      y &+= j &* n
      z &+= k &* n
    }
    mean = SIMD3(Double(x), Double(y), Double(z)) / Double(count)
  }
}

/// Central moments of an object and what follows from them.
struct ObjectMoments {
  /// The inertia tensor row by row, slowest axis first, and its eigenvalues, descending.
  private(set) var tensor: [Double] = []
  private(set) var eigenvalues: [Double] = []
  /// Hu's invariants; 2-D.
  private(set) var hu: [Double] = []

  init(_ runs: UnsafeBufferPointer<LabelRuns.Run>, _ shape: ObjectShape, _ plan: RegionProperties.Plan) {
    let n = Double(shape.count), size = plan.size, planar = plan.dimensions == 2
    // About the voxel nearest to the mean, a run at a time: whole numbers, so exact while they fit a Double.
    let (cx, cy, cz) = (Int(shape.mean.x.rounded()), Int(shape.mean.y.rounded()), Int(shape.mean.z.rounded()))
    var (xx, yy, zz, xy, xz, yz) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    var (xxx, xxy, xyy, yyy) = (0.0, 0.0, 0.0, 0.0)
    for run in runs {
      let (a, b) = (Int(run.first) &- cx, Int(run.last) &- cx)
      let (j, k) = planar ? (Int(run.row), 0) : (Int(run.row) % size.rows, Int(run.row) / size.rows)
      let y = Double(j &- cy), z = Double(k &- cz), length = Double(b &- a &+ 1)
      let s1 = Double((a &+ b) &* (b &- a &+ 1) / 2)
      let s2 = Double(Self.squares(b) &- Self.squares(a &- 1))
      xx += s2
      yy += y * y * length
      zz += z * z * length
      xy += s1 * y
      xz += s1 * z
      yz += y * z * length
      if planar {
        xxx += Double(Self.cubes(b) &- Self.cubes(a &- 1))
        xxy += s2 * y
        xyy += s1 * y * y
        yyy += y * y * y * length
      }
    }
    // From there to the mean: μ = E[v²] − d², and so on.
    let d = shape.mean - SIMD3(Double(cx), Double(cy), Double(cz)), s = plan.spacing
    let (vx, vy, vz) = (xx / n - d.x * d.x, yy / n - d.y * d.y, zz / n - d.z * d.z)
    let (cxy, cxz, cyz) = (xy / n - d.x * d.y, xz / n - d.x * d.z, yz / n - d.y * d.z)
    let (mx, my, mz) = (vx * s.x * s.x, vy * s.y * s.y, vz * s.z * s.z)
    if planar {
      let b = -cxy * s.x * s.y
      tensor = [mx, b, b, my]
      let half = (mx - my) / 2, middle = (mx + my) / 2
      let largest = middle + (half * half + b * b).squareRoot()
      eigenvalues = [largest, largest > 0 ? max(0, (mx * my - b * b) / largest) : 0]
      let m30 = xxx / n - 3 * d.x * xx / n + 2 * d.x * d.x * d.x
      let m03 = yyy / n - 3 * d.y * yy / n + 2 * d.y * d.y * d.y
      let m21 = xxy / n - 2 * d.x * xy / n - d.y * xx / n + 2 * d.x * d.x * d.y
      let m12 = xyy / n - 2 * d.y * xy / n - d.x * yy / n + 2 * d.x * d.y * d.y
      // ηₚᵣ = μₚᵣ / n^(1 + (p + r)/2)
      let root = n.squareRoot()
      hu = Self.hu(vy / n, vx / n, cxy / n, m03 / (n * root), m12 / (n * root), m21 / (n * root), m30 / (n * root))
    } else {
      let (bxy, bxz, byz) = (-cxy * s.x * s.y, -cxz * s.x * s.z, -cyz * s.y * s.z)
      tensor = [mx + my, byz, bxz, byz, mx + mz, bxy, bxz, bxy, my + mz]
      let e = symmetricEigenvalues([
        [tensor[0], tensor[1], tensor[2]], [tensor[3], tensor[4], tensor[5]], [tensor[6], tensor[7], tensor[8]],
      ])
      eigenvalues = [max(0, e.x), max(0, e.y), max(0, e.z)]
    }
  }

  /// Σ i² and Σ i³ for i = 1 … n, and what makes differences right for negative n.
  private static func squares(_ n: Int) -> Int { n &* (n &+ 1) &* (2 &* n &+ 1) / 6 }
  private static func cubes(_ n: Int) -> Int {
    let t = n &* (n &+ 1) / 2
    return t &* t
  }

  var majorLength: Double {
    eigenvalues.count == 2
      ? 4 * eigenvalues[0].squareRoot() : max(0, 10 * (eigenvalues[0] + eigenvalues[1] - eigenvalues[2])).squareRoot()
  }
  var minorLength: Double {
    eigenvalues.count == 2
      ? 4 * eigenvalues[1].squareRoot() : max(0, 10 * (eigenvalues[1] + eigenvalues[2] - eigenvalues[0])).squareRoot()
  }
  var eccentricity: Double { eigenvalues[0] == 0 ? 0 : max(0, 1 - eigenvalues[1] / eigenvalues[0]).squareRoot() }
  var orientation: Double {
    let (a, b, c) = (tensor[0], tensor[1], tensor[3])
    return a == c ? (b < 0 ? .pi / 4 : -.pi / 4) : 0.5 * atan2(-2 * b, c - a)
  }

  /// Hu 1962, of normalised central moments; the first index counts rows.
  private static func hu(
    _ n20: Double, _ n02: Double, _ n11: Double, _ n30: Double, _ n21: Double, _ n12: Double, _ n03: Double
  ) -> [Double] {
    let (t0, t1) = (n30 + n12, n21 + n03), (q0, q1) = (t0 * t0, t1 * t1)
    let (r0, r1) = (n30 - 3 * n12, 3 * n21 - n03)
    return [
      n20 + n02, (n20 - n02) * (n20 - n02) + 4 * n11 * n11, r0 * r0 + r1 * r1, q0 + q1,
      r0 * t0 * (q0 - 3 * q1) + r1 * t1 * (3 * q0 - q1), (n20 - n02) * (q0 - q1) + 4 * n11 * t0 * t1,
      r1 * t0 * (q0 - 3 * q1) - r0 * t1 * (3 * q0 - q1),
    ]
  }
}
