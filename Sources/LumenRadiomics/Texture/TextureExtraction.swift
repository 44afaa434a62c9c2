// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// What to measure of texture, and how.
struct TextureSettings: Sendable {
  var families: Set<FamilyName>
  var aggregations: [Aggregation]
  var distance = 1
  var coarseness = 0
  var weighting = DistanceWeighting.none
}

/// Feature values by family and aggregation (the ending of the column).
typealias TextureValues = [FamilyName: [String: [Double]]]

/// Every texture feature asked for, from one sweep over the region for all families in three dimensions and one for all
/// families within slices.
///
/// In averages, matrices without entries are left out, and so are those for which a feature is undefined.
///
/// - Throws: `limitExceeded` for more than 2048 grey levels in use with co-occurrence, too large a neighbourhood, or
///   330 million voxels.
func textureFeatures(
  _ region: Region, _ levels: GreyLevels, _ settings: TextureSettings
) throws(ImageError) -> TextureValues {
  if settings.families.isEmpty || settings.aggregations.isEmpty { return [:] }
  let used = levels.counts.indices.filter { levels.counts[$0] > 0 }.map { $0 + 1 }
  guard let lowest = used.first, let highest = used.last else { return [:] }
  let voxels = region.count, span = highest - lowest + 1
  let plans = try TexturePlans(settings, region.size)
  let widest = plans.widest
  /// `value[level]`: levels from the lowest, or numbered without gaps.
  func numbered(_ withoutGaps: Bool) -> [Int] {
    var value = [Int](repeating: 0, count: levels.count + 1)
    for (k, level) in used.enumerated() { value[level] = withoutGaps ? k + 1 : level - lowest + 1 }
    return value
  }
  if widest.fitsBytes(highest: span) {
    try widest.checkLimits(highest: span, voxels: voxels)
    let grid = LevelGrid<UInt8>(
      region, levels, value: numbered(false).map { UInt8($0) }, reach: plans.reach(region.size))
    return TextureExtraction(region, grid, levelOf: { lowest + $0 - 1 }, levels.count, plans, settings).values
  }
  // Differences of levels need the levels themselves; all else only whether they are equal.
  var byDifference = settings, byEquality = settings
  byDifference.families.formIntersection(settings.coarseness > 0 ? [.ngtdm, .ngldm] : [.ngtdm])
  byEquality.families.subtract(byDifference.families)
  var found: TextureValues = [:]
  for (withoutGaps, part) in [(true, byEquality), (false, byDifference)] where !part.families.isEmpty {
    let plans = try TexturePlans(part, region.size)
    try plans.widest.checkLimits(highest: withoutGaps ? used.count : span, voxels: voxels)
    let grid = LevelGrid<UInt16>(
      region, levels, value: numbered(withoutGaps).map { UInt16($0) }, reach: plans.reach(region.size))
    let levelOf: (Int) -> Int = withoutGaps ? { used[$0 - 1] } : { lowest + $0 - 1 }
    found.merge(TextureExtraction(region, grid, levelOf: levelOf, levels.count, plans, part).values) { a, _ in a }
  }
  return found
}

/// What the two sweeps count. Directions that a region is too flat for are left out of the sweep.
struct TexturePlans: Sendable {
  var volumetric: TexturePlan?
  var planar: TexturePlan?

  init(_ settings: TextureSettings, _ size: Size) throws(ImageError) {
    let dimensions = Set(settings.aggregations.map(\.dimension))
    if dimensions.contains(.volumetric) { volumetric = try Self.plan(settings, size, planar: false) }
    if !dimensions.isDisjoint(with: [.planar, .stacked]) { planar = try Self.plan(settings, size, planar: true) }
  }

  private static func plan(_ s: TextureSettings, _ size: Size, planar: Bool) throws(ImageError) -> TexturePlan {
    let directions = planar ? Offset.inPlane : Offset.directions
    var plan = TexturePlan()
    if s.families.contains(.glcm) { plan.pairs = directions.map { s.distance * $0 }.filter { $0.fits(size) } }
    if s.families.contains(.glrlm) {
      plan.runs = directions.filter { $0.fits(size) }
      plan.countsVoxels = plan.runs.count < directions.count
    }
    plan.countsDependence = s.families.contains(.ngldm)
    plan.countsTone = s.families.contains(.ngtdm) && s.weighting == .none
    plan.coarseness = s.coarseness
    if !s.families.isDisjoint(with: [.ngldm, .ngtdm]) {
      guard let neighbours = Offset.neighbourhood(s.distance, in: size, planar: planar) else {
        throw ImageError(
          .limitExceeded, "a neighbourhood of distance \(s.distance) holds more than 32768 voxels",
          hint: "choose a smaller distance for NGTDM and NGLDM")
      }
      plan.neighbourhood = neighbours
    }
    return plan
  }

  /// The larger of both sweeps.
  var widest: TexturePlan { volumetric ?? planar ?? TexturePlan() }

  /// Zeros the grid needs: zones look one voxel far whatever the plans say.
  func reach(_ size: Size) -> Offset {
    Offset(min(1, size.columns - 1), min(1, size.rows - 1), min(1, size.slices - 1))
      .covering(volumetric?.reach ?? Offset(0, 0, 0)).covering(planar?.reach ?? Offset(0, 0, 0))
  }
}

/// One region on one grid: sweeps, then features of what was counted.
struct TextureExtraction<Level: TextureLevel>: Sendable {
  private let region: Region
  private let grid: LevelGrid<Level>
  private let plans: TexturePlans
  private let settings: TextureSettings
  private let reader: MatrixReader

