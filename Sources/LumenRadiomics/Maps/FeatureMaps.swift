// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Texture around every voxel: each feature measured in the (2r + 1)³ neighbourhood of each voxel of a region, by the
/// definitions and under the names of PyRadiomics' voxel-based extraction.
///
///     var maps = FeatureMaps()
///     maps.radius = 2
///     try maps(.f32(ct), in: tumour) { column, map in try ImageFile.write(map, to: "\(column.key).nii.gz") }
///
/// The region is made of bins once, as a whole; neighbourhoods then hold the grey levels of the region's voxels (of every
/// voxel around it without ``maskedKernel``). Texture matrices of a direction without pairs are left out of the mean over
/// directions.
///
/// - Shape: maps on the image's grid, or on the region's box (``cropped``).
/// - Accuracy: double precision, stored as single; the same bits for any number of threads.
/// - Cost: a family's values of the region's voxels, single precision, and one map at a time; time by the voxels of the
///   region times (2r + 1)² pairs of a plane, since neighbourhoods slide; (2r + 1)³ for zones, which are found anew.
/// - Source: van Griethuysen et al., Cancer Research 2017;77:e104-e107; PyRadiomics 3.0.1.
public struct FeatureMaps: Sendable, Equatable {
  /// Families of features, named as PyRadiomics names its feature classes.
  public enum Family: String, Sendable, CaseIterable {
    /// Statistics of the intensities.
    case firstorder
    /// Grey level co-occurrence matrix.
    case glcm
    /// Grey level run length matrix.
    case glrlm
    /// Grey level size zone matrix.
    case glszm
    /// Grey level dependence matrix; IBSI: neighbouring grey level dependence matrix.
    case gldm
    /// Neighbouring grey tone difference matrix.
    case ngtdm
  }

  /// Voxels from the centre of a neighbourhood to its side.
  public var radius = 1
  /// What to measure.
  public var families: [Family] = [.firstorder, .glcm]
  /// The keys of the features to give, e.g. `glcm_Contrast`; empty: all of the families.
  public var features: [String] = []
  /// Width of the bins, whose edges are multiples of it; unless ``discretisation`` says otherwise.
  public var binWidth = 25.0
  /// Bins by the definitions of IBSI; nil: bins of ``binWidth``.
  public var discretisation: Discretisation?
  /// Distances of neighbours in GLCM, GLDM and NGTDM, voxels (Chebyshev); each with all its directions.
  public var distances = [1]
  /// Largest difference of dependent grey levels in the GLDM (PyRadiomics: `gldm_a`).
  public var coarseness = 0
  /// Whether neighbourhoods hold voxels of the region alone, or of the image around it.
  public var maskedKernel = true
  /// Whether neighbourhoods and directions lie within planes.
  public var force2D = false
  /// The axis that planes are across: 0 slices, 1 rows, 2 columns, as PyRadiomics counts.
  public var force2DDimension = 0
  /// Added to intensities for Energy, TotalEnergy and RootMeanSquared.
  public var voxelArrayShift = 0.0
  /// Value of voxels outside the region.
  public var initValue = Float.nan
  /// Whether maps cover only the box of the region.
  public var cropped = false

  /// Every first-order and co-occurrence feature in neighbourhoods of 3 × 3 × 3 voxels.
  public init() {}

  /// What is given, in the same order.
  ///
  /// - Throws: `invalidParameter` for a feature that the families do not have.
  public var columns: [FeatureColumn] {
    get throws(ImageError) {
      let all = families.withoutRepeats.flatMap(\.columns)
      if features.isEmpty { return all }
      for key in features where !all.contains(where: { $0.key == key }) {
        throw unknownName(key, kind: "feature of a map", known: all.map(\.key))
      }
      return all.filter { features.contains($0.key) }
    }
  }

