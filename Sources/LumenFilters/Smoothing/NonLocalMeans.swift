// SPDX-License-Identifier: Apache-2.0
import CSIMD
import Glibc
public import LumenCore

/// Non-local means: every voxel becomes a mean of those around it whose surroundings look alike.
///
///     out(p) = Σ w(p, q)·I(q) / Σ w(p, q),  q within `search` of p
///     w = exp(−d² / h²),  d² = mean squared difference of the patches around p and q;  0 beyond d² = 5h²
///
/// Images of unsigned 8 bits are averaged in whole numbers and stay what they are: weights in steps of
/// 1 / ⌊(2³¹−1) / (255·search window)⌋, 0 below 0.001, d² in steps of the next power of two over the patch, as OpenCV does.
///
/// - Shape: any columns × rows × slices → same geometry; unsigned 8 bits as they are, all others 32-bit float. One slice
///   is filtered as a 2-D image.
/// - Units: patch and search in voxels of each axis; h in the image's intensities.
/// - Range: NaN and infinities spread to every voxel whose search window or patches hold them.
/// - Accuracy: 8 bits equal to OpenCV; otherwise within 1e-5 of the intensity range of the formula. The same bits for any
///   number of threads.
/// - Cost: per voxel and displacement two running or separable sums, and one weight where any of 16 voxels look alike; a
///   tile with its surroundings of scratch.
/// - Throws: `invalidParameter` for h not positive and finite, patch outside 1 … 7 or search outside 1 … 30.
/// - Source: Buades, Coll & Morel 2005 with flat patches; sums by displacement as Darbon et al. 2008; 8 bits as OpenCV
///   `fastNlMeansDenoising`.
public struct NonLocalMeans: Filter {
  /// How different patches may be: h.
  public var strength = 10.0
  /// Voxels of a patch on each side of its centre.
  public var patch = 3
  /// Voxels of the search window on each side of its centre.
  public var search = 10
  /// Filter each slice for itself.
  public var planar = false
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// h = 10, 7 × 7 patches in 21 × 21 voxels.
  public init() {}
  /// A mean over patches that differ by about `strength`.
  public init(
    strength: Double, patch: Int = 3, search: Int = 10, planar: Bool = false, boundary: BoundaryCondition = .mirror
  ) {
    self.strength = strength
    self.patch = patch
    self.search = search
    self.planar = planar
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "non-local-means", summary: "mean of voxels whose surroundings look alike", source: "Buades, Coll & Morel 2005",
    parameters: [
      Parameter(\.strength, "strength", 1e-6...1e9, "how different patches may be"),
      Parameter(\.patch, "patch", 1...7, "voxels of a patch on each side of its centre"),
      Parameter(\.search, "search", 1...30, "voxels of the search window on each side of its centre"),
      Parameter(\.planar, "planar", "filter each slice for itself"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The smoothed image: 8-bit for an unsigned 8-bit one, else 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    if case .u8(let volume) = image {
      try check()
      return .u8(
        Volume(volume.geometry) { out in
          volume.withVoxels { NonLocalMeansBytes(self, volume.size).run($0.baseAddress!, out.baseAddress!) }
        })
    }
    return .f32(try self(image.float))
  }

  /// The smoothed image.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    try check()
    return Volume(volume.geometry) { out in
      volume.withVoxels { run(volume.size, $0.baseAddress!, out.baseAddress!) }
    }
  }

  /// Search and patch together, or none for single slices.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? {
    planar || geometry.size.slices == 1 ? 0 : boundary == .periodic ? nil : search + patch
  }

  private func check() throws(ImageError) {
    try requirePositive(strength, "strength")
    try require(patch, in: 1...7, "patch")
    try require(search, in: 1...30, "search")
  }

