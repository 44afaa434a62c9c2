// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Local intensity. IBSI 1 reference manual, 9ST6.
/// m(v): mean of all finite voxels of the image, inside the region or not, with centres within (3/4π)^⅓ cm of voxel v.
///
/// - Cost: voxels of the region times rows of the sphere (prefix sums along rows).
struct LocalIntensity: FeatureFamily {
  static let family = FamilyName.local

  let localPeak: Double
  let globalPeak: Double

  /// - Throws: `invalidParameter` for a spacing that is no positive number; `limitExceeded` where voxels are so small
  ///   that the sphere holds more than 20000 rows.
  init(_ region: Region, image: AnyVolume, rounded: Bool) throws(ImageError) {
    let peaks = try image.specialised(Peaks(region: region, rounded: rounded))
    localPeak = peaks.local
    globalPeak = peaks.global
  }
}

extension LocalIntensity {
  static let features: [Feature<Self>] = [
    .init(
      "Local intensity peak", "VJGA", "loc_peak_loc",
      "m(v) of the voxel with the highest intensity; of several the highest m", unit: "intensity"
    ) { l in l.localPeak },
    .init("Global intensity peak", "0F91", "loc_peak_glob", "max m(v) over the region", unit: "intensity") { l in
      l.globalPeak
    },
  ]
}

/// A row of voxels of the sphere: 2·reach + 1 voxels at an offset in rows and slices.
private struct SphereRow {
  let dy: Int, dz: Int, reach: Int
}

private struct Peaks: AnyVolume.Visitor {
  let region: Region
  let rounded: Bool

  static let radius = 10 * cbrt(3 / (4 * Double.pi))