  init(
    _ region: Region, _ grid: LevelGrid<Level>, levelOf: (Int) -> Int, _ levelCount: Int, _ plans: TexturePlans,
    _ settings: TextureSettings
  ) {
    self.region = region
    self.grid = grid
    self.plans = plans
    self.settings = settings
    reader = MatrixReader(
      levels: grid.highest == 0 ? [] : (1...grid.highest).map(levelOf), levelCount: levelCount,
      spacing: region.geometry.spacing, settings: settings)
  }

  var values: TextureValues {
    var samples = TextureSamples()
    if let plan = plans.volumetric { samples.append(volumetric(TextureSweep(grid, plan))) }
    if let plan = plans.planar { samples.append(planar(TextureSweep(grid, plan))) }
    return samples.means
  }

  private func zoneLabelling(_ parts: [Range<Int>], planar: Bool) -> ZoneLabelling<Level>? {
    guard !settings.families.isDisjoint(with: [.glszm, .gldzm]) else { return nil }
    let distance =
      settings.families.contains(.gldzm)
      ? BorderDistance.map(region.morphological, like: grid, planar: planar) : nil
    return ZoneLabelling(grid, planar: planar, parts: parts, starts: region.sliceStarts, distance: distance)
  }

  /// Ranges of slices with about as many voxels each, one a thread, as far as their tables fit 256 MiB.
  private func parts(_ sweep: TextureSweep<Level>) -> [Range<Int>] {
    let n = region.count, slices = region.size.slices, starts = region.sliceStarts
    let parts = max(1, min(Parallel.width, slices, 1 + n / 16384, (256 << 20) / sweep.bytesOfCounts))
    let bounds = (0...parts).map { p in
      p == 0 ? 0 : p == parts ? slices : starts.firstIndex { $0 >= n * p / parts } ?? slices
    }
    return zip(bounds, bounds.dropFirst()).map { $0..<max($0, $1) }.filter { !$0.isEmpty }
  }

  /// Matrices of the whole volume.
  private func volumetric(_ sweep: TextureSweep<Level>) -> TextureSamples {
    let parts = parts(sweep), zones = zoneLabelling(parts, planar: false)
    let counted = parallelReduce(parts.count, block: 1, TextureCounts?.none) { range -> TextureCounts? in
      let counts = sweep.newCounts()
      for p in range {
        sweep.count(parts[p], into: counts, zones: zones.map { ZoneLabelling.Part($0, p) })
      }
      return counts
    } combine: { all, part in
      if let part { if let all { all.add(part) } else { all = part } }
    }
    zones?.joinParts()
    guard let counted else { return TextureSamples() }
    let ways = settings.aggregations.filter { $0.dimension == .volumetric }
    return reader.samples(matrices(sweep, counted, zones, 0..<region.size.slices), Offset.directions, ways)
  }

  /// Matrices of slices, each by itself and stacked.
  private func planar(_ sweep: TextureSweep<Level>) -> TextureSamples {
    let parts = parts(sweep), zones = zoneLabelling(parts, planar: true), starts = region.sliceStarts
    let single = settings.aggregations.filter { $0.dimension == .planar }
    let stacked = settings.aggregations.filter { $0.dimension == .stacked }
    let (counted, bySlice) = parallelReduce(parts.count, block: 1, (TextureCounts?.none, TextureSamples())) {
      range -> (TextureCounts?, TextureSamples) in
      let total = sweep.newCounts(), own = single.isEmpty ? total : sweep.newCounts()
      var samples = TextureSamples()
      for p in range {
        let part = parts[p], labels = zones.map { ZoneLabelling.Part($0, p) }
        if single.isEmpty {
          sweep.count(part, into: total, zones: labels)
          continue
        }
        for z in part where starts[z] < starts[z + 1] {
          own.clear()
          sweep.count(z..<z + 1, into: own, zones: labels)
          samples.append(reader.samples(matrices(sweep, own, zones, z..<z + 1), Offset.inPlane, single))
          if !stacked.isEmpty { total.add(own) }
        }
      }
      return (total, samples)
    } combine: { all, part in
      if let counts = part.0 { if let sum = all.0 { sum.add(counts) } else { all.0 = counts } }
      all.1.append(part.1)
    }
    guard let counted, !stacked.isEmpty else { return bySlice }
    var samples = bySlice
    samples.append(
      reader.samples(matrices(sweep, counted, zones, 0..<region.size.slices), Offset.inPlane, stacked))
    return samples
  }

  private func matrices(
    _ sweep: TextureSweep<Level>, _ counts: TextureCounts, _ zones: ZoneLabelling<Level>?, _ slices: Range<Int>
  ) -> CountedMatrices {
    var found = CountedMatrices(
      counts, sweep.plan, voxels: region.sliceStarts[slices.upperBound] - region.sliceStarts[slices.lowerBound])
    if settings.families.contains(.ngtdm) {
      if let table = counts.tone {
        found.tone = table.cells
      } else {
        let weights = sweep.plan.neighbourhood.map { settings.weighting.weight($0, region.geometry.spacing) }
        found.tone = sweep.weightedTone(slices, weights)
      }
    }
    if let zones {
      let sizes = CountTable(rows: grid.highest + 1, widest: 255)
      let distances = CountTable(rows: grid.highest + 1, widest: 255)
      zones.forEachZone(slices) { level, size, distance in
        sizes.add(level, size)
        distances.add(level, distance)
      }
      (found.sizes, found.distances) = (sizes.cells, distances.cells)
    }
    return found
  }
}
