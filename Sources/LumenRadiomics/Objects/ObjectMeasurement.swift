// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Measures objects one after another with the same work space.
struct ObjectMeasurement {
  private let plan: RegionProperties.Plan
  private let needsMoments: Bool, needsIntensity: Bool, needsHull: Bool, needsBitmap: Bool
  private var intensities: [Double] = []
  private var bitmap = ObjectBitmap()
  private var hull = PixelHull(), solidHull = VoxelHull()

  init(_ plan: RegionProperties.Plan) {
    self.plan = plan
    needsMoments = plan.needs(
      .axisMajorLength, .axisMinorLength, .eccentricity, .inertiaTensor, .inertiaTensorEigvals, .momentsHu, .orientation
    )
    needsIntensity = plan.wanted.contains(where: \.needsIntensity)
    needsHull = plan.needs(.areaConvex, .solidity, .feretDiameterMax)
    needsBitmap = plan.needs(.perimeter, .perimeterCrofton, .eulerNumber, .areaFilled)
  }

  /// Writes the values of object k to `out[0]`, `out[stride]` …
  mutating func measure<Element: Voxel>(
    _ k: Int, _ image: Intensities<Element>?, into out: UnsafeMutablePointer<Double>, stride: Int
  ) {
    let plan = plan, range = plan.runs.starts[k]..<plan.runs.starts[k + 1]
    plan.runs.runs.withUnsafeBufferPointer { all in
      let runs = UnsafeBufferPointer(rebasing: all[range])
      let shape = ObjectShape(runs, plan.size)
      let moments = needsMoments ? ObjectMoments(runs, shape, plan) : nil
      if needsBitmap { bitmap.draw(runs, shape, plan.size) }
      if needsHull { if plan.dimensions == 2 { hull.fit(runs, shape) } else { solidHull.fit(runs, shape, plan.size) } }
      let light = image.flatMap { needsIntensity ? statistics(of: $0, runs, shape) : nil }
      var next = 0
      func put(_ value: Double) {
        out[next &* stride] = value
        next &+= 1
      }
      let (sx, sy, sz) = (plan.spacing.x, plan.spacing.y, plan.spacing.z)
      let planar = plan.dimensions == 2, isSquare = sx == sy
      let area = Double(shape.count) * sx * sy * sz
      let convex = Double(planar ? hull.pixels : solidHull.voxels)
      let box = Double(shape.columns * shape.rows * shape.slices) * sx * sy * sz
      for property in plan.wanted {
        switch property {
        case .numPixels: put(Double(shape.count))
        case .area: put(area)
        case .areaBbox: put(box)
        case .areaFilled: put(Double(bitmap.filled()) * sx * sy * sz)
        case .areaConvex: put(convex * sx * sy * sz)
        case .bbox:
          if !planar { put(Double(shape.first.z)) }
          put(Double(shape.first.y))
          put(Double(shape.first.x))
          if !planar { put(Double(shape.last.z + 1)) }
          put(Double(shape.last.y + 1))
          put(Double(shape.last.x + 1))
        case .centroid:
          if !planar { put(shape.mean.z * sz) }
          put(shape.mean.y * sy)
          put(shape.mean.x * sx)
        case .centroidWeighted:
          let c = light?.centroid ?? SIMD3(repeating: .nan)
          if !planar { put(c.z * sz) }
          put(c.y * sy)
          put(c.x * sx)
        case .axisMajorLength: put(moments?.majorLength ?? .nan)
        case .axisMinorLength: put(moments?.minorLength ?? .nan)
        case .eccentricity: put(moments?.eccentricity ?? .nan)
        case .equivalentDiameterArea:
          put(planar ? (4 * area / .pi).squareRoot() : cbrt(6 * area / .pi))
        case .eulerNumber: put(Double(bitmap.eulerNumber()))
        case .extent: put(area / box)
        case .feretDiameterMax: put(planar ? hull.diameter(sx, sy) : solidHull.diameter(plan.spacing))
        case .inertiaTensor: for v in moments?.tensor ?? [] { put(v) }
        case .inertiaTensorEigvals: for v in moments?.eigenvalues ?? [] { put(v) }
        case .intensityMax: put(light?.maximum ?? .nan)
        case .intensityMean: put(light?.mean ?? .nan)
        case .intensityMedian: put(light?.median ?? .nan)
        case .intensityMin: put(light?.minimum ?? .nan)
        case .intensityStd: put(light?.deviation ?? .nan)
        case .momentsHu: for v in isSquare ? moments?.hu ?? [] : [Double](repeating: .nan, count: 7) { put(v) }
        case .orientation: put(moments?.orientation ?? .nan)
        case .perimeter: put(isSquare ? bitmap.perimeter() * sx : .nan)
        case .perimeterCrofton: put(isSquare ? bitmap.croftonPerimeter() * sx : .nan)
        case .solidity: put(Double(shape.count) / convex)
        }
      }
    }
  }

