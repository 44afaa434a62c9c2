// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFilters

/// The recursion of one line as its definition reads, on the line continued by its ends.
private func plain(_ line: [Double], _ r: Recursion) -> [Double] {
  let n = line.count
  func part(_ v: (Int) -> Double, _ weights: SIMD4<Double>, _ first: Int, _ gain: Double) -> [Double] {
    var y: [Double] = []
    for i in 0..<n {
      var sum = 0.0
      for k in 0..<4 {
        sum += weights[k] * v(i - first - k)
        sum -= r.feedback[k] * (i - 1 - k >= 0 ? y[i - 1 - k] : gain * v(-1))
      }
      y.append(sum)
    }
    return y
  }
  let ahead = part({ line[min(max($0, 0), n - 1)] }, r.forward, 0, r.forwardGain)
  let back = part({ line[min(max(n - 1 - $0, 0), n - 1)] }, r.backward, 1, r.backwardGain)
  return zip(ahead, back.reversed()).map { $0 + $1 }
}

@Suite("Recursive Gaussian · plain reference")
struct RecursiveGaussianReference {
  @Test("any length, every axis, every order", arguments: [1, 2, 3, 4, 7, 8, 9, 17, 70])
  func lines(_ n: Int) throws {
    for axis in 0..<3 {
      var size = [9, 5, 3]
      size[axis] = n
      let geometry = Geometry(size: Size(columns: size[0], rows: size[1], slices: size[2]))
      let image = noise(geometry, seed: UInt32(n)).map { Float($0) }, s = geometry.size
      for order in 0...2 where n > 1 || order > 0 {
        let recursion = Recursion(sigma: 1.7, order: order)
        var out = image
        image.withVoxels { from in
          out.withMutableVoxels { to in
            LineSweep(s, axis: axis)([from.baseAddress!], [to.baseAddress!]) { lines in
              lines.filter(recursion, of: 0)
              lines.store(0)
            }
          }
        }
        for z in 0..<(axis == 2 ? 1 : s.slices) {
          for y in 0..<(axis == 1 ? 1 : s.rows) {
            for x in 0..<(axis == 0 ? 1 : s.columns) {
              func at(_ i: Int) -> (Int, Int, Int) { axis == 0 ? (i, y, z) : axis == 1 ? (x, i, z) : (x, y, i) }
              let line = (0..<n).map { i in Double(image[at(i).0, at(i).1, at(i).2]) }
              for (i, expected) in plain(line, recursion).enumerated() {
                #expect(abs(Double(out[at(i).0, at(i).1, at(i).2]) - expected) < 2e-4)
              }
            }
          }
        }
      }
    }
  }

  @Test("near the sampled Gaussian") func sampled() throws {
    let image = noise(Geometry(size: Size(columns: 60, rows: 50, slices: 40)), seed: 4).map { Float($0) }
    let a = try image.recursiveGaussian(sigma: .mm(4)).array
    let b = try Gaussian(sigma: .mm(4), boundary: .nearest, cutoff: 6)(image).array
    #expect(zip(a, b).allSatisfy { abs($0 - $1) < 0.003 * 4096 })
  }

  @Test("the widest keeps a constant and the smallest the image") func ends() throws {
    let constant = Volume<Float>(Geometry(size: Size(columns: 5000, rows: 3, slices: 2)), repeating: 1000)
    #expect(try constant.recursiveGaussian(sigma: .mm(500)).array.allSatisfy { abs($0 - 1000) < 1e-2 })
    let image = noise(Geometry(size: Size(columns: 9, rows: 8, slices: 7)), seed: 4).map { Float($0) }
    let same = try image.recursiveGaussian(sigma: .mm(0.05)).array
    #expect(zip(same, image.array).allSatisfy { abs($0 - $1) < 1e-2 })
  }

  @Test("into another volume, and a derivative along one voxel") func reuse() throws {
    let image = noise(Geometry(size: Size(columns: 9, rows: 8, slices: 1)), seed: 4).map { Float($0) }
    var out = Volume<Float>(image.geometry, repeating: 5)
    for filter in [RecursiveGaussian(sigma: .mm(2)), .init(sigma: .mm(1), orders: [0, 1, 0])] {
      try filter(image, into: &out)
      #expect(out == (try filter(image)))
    }
    try RecursiveLaplacian(sigma: .mm(2))(image, into: &out)
    #expect(out == (try image.recursiveLaplacian(sigma: .mm(2))))
    #expect(try RecursiveGaussian(sigma: .mm(1), orders: [0, 0, 1])(image).array.allSatisfy { abs($0) < 1e-9 })
    #expect(try RecursiveGaussian(sigma: .mm(1), planar: true).reach(image.geometry) == 0)
  }
}