  private func run(_ size: Size, _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>) {
    let tiles = PatchTiles(self, size), rows = PaddedRows(size: size, boundary: boundary)
    let p = tiles.patch, (side, deep) = (2 * p + 1, 2 * tiles.patchDepth + 1)
    let width = tiles.rowLength, depth = tiles.patchDepth, area = tiles.height * width
    // d² is a sum until here; exponents are binary.
    let voxels = Double(side * side * deep), h = strength
    let steepness = SIMD16<Float>(repeating: Float(-1 / (h * h * voxels * M_LN2)))
    let most = Float(5 * h * h * voxels), last = SIMD16<Float>(repeating: most)
    nonisolated(unsafe) let (source, target) = (source, target)
    parallelFor(tiles.count) { items in
      // The tile and its surroundings; sums of weights and of weighted values; squared differences; their sums.
      let planes = deep > 1 ? deep * area : 0
      withScratch(of: Float.self, tiles.padded + 2 * tiles.layers * area + (side + 1) * width + planes + 32) {
        scratch in
        let totals = scratch + tiles.padded, sums = totals + tiles.layers * area
        let squares = sums + tiles.layers * area, line = squares + side * width, slabs = line + width
        for item in items {
          let tile = tiles[item]
          tiles.fill(tile, scratch) { y, z, columns, to in rows.read(source, y, z, columns: columns, into: to) }
          totals.update(repeating: 0, count: 2 * tiles.layers * area)
          tiles.forEachDisplacement { shift in
            for k in 0..<tile.slices.count &+ 2 &* depth {
              for j in 0..<tile.rows.count &+ 2 &* p {
                let a = scratch + tiles.patchOffset(j, k), b = a + shift
                let row = squares + j % side &* width
                var x = 0
                while x < tile.columns.count &+ 2 &* p {
                  let d = load16(a + x) - load16(b + x)
                  store16(d * d, row + x)
                  x &+= 16
                }
                if j < 2 &* p { continue }
                let y = j &- 2 &* p
                let sum = deep > 1 ? slabs + (k % deep &* area &+ y &* width) : line
                add(squares, side, width, sum, tile.columns.count &+ 2 &* p)
                if k < 2 &* depth { continue }
                if deep > 1 { add(slabs + y &* width, deep, area, line, tile.columns.count &+ 2 &* p) }
                let at = (k &- 2 &* depth) &* area &+ y &* width
                let values = scratch + (tiles.valueOffset(y, k &- 2 &* depth) &+ shift)
                x = 0
                while x < tile.columns.count {
                  var d = load16(line + x)
                  for i in 1..<side { d += load16(line + (x &+ i)) }
                  // Most of a wide search looks different and weighs nothing; what is not finite spreads all the same.
                  if v_any_near_f32(d, most) == 0 {
                    x &+= 16
                    continue
                  }
                  var w = exp2Negative(d * steepness)
                  w.replace(with: SIMD16<Float>.zero, where: d .> last)
                  store16(load16(totals + (at &+ x)) + w, totals + (at &+ x))
                  store16(multiplyAdd(w, load16(values + x), load16(sums + (at &+ x))), sums + (at &+ x))
                  x &+= 16
                }
              }
            }
          }
          for z in tile.slices {
            for y in tile.rows {
              let at = (z &- tile.slices.lowerBound) &* area &+ (y &- tile.rows.lowerBound) &* width
              let out = target + size.offset(tile.columns.lowerBound, y, z)
              var x = 0
              while x < tile.columns.count {
                storeLeading(load16(sums + (at &+ x)) / load16(totals + (at &+ x)), out + x, tile.columns.count &- x)
                x &+= 16
              }
            }
          }
        }
      }
    }
  }

  /// Sum of `count` rows.
  @inline(__always)
  private func add(
    _ rows: UnsafePointer<Float>, _ count: Int, _ stride: Int, _ out: UnsafeMutablePointer<Float>, _ n: Int
  ) {
    var x = 0
    while x < n {
      var s = load16(rows + x)
      for i in 1..<count { s += load16(rows + (i &* stride &+ x)) }
      store16(s, out + x)
      x &+= 16
    }
  }
}