  private struct Light {
    var minimum = Double.nan, maximum = Double.nan, mean = Double.nan, deviation = Double.nan, median = Double.nan
    var centroid = SIMD3<Double>(repeating: .nan)
  }

  private mutating func statistics<Element: Voxel>(
    of image: Intensities<Element>, _ runs: UnsafeBufferPointer<LabelRuns.Run>, _ shape: ObjectShape
  ) -> Light {
    if intensities.count < shape.count { intensities = [Double](repeating: 0, count: shape.count) }
    let weighs = plan.needs(.centroidWeighted), ranks = plan.needs(.intensityMedian), size = plan.size
    return intensities.withUnsafeMutableBufferPointer { buffer in
      let values = buffer.baseAddress!
      var n = 0
      for run in runs {
        let from = image.voxels + (Int(run.row) &* size.columns &+ Int(run.first))
        let length = Int(run.last &- run.first) &+ 1
        for i in 0..<length { values[n &+ i] = from[i].doubleValue }
        n &+= length
      }
      var light = Light()
      let count = Double(n)
      var (low, high, hasNaN) = (Double.infinity, -Double.infinity, false)
      let sum = laneSum(values, n) { $0 }
      for i in 0..<n {
        let v = values[i]
        low = v < low ? v : low
        high = v > high ? v : high
      }
      hasNaN = sum.isNaN
      light.minimum = hasNaN ? .nan : low
      light.maximum = hasNaN ? .nan : high
      light.mean = sum / count
      let mean = light.mean
      light.deviation =
        low == high ? 0 : (laneSum(values, n) { ($0 - mean) * ($0 - mean) } / count).squareRoot()
      if weighs {
        // Relative to the first voxel of the box, as the sum may be 0.
        var (x, y, z) = (0.0, 0.0, 0.0), at = 0
        for run in runs {
          var (part, moment) = (0.0, 0.0)
          for i in 0..<Int(run.last &- run.first) &+ 1 {
            part += values[at &+ i]
            moment += values[at &+ i] * Double(i)
          }
          at &+= Int(run.last &- run.first) &+ 1
          x += moment + part * Double(Int(run.first) - shape.first.x)
          y += part * Double(Int(run.row) % size.rows - shape.first.y)
          z += part * Double(Int(run.row) / size.rows - shape.first.z)
        }
        light.centroid =
          SIMD3(x, y, z) / sum + SIMD3(Double(shape.first.x), Double(shape.first.y), Double(shape.first.z))
      }
      if ranks && !hasNaN {
        buffer[0..<n].sort()
        light.median = n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2
      }
      return light
    }
  }
}

/// Σ f in eight running sums of fixed order.
@inline(__always)
private func laneSum(_ x: UnsafePointer<Double>, _ n: Int, _ f: (Lanes) -> Lanes) -> Double {
  var sum = Lanes(), i = 0
  while i &+ 8 <= n {
    sum += f(UnsafeRawPointer(x + i).loadUnaligned(as: Lanes.self))
    i &+= 8
  }
  var rest = 0.0
  while i < n {
    rest += f(Lanes(repeating: x[i]))[0]
    i &+= 1
  }
  return sum.sum() + rest
}
