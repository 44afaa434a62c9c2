// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// The box of a region with its intensities and grey levels, axes exchanged so that a plane that texture must not leave
/// lies in slices.
struct PyRadiomicsRegion: Sendable {
  let size: Size
  let spacing: SIMD3<Double>
  /// Intensities, columns fastest; outside the region they do not count.
  let values: [Double]
  /// Which voxels belong to the region.
  let inside: [Bool]
  /// Grey levels of voxels that are binned, 0 elsewhere.
  let levels: [UInt16]
  /// Levels in use, ascending, and the highest.
  let used: [Int], highest: Int
  let isPlanar: Bool

  /// - Parameters:
  ///   - inside: voxels of the region.
  ///   - binned: voxels that have grey levels and count as neighbours: the region, or all for a kernel without mask.
  init(
    _ values: [Double], _ inside: [Bool], binned: [Bool], size: Size, spacing: SIMD3<Double>, kind: VoxelKind,
    _ settings: PyRadiomicsSettings
  ) throws(ImageError) {
    let flat = settings.flatAxis
    isPlanar = flat != nil
    var (low, high) = (Double.infinity, -Double.infinity), isFinite = true
    for (x, counts) in zip(values, binned) where counts {
      if !x.isFinite { isFinite = false }
      low = min(low, x)
      high = max(high, x)
    }
    let bins = try PyRadiomicsBins(isFinite ? low : .nan, high, kind, settings)
    let levels = zip(values, binned).map { x, counts in counts ? UInt16(clamping: bins.level(x)) : 0 }
    var seen = [Bool](repeating: false, count: Int(levels.max() ?? 0) + 1)
    for level in levels { seen[Int(level)] = true }
    used = seen.indices.filter { $0 > 0 && seen[$0] }
    highest = seen.count - 1
    if let flat, flat != 2 {
      let order = flat == 0 ? [1, 2, 0] : [0, 2, 1]
      let moved = Self.exchange(size, order)
      self.size = Size(columns: size[order[0]], rows: size[order[1]], slices: size[order[2]])
      self.spacing = SIMD3(spacing[order[0]], spacing[order[1]], spacing[order[2]])
      self.values = moved.map { values[$0] }
      self.inside = moved.map { inside[$0] }
      self.levels = moved.map { levels[$0] }
    } else {
      (self.size, self.spacing, self.values, self.inside, self.levels) = (size, spacing, values, inside, levels)
    }
  }

  /// For each voxel of the volume with exchanged axes its index in the original.
  static func exchange(_ size: Size, _ order: [Int]) -> [Int] {
    let strides = [1, size.columns, size.plane]
    var all: [Int] = []
    all.reserveCapacity(size.count)
    for z in 0..<size[order[2]] {
      for y in 0..<size[order[1]] {
        for x in 0..<size[order[0]] {
          all.append(x * strides[order[0]] + y * strides[order[1]] + z * strides[order[2]])
        }
      }
    }
    return all
  }

  /// Steps at PyRadiomics' distances (largest component), one of each pair, that fit the box.
  static func steps(_ distances: [Int], _ size: Size, planar: Bool) throws(ImageError) -> [Offset] {
    let far = distances.max() ?? 1
    guard let all = Offset.neighbourhood(far, in: size, planar: planar) else {
      throw ImageError(
        .limitExceeded, "distances go to \(far), which makes too many neighbours", hint: "use smaller ones")
    }
    let wanted = Set(distances)
    return all.filter { wanted.contains(max(abs($0.x), abs($0.y), abs($0.z))) }
  }

  /// Length of a step, by PyRadiomics' weighting norms.
  func length(_ o: Offset, _ norm: String) -> Double {
    let d = SIMD3(Double(abs(o.x)) * spacing.x, Double(abs(o.y)) * spacing.y, Double(abs(o.z)) * spacing.z)
    return switch norm {
    case "infinity": d.max()
    case "euclidean": (d * d).sum().squareRoot()
    default: d.sum()
    }
  }

  func cooccurrenceWeight(_ o: Offset, _ norm: String) -> Double {
    if norm == "no_weighting" { return 1 }
    let d = length(o, norm)
    return exp(-d * d)
  }
}

/// The texture classes of a box of grey levels.
struct PyRadiomicsTexture: Sendable {
  /// What is needed.
  struct Classes: OptionSet, Sendable {
    let rawValue: Int
    static let glcm = Classes(rawValue: 1), glrlm = Classes(rawValue: 2), glszm = Classes(rawValue: 4)
    static let gldm = Classes(rawValue: 8), ngtdm = Classes(rawValue: 16)
  }

  var glcm: PyRadiomicsGLCM?
  var glrlm: PyRadiomicsGLRLM?
  var glszm: PyRadiomicsGLSZM?
  var gldm: PyRadiomicsGLDM?
  var ngtdm: PyRadiomicsNGTDM?

