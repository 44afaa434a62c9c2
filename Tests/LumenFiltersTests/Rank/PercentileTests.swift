// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFilters

/// The definition: sort the window of every voxel, NaN last.
private func plain<T: Voxel>(_ image: Volume<T>, _ p: Percentile) -> [T] {
  let size = image.size, depth = p.planar || size.slices == 1 ? 0 : p.radius
  var out: [T] = []
  for z in 0..<size.slices {
    for y in 0..<size.rows {
      for x in 0..<size.columns {
        var window: [T] = []
        for k in -depth...depth {
          for j in -p.radius...p.radius {
            for i in -p.radius...p.radius {
              if let a = p.boundary.index(x + i, count: size.columns),
                let b = p.boundary.index(y + j, count: size.rows),
                let c = p.boundary.index(z + k, count: size.slices)
              {
                window.append(image[a, b, c])
              } else {
                window.append(T.rounding(0))
              }
            }
          }
        }
        window.sort { $0.doubleValue < $1.doubleValue || ($1.doubleValue.isNaN && !$0.doubleValue.isNaN) }
        out.append(window[min(window.count - 1, Int(Double(window.count) * p.percentile / 100))])
      }
    }
  }
  return out
}

/// Whether the filter equals the definition for an image of one type.
private struct EqualsPlain: AnyVolume.Visitor {
  typealias Failure = ImageError
  let percentile: Percentile

  func visit<T: Voxel>(_ volume: Volume<T>) throws(ImageError) -> Bool {
    let expected = try Volume(volume.geometry, voxels: plain(volume, percentile))
    return try percentile(T.erase(volume)) == T.erase(expected)
  }
}

