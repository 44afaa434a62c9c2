// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFilters

private let grid = Geometry(
  size: Size(columns: 21, rows: 17, slices: 40), spacing: [0.8, 1, 1.5], origin: [3, -2, 7])

/// The chain run slab by slab, and how often a slab was read.
private func inSlabs(_ chain: [any Filter], _ image: Volume<Int16>, budget: Int) throws -> (AnyVolume, reads: Int) {
  var voxels: [Float] = [], next = 0, reads = 0
  var kind = VoxelKind.int16
  try filterInSlabs(chain, geometry: image.geometry, kind: .int16, budget: budget) { range throws(ImageError) in
    reads += 1
    let s = image.size
    return .i16(image.cropped(columns: 0..<s.columns, rows: 0..<s.rows, slices: range))
  } write: { range, slab throws(ImageError) in
    #expect(range.lowerBound == next)
    #expect(slab.geometry == image.geometry.slices(range))
    next = range.upperBound
    kind = slab.kind
    voxels += slab.float.array
  }
  #expect(next == image.size.slices)
  return (AnyVolume.f32(try Volume(image.geometry, voxels: voxels)).converted(to: kind), reads)
}

@Suite("Slabs · property")
struct SlabsProperties {
  @Test("the same bits as the whole volume", arguments: [BoundaryCondition.mirror, .nearest, .zero])
  func sameBits(_ boundary: BoundaryCondition) throws {
    let image = noise(grid, seed: 12)
    let chains: [[any Filter]] = [
      [], [Gaussian(sigma: .mm(1), boundary: boundary)], [Median(radius: 2, boundary: boundary)],
      [GreyDilation(.init(.ball, radius: .mm(4)), boundary: boundary)],
      [GreyClosing(.init(.box, voxels: 2), planar: true, boundary: boundary), Reconstruction(h: 300, planar: true)],
      [
        Median(radius: 1, boundary: boundary), Gaussian(sigma: .mm(0.8), boundary: boundary),
        GreyOpening(.init(.cross, voxels: 1), boundary: boundary),
        MorphologicalGradient(.init(.box, voxels: 1), boundary: boundary),
      ],
    ]
    for chain in chains {
      let whole = try chain.reduce(AnyVolume.i16(image)) { try $1($0) }
      let reach = try chain.reach(grid), scratch = chain.map { $0.scratch(grid) }.max() ?? 0
      let slice = 21 * 17 * (2 * 2 + 3 * 4) + scratch / 40
      for slices in [max(2, 2 * reach + 1), 2 * reach + 4, 39, 40] {
        let (result, reads) = try inSlabs(chain, image, budget: slices * slice)
        #expect(result == whole, "\(chain), \(slices) slices")
        #expect((reads == 1) == (slices == 40))
      }
    }
  }

  @Test func slabsOfOneHeightCoverTheVolumeOnce() throws {
    for (n, reach, height) in [(40, 3, 7), (40, 3, 8), (41, 0, 2), (7, 9, 7), (1, 0, 1), (100, 10, 33)] {
      let geometry = Geometry(size: Size(columns: 1, rows: 1, slices: n))
      let slabs = try SlabPlan(geometry, .uint8, reach: reach, budget: height * 14) { _ in 0 }.slabs
      #expect(slabs.flatMap { Array($0.write) } == Array(0..<n))
      for slab in slabs {
        #expect(slab.read.count == height)
        #expect(slab.read.lowerBound <= max(0, slab.write.lowerBound - reach))
        #expect(slab.read.upperBound >= min(n, slab.write.upperBound + reach))
      }
    }
  }
}

@Suite("Slabs · malformed")
struct SlabsMalformed {
  @Test(arguments: [
    ([Median(), Reconstruction()] as [any Filter], "reconstruction"),
    ([Gaussian(sigma: .mm(2), boundary: .periodic)], "gaussian"),
    ([GreyErosion(.init(.box, voxels: 1), boundary: .periodic)], "grey-erosion"),
  ])
  func namesTheFilterThatNeedsTheWholeVolume(_ chain: [any Filter], _ name: String) {
    let error = #expect(throws: ImageError.self) { try inSlabs(chain, noise(grid, seed: 1), budget: 1 << 30) }
    #expect(error?.kind == .invalidParameter)
    #expect(error?.what == "\(name) depends on the whole volume, it cannot be filtered in slabs")
  }

  @Test(arguments: [0, -1, .min, 1000]) func namesTheLeastBudget(_ budget: Int) {
    let error = #expect(throws: ImageError.self) { try inSlabs([Median()], noise(grid, seed: 1), budget: budget) }
    #expect(error?.kind == .limitExceeded)
    #expect(error?.what == "the budget is \(budget) bytes, but 3 slices at once take \(3 * 21 * 17 * 16) bytes")
  }

  @Test func refusesSlicesOfAnotherSize() {
    #expect(throws: ImageError.self) {
      try filterInSlabs([Median()], geometry: grid, kind: .int16, budget: 1 << 30) { _ throws(ImageError) in
        .i16(noise(Geometry(size: Size(columns: 2, rows: 2)), seed: 1))
      } write: { _, _ throws(ImageError) in
      }
    }
  }
}