  /// - Parameters:
  ///   - size: of `levels`, which are the region or a part of it; the region decides which steps there are.
  ///   - kept: steps whose co-occurrence matrices are kept without pairs, too, as NaN.
  init(
    _ levels: [UInt16], _ size: Size, in region: PyRadiomicsRegion, _ classes: Classes,
    _ settings: PyRadiomicsSettings, steps kept: [Offset]? = nil
  ) throws(ImageError) {
    let steps = try PyRadiomicsRegion.steps(settings.distances, region.size, planar: region.isPlanar)
    let lines = try PyRadiomicsRegion.steps([1], region.size, planar: region.isPlanar)
    var request = TextureMatrices.Request()
    let pairs = kept ?? steps
    if classes.contains(.glcm) { request.cooccurrence = pairs }
    if classes.contains(.glrlm) { request.runs = lines }
    if !classes.isDisjoint(with: [.gldm, .ngtdm]) { request.neighbourhood = steps }
    request.dependences = classes.contains(.gldm)
    request.toneDifferences = classes.contains(.ngtdm)
    request.coarseness = min(settings.coarseness, PyRadiomicsBins.maximumLevels)
    request.zones = classes.contains(.glszm)
    request.zonesArePlanar = region.isPlanar
    let found = try TextureMatrices(levels, size, request)
    var counts = [Int](repeating: 0, count: found.levels + 1)
    for level in levels { counts[Int(level)] += 1 }
    let used = counts.indices.filter { $0 > 0 && counts[$0] > 0 }
    if classes.contains(.glcm) {
      let side = found.levels + 1
      let matrices = found.cooccurrence.map { m -> [Double] in
        var p: [Double] = []
        p.reserveCapacity(used.count * used.count)
        for a in used {
          for b in used {
            let forth = Double(m[a * side + b])
            p.append(settings.isSymmetric ? forth + Double(m[b * side + a]) : forth)
          }
        }
        return p
      }
      let weights = settings.weighting.map { norm in pairs.map { region.cooccurrenceWeight($0, norm) } }
      glcm = PyRadiomicsGLCM(
        matrices, levels: used, region: (region.used.count, region.highest), weights: weights, keepsEmpty: kept != nil)
    }
    if classes.contains(.glrlm) {
      let kept = lines.indices.filter { Self.linesHoldTwo(levels, size, lines[$0]) }
      func cells(_ k: Int, _ weight: Double) -> [PyRadiomicsCountMatrix.Cell] {
        found.runs[k].map { .init(i: Double($0.level), j: Double($0.column), count: weight * Double($0.count)) }
      }
      if let norm = settings.weighting {
        let all = kept.flatMap { cells($0, norm == "no_weighting" ? 1 : region.length(lines[$0], norm)) }
        glrlm = PyRadiomicsGLRLM(directions: [PyRadiomicsCountMatrix(all)])
      } else {
        glrlm = PyRadiomicsGLRLM(directions: kept.map { PyRadiomicsCountMatrix(cells($0, 1)) })
      }
    }
    if classes.contains(.glszm) {
      glszm = PyRadiomicsGLSZM(
        matrix: PyRadiomicsCountMatrix(
          found.zones.map { .init(i: Double($0.level), j: Double($0.column), count: Double($0.count)) }))
    }
    if classes.contains(.gldm) {
      // Without neighbours in the box every voxel depends on itself alone.
      let cells: [PyRadiomicsCountMatrix.Cell] =
        steps.contains { $0.fits(size) }
        ? found.dependences.map { .init(i: Double($0.level), j: Double($0.column + 1), count: Double($0.count)) }
        : used.map { .init(i: Double($0), j: 1, count: Double(counts[$0])) }
      gldm = PyRadiomicsGLDM(matrix: PyRadiomicsCountMatrix(cells))
    }
    if classes.contains(.ngtdm) {
      var s = [Double](repeating: 0, count: found.levels + 1)
      for row in found.toneDifferences { s[row.level] = row.s }
      ngtdm = PyRadiomicsNGTDM(used.map { (level: $0, n: counts[$0], s: s[$0]) })
    }
  }

  /// Whether any line of the box along a direction holds two voxels of the region, next to each other or not.
  static func linesHoldTwo(_ levels: [UInt16], _ size: Size, _ o: Offset) -> Bool {
    guard o.fits(size) else { return false }
    func at(_ x: Int, _ y: Int, _ z: Int) -> Bool? {
      guard 0..<size.columns ~= x, 0..<size.rows ~= y, 0..<size.slices ~= z else { return nil }
      return levels[size.offset(x, y, z)] != 0
    }
    for far in [false, true] {
      for z in 0..<size.slices {
        for y in 0..<size.rows {
          for x in 0..<size.columns where levels[size.offset(x, y, z)] != 0 {
            var k = 1
            while let isInside = at(x + k * o.x, y + k * o.y, z + k * o.z) {
              if isInside { return true }
              if !far { break }
              k += 1
            }
          }
        }
      }
    }
    return false
  }
}