  /// Measures the region and hands out map after map, each only for the time of the call.
  ///
  /// - Throws: `invalidParameter` when image and mask lie on different grids, or naming the setting that is out of range;
  ///   `limitExceeded` for too many grey levels; what `body` throws.
  public func callAsFunction(
    _ image: AnyVolume, in mask: Mask, _ body: (FeatureColumn, Volume<Float>) throws(ImageError) -> Void
  ) throws(ImageError) {
    let columns = try columns
    try check()
    try image.geometry.requireSame(as: mask.geometry, "the mask")
    guard let region = Region(mask, of: image, rounded: false, within: nil), !region.intensities.isEmpty else {
      let empty = Volume<Float>(image.geometry, repeating: initValue)
      for column in columns { try body(column, empty) }
      return
    }
    for family in families.withoutRepeats {
      let own = family.columns, wanted = own.indices.filter { columns.contains(own[$0]) }
      if wanted.isEmpty { continue }
      let grid = try grid(region, of: image, family)
      try checkTables(family, grid)
      let n = grid.centreCount
      var values = [Float](repeating: .nan, count: own.count * n)
      values.withUnsafeMutableBufferPointer { out in
        measure(family, grid, image.geometry, wanted, n, out.baseAddress!)
      }
      for f in wanted {
        try body(own[f], map(grid, image.geometry, values[f * n..<(f + 1) * n]))
      }
    }
  }

  /// All maps at once, for small regions.
  ///
  /// - Throws: as the call with a body.
  public func callAsFunction(
    _ image: AnyVolume, in mask: Mask
  ) throws(ImageError) -> [(column: FeatureColumn, map: Volume<Float>)] {
    var maps: [(column: FeatureColumn, map: Volume<Float>)] = []
    try self(image, in: mask) { column, map throws(ImageError) in maps.append((column, map)) }
    return maps
  }

  /// Each thread counts into its own matrices.
  private func checkTables(_ family: Family, _ grid: MapGrid) throws(ImageError) {
    let side = grid.used.count + 1, directions = grid.steps.count
    let cells =
      switch family {
      case .firstorder, .glszm: 0
      case .glcm: side * side * (directions + 7)
      case .glrlm: RunLengthMap.Tables.cells(grid)
      case .gldm, .ngtdm: max(NeighbourMap.cells(grid), 2 * directions * grid.plane.count)
      }
    guard cells <= 1 << 26 else {
      throw ImageError(
        .limitExceeded,
        "\(side - 1) grey levels in \(directions) directions are too many for maps of \(family.rawValue)",
        hint: "choose wider or fewer bins, fewer distances or a smaller radius")
    }
  }

  private func check() throws(ImageError) {
    func fail(_ what: String) -> ImageError { ImageError(.invalidParameter, what) }
    guard radius >= 1 else { throw fail("radius is \(radius), expected at least 1 voxel") }
    guard binWidth > 0 && binWidth.isFinite else {
      throw fail("binWidth is \(binWidth), expected a positive number")
    }
    try discretisation?.check("discretisation")
    guard !distances.isEmpty, distances.allSatisfy({ 1...16 ~= $0 }) else {
      throw fail("distances are \(distances), expected 1 … 16 voxels")
    }
    guard coarseness >= 0 else { throw fail("coarseness is \(coarseness), expected 0 or more") }
    guard 0...2 ~= force2DDimension else {
      throw fail("force2DDimension is \(force2DDimension), expected 0 (slices), 1 (rows) or 2 (columns)")
    }
    guard voxelArrayShift.isFinite else { throw fail("voxelArrayShift is \(voxelArrayShift), expected a number") }
  }

  /// The voxels of the neighbourhoods: those of the region, or of its box and what is around it within the radius.
  private func grid(
    _ region: Region, of image: AnyVolume, _ family: Family
  ) throws(ImageError) -> MapGrid {
    var kernel = region, centres = region.intensityMask
    if !maskedKernel {
      let (whole, size, first) = (image.size, region.size, region.start)
      func around(_ start: Int, _ count: Int, _ limit: Int) -> Range<Int> {
        max(0, start - min(radius, start))..<min(limit, start + count + min(radius, limit))
      }
      let columns = around(first.column, size.columns, whole.columns), rows = around(first.row, size.rows, whole.rows)
      let slices = around(first.slice, size.slices, whole.slices)
      let box = Mask(image.geometry) { out in
        out.update(repeating: 0)
        for z in slices {
          for y in rows { for x in columns { out[whole.offset(x, y, z)] = 1 } }
        }
      }
      if let wider = Region(box, of: image, rounded: false, within: nil) { kernel = wider }
      let (dx, dy, dz) = (
        first.column - columns.lowerBound, first.row - rows.lowerBound, first.slice - slices.lowerBound
      )
      centres = Volume<UInt8>(kernel.geometry) { out in
        out.update(repeating: 0)
        region.intensityMask.withVoxels { inside in
          for z in 0..<size.slices {
            for y in 0..<size.rows {
              for x in 0..<size.columns {
                out[kernel.size.offset(x + dx, y + dy, z + dz)] = inside[size.offset(x, y, z)]
              }
            }
          }
        }
      }
    }
    let levels = try bins(kernel.intensities).levels(of: kernel.intensities, in: nil)
    let used = levels.counts.reduce(0) { $0 + ($1 > 0 ? 1 : 0) }
    guard used <= 1024 && levels.count <= 8192 else {
      throw ImageError(
        .limitExceeded,
        "the region has \(levels.count) grey levels, \(used) of them in use; the limits for maps are 8192 and 1024",
        hint: "choose wider or fewer bins")
    }
    let padded = (0..<3).reduce(1.0) { n, axis in
      n * Double(kernel.size[axis] + 2 * min(radius, kernel.size[axis] - 1))
    }
    guard padded <= 0x1p29 else {
      throw ImageError(
        .limitExceeded, "neighbourhoods of radius \(radius) around a box of \(kernel.size) voxels hold too many voxels",
        hint: "choose a smaller radius or region")
    }
    return MapGrid(
      kernel, levels, centres: centres, radius: radius, flat: force2D ? 2 - force2DDimension : nil,
      distances: family == .glrlm ? [1] : distances, withValues: family == .firstorder)
  }

