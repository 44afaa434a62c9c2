// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenSegmentation
import Testing

@Suite("Connected components · oracle SciPy 1.17.1")
struct ConnectedComponentTests {
  /// Count, largest size and sum of squared sizes of `ndimage.label`.
  @Test(arguments: [
    (Connectivity.six, 337, 1794, 3_232_043), (.eighteen, 6, 2743, 7_524_057), (.twentySix, 3, 2746, 7_540_521),
  ])
  func label(_ connectivity: Connectivity, _ count: Int, _ largest: Int, _ squares: Int) {
    let parts = ConnectedComponents(noisyMask(350), connectivity: connectivity)
    #expect(parts.sizes.count == count)
    #expect(parts.sizes.max() == largest)
    #expect(parts.sizes.reduce(0) { $0 + $1 * $1 } == squares)
    let map = parts.labelMap
    #expect(map.labels == (1...UInt32(count)).map { $0 })
    #expect(map.mask(1).count == parts.sizes[0])
  }

  @Test func ranksAndTies() throws {
    let g = Geometry(size: Size(columns: 9, rows: 1))
    let mask = Mask(try Volume<UInt8>(g, voxels: [1, 0, 1, 1, 0, 1, 1, 0, 1]))
    func first(_ rank: Int) throws -> Int? {
      try LargestComponent(rank: rank)(mask).boundingBox?.columns.lowerBound
    }
    #expect(try first(1) == 2)
    #expect(try first(2) == 5)
    #expect(try first(3) == 0)
    #expect(try first(4) == 8)
    let error = #expect(throws: ImageError.self) { try first(5) }
    #expect(error?.what.contains("4 connected parts") == true)
  }

  @Test func anEmptyMaskStaysEmpty() throws {
    let empty = Mask(grid) { $0.update(repeating: 0) }
    #expect(try LargestComponent()(empty) == empty)
    #expect(try FillHoles()(empty) == empty)
  }

  @Test func connectivityIsChecked() {
    var operation = LargestComponent()
    operation.connectivity = 7
    #expect(throws: ImageError.self) { try operation(noisyMask(350)) }
  }
}

@Suite("Fill holes · oracle SciPy 1.17.1", .serialized)
struct FillHolesTests {
  @Test(arguments: [(false, 5432), (true, 6736)]) func count(_ planar: Bool, _ expected: Int) throws {
    #expect(noisyMask(650).count == 5060)
    #expect(try FillHoles(planar: planar)(noisyMask(650)).count == expected)
  }

  @Test func aRingInOneSliceIsFilled() throws {
    let g = Geometry(size: Size(columns: 5, rows: 5))
    let ring = Mask(g) { out in
      for y in 0..<5 { for x in 0..<5 { out[5 * y + x] = max(abs(x - 2), abs(y - 2)) == 1 ? 1 : 0 } }
    }
    #expect(try FillHoles()(ring).count == 9)
  }

  @Test func planarDoesNotDependOnThreads() throws {
    let width = Parallel.width
    defer { Parallel.width = width }
    Parallel.width = 1
    let one = try FillHoles(planar: true)(noisyMask(650))
    Parallel.width = 4
    #expect(try FillHoles(planar: true)(noisyMask(650)) == one)
  }
}

@Suite("Connected components · property", .serialized)
struct ComponentProperties {
  /// Flood fill from every voxel in memory order.
  private func plain(_ mask: Mask, _ connectivity: Connectivity, of value: UInt8) -> [UInt32] {
    let s = mask.size, voxels = mask.voxels.withVoxels { Array($0) }
    var labels = [UInt32](repeating: 0, count: voxels.count), next: UInt32 = 0
    for seed in voxels.indices where voxels[seed] == value && labels[seed] == 0 {
      next += 1
      var open = [seed]
      labels[seed] = next
      while let i = open.popLast() {
        for dz in -1...1 {
          for dy in -1...1 {
            for dx in -1...1 {
              let steps = abs(dx) + abs(dy) + abs(dz),
                most = connectivity == .six ? 1 : connectivity == .eighteen ? 2 : 3
              let (x, y, z) = (i % s.columns + dx, i / s.columns % s.rows + dy, i / s.plane + dz)
              guard steps <= most, 0..<s.columns ~= x, 0..<s.rows ~= y, 0..<s.slices ~= z else { continue }
              let j = s.offset(x, y, z)
              if voxels[j] == value && labels[j] == 0 {
                labels[j] = next
                open.append(j)
              }
            }
          }
        }
      }
    }
    return labels
  }

  @Test(
    "numbers equal those of a flood fill, for any number of threads and more slices than a slab",
    arguments: Connectivity.allCases)
  func equalsFloodFill(_ connectivity: Connectivity) {
    let before = Parallel.width
    defer { Parallel.width = before }
    for (columns, rows, slices) in [(1, 1, 1), (1, 9, 20), (13, 1, 17), (33, 12, 1), (19, 15, 26)] {
      for level in [150, 350, 600, 1000] as [UInt32] {
        let mask = Mask(Geometry(size: Size(columns: columns, rows: rows, slices: slices))) { out in
          for i in out.indices { out[i] = noise[i] % 1000 < level ? 1 : 0 }
        }
        for value in [1, 0] as [UInt8] {
          let expected = plain(mask, connectivity, of: value)
          for width in [1, 2] {
            Parallel.width = width
            let found = ConnectedComponents(mask, connectivity: connectivity, of: value)
            #expect(found.labelMap.voxels.withVoxels { Array($0) } == expected)
            #expect(found.sizes.reduce(0, +) == expected.count { $0 > 0 })
          }
        }
      }
    }
  }
}
