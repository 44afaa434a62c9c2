// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The tiles in which patches are compared: small enough that a tile, its surroundings and its sums stay in the cache
/// while every displacement of the search window passes over them.
struct PatchTiles: Sendable {
  /// Part of the image.
  struct Tile {
    let columns: Range<Int>, rows: Range<Int>, slices: Range<Int>
  }

  let size: Size, patch: Int, patchDepth: Int, search: Int, searchDepth: Int
  let width: Int, height: Int, layers: Int
  private let across: Int, down: Int, through: Int
  /// Length of a row with its surroundings, and how many rows a slice has with them.
  private let stride: Int, lines: Int

  init(_ filter: NonLocalMeans, _ size: Size) {
    let flat = filter.planar || size.slices == 1
    self.size = size
    patch = filter.patch
    search = filter.search
    (patchDepth, searchDepth) = flat ? (0, 0) : (filter.patch, filter.search)
    width = min(size.columns, 256)
    height = min(size.rows, flat ? 48 : 16)
    layers = min(size.slices, flat ? 1 : 8)
    across = (size.columns + width - 1) / width
    down = (size.rows + height - 1) / height
    through = (size.slices + layers - 1) / layers
    stride = roundUp(width) + roundUp(2 * (patch + search)) + 16
    lines = height + 2 * (patch + search)
  }

  var count: Int { across * down * through }
  /// Voxels of a tile with its surroundings.
  var padded: Int { stride * lines * (layers + 2 * (patchDepth + searchDepth)) }
  /// Room for a row of sums: the tile's columns and a patch.
  var rowLength: Int { roundUp(width) + roundUp(2 * patch) + 16 }

  subscript(item: Int) -> Tile {
    let x = item % across * width, y = item / across % down * height, z = item / (across * down) * layers
    return Tile(
      columns: x..<min(x + width, size.columns), rows: y..<min(y + height, size.rows),
      slices: z..<min(z + layers, size.slices))
  }

  /// Reads a tile with its surroundings: `read` takes row, slice, columns and where they go.
  @inline(__always)
  func fill<T>(
    _ tile: Tile, _ scratch: UnsafeMutablePointer<T>, _ read: (Int, Int, Range<Int>, UnsafeMutablePointer<T>) -> Void
  ) {
    let r = patch + search, d = patchDepth + searchDepth
    for k in 0..<tile.slices.count + 2 * d {
      for j in 0..<tile.rows.count + 2 * r {
        read(
          tile.rows.lowerBound + j - r, tile.slices.lowerBound + k - d,
          tile.columns.lowerBound - r..<tile.columns.upperBound + r, scratch + (k * lines + j) * stride)
      }
    }
  }

  /// Where row j and slice k of the patches begin: the patch of the tile's first voxel has row 0 and slice 0.
  @inline(__always)
  func patchOffset(_ j: Int, _ k: Int) -> Int { ((k &+ searchDepth) &* lines &+ j &+ search) &* stride &+ search }

  /// Where row y and slice z of the tile begin.
  @inline(__always)
  func valueOffset(_ y: Int, _ z: Int) -> Int { patchOffset(y &+ patch, z &+ patchDepth) &+ patch }

  /// Every displacement of the search window, as an offset in the scratch.
  @inline(__always)
  func forEachDisplacement(_ body: (Int) -> Void) {
    for z in -searchDepth...searchDepth {
      for y in -search...search {
        for x in -search...search { body((z &* lines &+ y) &* stride &+ x) }
      }
    }
  }
}