  /// Bins with edges at multiples of the width, as PyRadiomics has them, unless others are asked for.
  private func bins(_ intensities: [Double]) -> Discretisation {
    if let discretisation { return discretisation }
    let minimum = intensities.min() ?? 0
    let lower = (minimum / binWidth).rounded(.down) * binWidth
    return .fixedBinSize(binWidth, lowerBound: min(lower, minimum))
  }

  private func measure(
    _ family: Family, _ grid: MapGrid, _ geometry: Geometry, _ wanted: [Int], _ n: Int,
    _ out: UnsafeMutablePointer<Float>
  ) {
    switch family {
    case .firstorder:
      let tables = FirstOrderMap.Tables(grid, shift: voxelArrayShift, voxelVolume: geometry.voxelVolume)
      slide(grid, n, FirstOrderMap.names.count, out) { FirstOrderMap(tables) }
    case .glcm:
      let tables = CooccurrenceMap.Tables(grid, wantsMCC: wanted.contains(CooccurrenceMap.mcc))
      slide(grid, n, CooccurrenceMap.names.count, out) { CooccurrenceMap(tables) }
    case .glrlm:
      let tables = RunLengthMap.Tables(grid)
      slide(grid, n, tables.features.count, out) { RunLengthMap(tables) }
    case .glszm:
      let tables = SizeZoneMap.Tables(grid)
      slide(grid, n, tables.features.count, out) { SizeZoneMap(tables) }
    case .gldm:
      let tables = NeighbourMap.Tables(grid, .dependence(coarseness: coarseness))
      slide(grid, n, tables.dependence.count, out) { NeighbourMap(tables) }
    case .ngtdm:
      let tables = NeighbourMap.Tables(grid, .toneDifference)
      slide(grid, n, tables.toneDifference.count, out) { NeighbourMap(tables) }
    }
  }

  /// All rows of the box, in parallel.
  private func slide<Window: MapWindow>(
    _ grid: MapGrid, _ n: Int, _ features: Int, _ out: UnsafeMutablePointer<Float>, _ make: @Sendable () -> Window
  ) {
    nonisolated(unsafe) let out = out
    grid.centres.withVoxels { centres in
      nonisolated(unsafe) let centres = centres.baseAddress!
      parallelFor(grid.size.rows * grid.size.slices) { rows in
        var window = make()
        for row in rows {
          window.slide(
            row % grid.size.rows, row / grid.size.rows, over: grid, centres, features: features, stride: n, out: out)
        }
      }
    }
  }

  /// The values of the centres as a volume.
  private func map(_ grid: MapGrid, _ geometry: Geometry, _ values: ArraySlice<Float>) -> Volume<Float> {
    var on = geometry, (dx, dy, dz) = grid.start
    if cropped {
      on = grid.centres.geometry
      (dx, dy, dz) = (0, 0, 0)
    }
    return Volume(on) { out in
      out.update(repeating: initValue)
      grid.centres.withVoxels { centres in
        var next = values.startIndex
        for z in 0..<grid.size.slices {
          for y in 0..<grid.size.rows {
            for x in 0..<grid.size.columns where centres[grid.size.offset(x, y, z)] != 0 {
              out[on.size.offset(x + dx, y + dy, z + dz)] = values[next]
              next += 1
            }
          }
        }
      }
    }
  }
}