@Suite("Percentile · property", .serialized)
struct PercentileProperties {
  @Test("equals sorting for every stored type and every way to it", arguments: VoxelKind.allCases)
  func everyType(_ kind: VoxelKind) throws {
    let image = noise(Geometry(size: Size(columns: 21, rows: 9, slices: 3)), seed: 5)
    let wide: AnyVolume =
      kind.bytes >= 4 ? .f64(image.map { Double($0) * 1_048_576.25 }) : .f64(image.map { Double($0) / 8 + 30 })
    for boundary in BoundaryCondition.allCases {
      for (radius, planar) in [(1, false), (2, true), (3, false), (5, true)] {
        for percentile in [0, 33, 50, 97.5, 100] {
          let filter = Percentile(percentile, radius: radius, planar: planar, boundary: boundary)
          #expect(
            try wide.converted(to: kind).accept(EqualsPlain(percentile: filter)),
            "percentile \(percentile), radius \(radius), planar \(planar), \(boundary)")
        }
      }
    }
  }

  @Test("tiles, strips and bands join without a seam")
  func seams() throws {
    // Wider than a strip of columns, higher than a band of rows; few values, so that plain sorting can be spot-checked.
    let image = noise(Geometry(size: Size(columns: 530, rows: 150)), seed: 6)
    let narrow = image.map { UInt8(truncatingIfNeeded: Int($0) &>> 3) }, real = image.map { Float($0) / 3 }
    for filter in [Percentile(40, radius: 4), Percentile(50, radius: 7), Percentile(100, radius: 9)] {
      // Shifting the image by 100 × 37 puts every voxel at another place in its tile.
      let part = narrow.cropped(columns: 100..<530, rows: 37..<150, slices: 0..<1)
      let inside = (columns: 109..<521, rows: 46..<141)
      let (whole, moved) = (try filter(.u8(narrow)).float, try filter(.u8(part)).float)
      let (wholeReal, movedReal) = (
        try filter(real), try filter(real.cropped(columns: 100..<530, rows: 37..<150, slices: 0..<1))
      )
      for y in inside.rows {
        for x in inside.columns {
          if whole[x, y] != moved[x - 100, y - 37] || wholeReal[x, y] != movedReal[x - 100, y - 37] {
            Issue.record("\(filter) at \(x), \(y)")
            return
          }
        }
      }
    }
  }

  @Test("large windows equal sorting, in slices and in volumes", arguments: VoxelKind.allCases)
  func largeRadii(_ kind: VoxelKind) throws {
    for (size, radius, planar) in [
      (Size(columns: 19, rows: 11, slices: 10), 5, false), (Size(columns: 24, rows: 21, slices: 2), 10, true),
      (Size(columns: 5, rows: 4, slices: 19), 7, false), (Size(columns: 6, rows: 5, slices: 3), 17, false),
    ] {
      let image = noise(Geometry(size: size), seed: 15)
      // Ties, the extremes of small types, and for wide types differences in all bytes.
      let wide: AnyVolume =
        kind.bytes >= 4 ? .f64(image.map { Double($0 / 3) * 1_048_576.25 }) : .f64(image.map { Double($0) / 8 + 30 })
      for (percentile, boundary) in [(50.0, BoundaryCondition.mirror), (3, .zero), (96.5, .periodic), (71, .nearest)] {
        let filter = Percentile(percentile, radius: radius, planar: planar, boundary: boundary)
        #expect(
          try wide.converted(to: kind).accept(EqualsPlain(percentile: filter)),
          "percentile \(percentile), radius \(radius), planar \(planar), \(boundary)")
      }
    }
  }

  @Test("tiles of a large window join without a seam in a volume")
  func deepSeams() throws {
    // Longer than a tile along each axis; the shift puts every voxel at another place in its tile.
    let image = noise(Geometry(size: Size(columns: 139, rows: 17, slices: 11)), seed: 6)
    let real = image.map { Float($0) / 3 }, narrow = image.map { UInt8(truncatingIfNeeded: Int($0) &>> 3) }
    let filter = Percentile(40, radius: 5)
    func part<T: Voxel>(_ v: Volume<T>) -> Volume<T> { v.cropped(columns: 3..<139, rows: 1..<17, slices: 0..<11) }
    let (a, b) = (try filter(real), try filter(part(real)))
    let (c, d) = (try filter(.u8(narrow)).float, try filter(.u8(part(narrow))).float)
    for z in 0..<11 {
      for y in 6..<12 {
        for x in 8..<134 {
          if a[x, y, z] != b[x - 3, y - 1, z] || c[x, y, z] != d[x - 3, y - 1, z] {
            Issue.record("at \(x), \(y), \(z)")
            return
          }
        }
      }
    }
    let (one, two) = try withThreads { try filter(real) }
    #expect(one == two)
  }

  @Test func notANumberCountsAsLargest() throws {
    var image = noise(Geometry(size: Size(columns: 12, rows: 10)), seed: 8).map { Float($0) }
    for (i, value) in [Float.nan, -.nan, .infinity, -.infinity].enumerated() { image[3 * i, 2 * i] = value }
    for filter in [Percentile(100, radius: 2), Percentile(95, radius: 2), Percentile(0, radius: 2)] {
      let result = try filter(image).array, expected = plain(image, filter)
      #expect(zip(result, expected).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) })
    }
  }

  @Test("a window larger than the image", arguments: VoxelKind.allCases)
  func largeWindows(_ kind: VoxelKind) throws {
    for size in [Size(columns: 1, rows: 1), Size(columns: 3, rows: 2, slices: 2), Size(columns: 1, rows: 7)] {
      let image = AnyVolume.i16(noise(Geometry(size: size), seed: 2)).converted(to: kind)
      for boundary in BoundaryCondition.allCases {
        let filter = Percentile(60, radius: 9, boundary: boundary)
        #expect(try image.accept(EqualsPlain(percentile: filter)), "\(size), \(boundary)")
      }
    }
  }
}

@Suite("Percentile · malformed")
struct PercentileMalformed {
  @Test func refusesParameters() throws {
    let image = AnyVolume.i16(noise(Geometry(size: Size(columns: 4, rows: 4)), seed: 1))
    for (filter, name) in [
      (Percentile(-1), "percentile"), (Percentile(100.5), "percentile"), (Percentile(.nan), "percentile"),
      (Percentile(.infinity), "percentile"), (Percentile(50, radius: 0), "radius"),
      (Percentile(50, radius: 51), "radius"),
      (Percentile(50, radius: .min), "radius"),
    ] {
      let error = #expect(throws: ImageError.self) { try filter(image) }
      #expect(error?.kind == .invalidParameter)
      #expect(error?.what.hasPrefix(name) == true)
    }
  }
}