  func visit<Element: Voxel>(_ image: Volume<Element>) throws(ImageError) -> (local: Double, global: Double) {
    let whole = image.size, size = region.size, start = region.start
    let rows = try sphere(image.geometry)
    guard let maximum = region.intensities.max() else { return (.nan, .nan) }
    let reachX = rows.map(\.reach).max() ?? 0
    let reachY = rows.map(\.dy).max() ?? 0, reachZ = rows.map(\.dz).max() ?? 0
    // Prefix sums of the rows around the region, `reachX` voxels further to both sides (empty outside the image).
    let firstRow = max(0, start.row - reachY), lastRow = min(whole.rows - 1, start.row + size.rows - 1 + reachY)
    let width = size.columns + 2 * reachX, stride = width + 1, prefixRows = lastRow - firstRow + 1
    let rounded = rounded
    return image.withVoxels { voxels in
      region.intensityMask.withVoxels { mask in
        nonisolated(unsafe) let (from, inside) = (voxels.baseAddress!, mask.baseAddress!)
        return parallelReduce(size.slices, block: 8, (local: -Double.infinity, global: -Double.infinity)) { slices in
          let firstSlice = max(0, start.slice + slices.lowerBound - reachZ)
          let lastSlice = min(whole.slices - 1, start.slice + slices.upperBound - 1 + reachZ)
          let n = (lastSlice - firstSlice + 1) * prefixRows * stride
          var sums = [Double](repeating: 0, count: n), counts = [Int32](repeating: 0, count: n)
          var largest = 0.0, isWhole = true
          for z in firstSlice...lastSlice {
            for y in firstRow...lastRow {
              let base = ((z - firstSlice) * prefixRows + y - firstRow) * stride
              let row = from + whole.offset(0, y, z)
              var sum = 0.0, count: Int32 = 0
              for k in 0..<width {
                let x = start.column - reachX + k
                if x >= 0 && x < whole.columns {
                  let value = rounded ? row[x].doubleValue.rounded(.toNearestOrEven) : row[x].doubleValue
                  if value.isFinite {
                    sum += value
                    count += 1
                    largest = max(largest, abs(value))
                    isWhole = isWhole && value == value.rounded()
                  }
                }
                sums[base + k + 1] = sum
                counts[base + k + 1] = count
              }
            }
          }
          // Differences of prefix sums lose what lies beside something far larger, a padding of -3e38 say.
          let isExact = isWhole && largest * Double(width) < 0x1p53
          let takesDifferences = isExact || largest <= 0x1p16 * abs(maximum)
          var peaks = (local: -Double.infinity, global: -Double.infinity)
          var sphereSum = [Double](repeating: 0, count: size.columns)
          var sphereCount = [Int32](repeating: 0, count: size.columns)
          for z in slices {
            for y in 0..<size.rows {
              let at = size.offset(0, y, z)
              guard (0..<size.columns).contains(where: { inside[at + $0] != 0 }) else { continue }
              for x in 0..<size.columns { (sphereSum[x], sphereCount[x]) = (0, 0) }
              for r in rows {
                let (ry, rz) = (y + start.row + r.dy, z + start.slice + r.dz)
                if ry < 0 || ry >= whole.rows || rz < 0 || rz >= whole.slices { continue }
                if !takesDifferences {
                  let row = from + whole.offset(0, ry, rz)
                  for x in 0..<size.columns where inside[at + x] != 0 {
                    let centre = start.column + x
                    for k in max(0, centre - r.reach)...min(whole.columns - 1, centre + r.reach) {
                      let value = rounded ? row[k].doubleValue.rounded(.toNearestOrEven) : row[k].doubleValue
                      if value.isFinite { (sphereSum[x], sphereCount[x]) = (sphereSum[x] + value, sphereCount[x] + 1) }
                    }
                  }
                  continue
                }
                let base = ((rz - firstSlice) * prefixRows + ry - firstRow) * stride + reachX
                sums.withUnsafeBufferPointer { p in
                  let (low, high) = (p.baseAddress! + base - r.reach, p.baseAddress! + base + r.reach + 1)
                  sphereSum.withUnsafeMutableBufferPointer { s in
                    for x in 0..<size.columns { s[x] += high[x] - low[x] }
                  }
                }
                counts.withUnsafeBufferPointer { p in
                  let (low, high) = (p.baseAddress! + base - r.reach, p.baseAddress! + base + r.reach + 1)
                  sphereCount.withUnsafeMutableBufferPointer { s in
                    for x in 0..<size.columns { s[x] &+= high[x] &- low[x] }
                  }
                }
              }
              let row = from + whole.offset(start.column, y + start.row, z + start.slice)
              for x in 0..<size.columns where inside[at + x] != 0 {
                let mean = sphereSum[x] / Double(sphereCount[x])
                let value = rounded ? row[x].doubleValue.rounded(.toNearestOrEven) : row[x].doubleValue
                peaks.global = max(peaks.global, mean)
                if value == maximum { peaks.local = max(peaks.local, mean) }
              }
            }
          }
          return peaks
        } combine: { all, block in
          all = (max(all.local, block.local), max(all.global, block.global))
        }
      }
    }
  }

  /// The rows of the sphere that can meet the image.
  private func sphere(_ geometry: Geometry) throws(ImageError) -> [SphereRow] {
    let s = geometry.spacing, size = geometry.size
    guard s.x > 0, s.y > 0, s.z > 0, s.x.isFinite, s.y.isFinite, s.z.isFinite else {
      throw ImageError(.invalidParameter, "the spacing is \(s.x) × \(s.y) × \(s.z) mm, expected positive numbers")
    }
    func reach(_ distance: Double, _ spacing: Double, _ n: Int) -> Int { Int(min(distance / spacing, Double(n - 1))) }
    let (ry, rz) = (reach(Self.radius, s.y, size.rows), reach(Self.radius, s.z, size.slices))
    guard (2 * ry + 1) * (2 * rz + 1) <= 20_000 else {
      throw ImageError(
        .limitExceeded, "the sphere of 1 cm³ holds \((2 * ry + 1) * (2 * rz + 1)) rows of voxels, the limit is 20000",
        hint: "leave local intensity out for images with voxels this small")
    }
    var rows: [SphereRow] = []
    for dz in -rz...rz {
      for dy in -ry...ry {
        let (y, z) = (Double(dy) * s.y, Double(dz) * s.z)
        let rest = Self.radius * Self.radius - y * y - z * z
        if rest >= 0 { rows.append(SphereRow(dy: dy, dz: dz, reach: reach(rest.squareRoot(), s.x, size.columns))) }
      }
    }
    return rows
  }
}
