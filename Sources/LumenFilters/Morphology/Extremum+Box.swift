// SPDX-License-Identifier: Apache-2.0
import LumenCore

// A box is taken apart into its axes: running maxima by doubling along x and y inside a tile, along z by the method of
// van Herk (Pattern Recognition Letters 1992;13:517-521) and Gil and Werman, whose work does not grow with the radius.
extension Extremum {
  func runBox(_ source: UnsafePointer<Key>, _ target: UnsafeMutablePointer<Key>) {
    let tiles = ExtremumTiles(self)
    nonisolated(unsafe) let (source, target) = (source, target)
    parallelFor(tiles.count, grain: tiles.grain) { items in
      let layer = tiles.height * tiles.stride, rows = tiles.height + 2 * half.y
      // The slices of a block, the maximum from its start, one slice's rows, and room for whole registers at the end.
      let count = (2 * half.z + 2) * layer + rows * tiles.stride + 4 * Lanes.scalarCount + 2 * half.x
      withScratch(of: Key.self, count) { scratch in
        for i in items { boxTile(tiles, i, source, target, scratch) }
      }
    }
  }

  /// One tile. Slot j of a block that begins with slice z holds the largest of slices z + j … z + 2r; while its outputs
  /// are written, the slices of the next block take the place of those no longer needed.
  @inline(__always)
  private func boxTile(
    _ tiles: ExtremumTiles, _ i: Int, _ source: UnsafePointer<Key>, _ target: UnsafeMutablePointer<Key>,
    _ slots: UnsafeMutablePointer<Key>
  ) {
    let tile = tiles.tile(i, size), layer = tiles.height &* tiles.stride, layers = 2 &* half.z &+ 1
    let used = tile.y.count &* tiles.stride, prefix = slots + layers &* layer, rows = prefix + layer
    let windows = (x: RunningWindow(2 &* half.x &+ 1), y: RunningWindow(2 &* half.y &+ 1))
    func fill(_ slot: Int, _ z: Int) {
      maximaInSlice(
        tiles, tile, boundary.index(z &- half.z, count: size.slices), windows, source, rows, slots + slot &* layer)
    }
    var z = tile.z.lowerBound
    for j in 0..<layers { fill(j, z &+ j) }
    while true {
      var j = layers &- 2
      while j >= 0 {
        let slot = slots + j &* layer
        forEachRegister(used) { c in store(Key.larger(load(slot + c), load(slot + (layer &+ c))), slot + c) }
        j &-= 1
      }
      emitTile(tiles, tile, z, target) { load(slots + $0) }
      j = 1
      while j < layers {
        if z &+ j >= tile.z.upperBound { return }
        let new = slots + (j &- 1) &* layer, rest = slots + j &* layer
        fill(j &- 1, z &+ j &+ 2 &* half.z)
        emitTile(tiles, tile, z &+ j, target) { c in
          let sum = j == 1 ? load(new + c) : Key.larger(load(prefix + c), load(new + c))
          store(sum, prefix + c)
          return Key.larger(load(rest + c), sum)
        }
        j &+= 1
      }
      z &+= layers
      if z >= tile.z.upperBound { return }
      fill(layers &- 1, z &+ 2 &* half.z)
    }
  }

  /// Writes one slice of a tile; `keys` gives a register of a slot by its offset.
  @inline(__always)
  private func emitTile(
    _ tiles: ExtremumTiles, _ tile: (x: Range<Int>, y: Range<Int>, z: Range<Int>), _ z: Int,
    _ target: UnsafeMutablePointer<Key>, _ keys: (Int) -> Lanes
  ) {
    for y in 0..<tile.y.count {
      let at = y &* tiles.stride
      emit(count: tile.x.count, to: target + size.offset(tile.x.lowerBound, tile.y.lowerBound &+ y, z)) { c in
        keys(at &+ c)
      }
    }
  }

  /// The running maxima along x and y of a tile's part of one slice.
  @inline(__always)
  private func maximaInSlice(
    _ tiles: ExtremumTiles, _ tile: (x: Range<Int>, y: Range<Int>, z: Range<Int>), _ z: Int?,
    _ windows: (x: RunningWindow, y: RunningWindow),
    _ source: UnsafePointer<Key>, _ rows: UnsafeMutablePointer<Key>, _ out: UnsafeMutablePointer<Key>
  ) {
    let count = tile.y.count &+ 2 &* half.y, width = tile.x.count, stride = tiles.stride
    for v in 0..<count {
      let row = rows + v &* stride
      fetch(
        source, boundary.index(tile.y.lowerBound &- half.y &+ v, count: size.rows), z,
        first: tile.x.lowerBound &- half.x, count: width &+ 2 &* half.x, to: row)
      if half.x == 0 { continue }
      for distance in windows.x.doublings { double(row, distance, width &+ windows.x.width &- 2 &* distance) }
      let (second, third) = (windows.x.second, windows.x.third)
      forEachRegister(width) { c in
        store(Key.larger(Key.larger(load(row + c), load(row + (c &+ second))), load(row + (c &+ third))), row + c)
      }
    }
    var reached = 1
    for distance in windows.y.doublings {
      for v in 0..<count &- 2 &* reached &+ 1 {
        let row = rows + v &* stride, other = row + distance &* stride
        forEachRegister(width) { c in store(Key.larger(load(row + c), load(other + c)), row + c) }
      }
      reached &*= 2
    }
    for y in 0..<tile.y.count {
      let row = rows + y &* stride, second = row + windows.y.second &* stride, third = row + windows.y.third &* stride
      let to = out + y &* stride
      if half.y == 0 {
        forEachRegister(width) { c in store(load(row + c), to + c) }
      } else {
        forEachRegister(width) { c in
          store(Key.larger(Key.larger(load(row + c), load(second + c)), load(third + c)), to + c)
        }
      }
    }
  }
}
