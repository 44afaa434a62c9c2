// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFilters

/// The definition: the largest or smallest voxel under the element, NaN counting as the largest.
private func plain<T: Voxel>(
  _ image: Volume<T>, _ element: StructuringElement, _ boundary: BoundaryCondition, largest: Bool
) throws -> [T] {
  let size = image.size, lines = try element.lines(on: image.geometry)
  var out: [T] = []
  for z in 0..<size.slices {
    for y in 0..<size.rows {
      for x in 0..<size.columns {
        var best: T?
        for line in lines {
          for dx in -line.reach...line.reach {
            var value = T.rounding(0)
            if let a = boundary.index(x + dx, count: size.columns),
              let b = boundary.index(y + line.dy, count: size.rows),
              let c = boundary.index(z + line.dz, count: size.slices)
            {
              value = image[a, b, c]
            }
            guard let old = best else {
              best = value
              continue
            }
            let above = value.doubleValue > old.doubleValue || (value.doubleValue.isNaN && !old.doubleValue.isNaN)
            let below = value.doubleValue < old.doubleValue || (old.doubleValue.isNaN && !value.doubleValue.isNaN)
            if largest ? above : below { best = value }
          }
        }
        out.append(best ?? T.rounding(0))
      }
    }
  }
  return out
}

/// Whether dilation and erosion equal the definition for an image of one type.
private struct EqualsPlain: AnyVolume.Visitor {
  typealias Failure = any Error
  let element: StructuringElement, boundary: BoundaryCondition

  func visit<T: Voxel>(_ volume: Volume<T>) throws -> Bool {
    let image = T.erase(volume)
    let dilated = try GreyDilation(element, boundary: boundary)(image)
    let eroded = try GreyErosion(element, boundary: boundary)(image)
    return try dilated == T.erase(Volume(volume.geometry, voxels: plain(volume, element, boundary, largest: true)))
      && eroded == T.erase(Volume(volume.geometry, voxels: plain(volume, element, boundary, largest: false)))
  }
}

@Suite("Grey morphology · property")
struct GreyMorphologyProperties {
  @Test("equals the definition for every stored type, with the extremes of the type", arguments: VoxelKind.allCases)
  func everyType(_ kind: VoxelKind) throws {
    let image = noise(Geometry(size: Size(columns: 37, rows: 7, slices: 5)), seed: 11)
    let wide: AnyVolume =
      kind.bytes >= 4 ? .f64(image.map { Double($0) * 1_048_576.25 }) : .f64(image.map { Double($0) / 8 + 30 })
    for shape in StructuringElement.Shape.allCases {
      for boundary in BoundaryCondition.allCases {
        let same = try wide.converted(to: kind).accept(
          EqualsPlain(element: .init(shape, voxels: 3), boundary: boundary))
        #expect(same, "\(shape), \(boundary)")
      }
    }
  }

  @Test("equals the definition for every width around a register", arguments: [1, 2, 15, 16, 17, 63, 64, 65, 130])
  func everyWidth(_ columns: Int) throws {
    for (rows, slices) in [(1, 1), (9, 1), (1, 4), (6, 5)] {
      let image = noise(Geometry(size: Size(columns: columns, rows: rows, slices: slices)), seed: 4)
      for shape in StructuringElement.Shape.allCases {
        for voxels in [1, 2, 4, 9] {
          let same = try EqualsPlain(element: .init(shape, voxels: voxels), boundary: .nearest).visit(image)
          #expect(same, "\(columns) × \(rows) × \(slices), \(shape) of \(voxels)")
        }
      }
    }
  }

  @Test("equals the definition where an image is cut into tiles and pieces")
  func everyTile() throws {
    let geometry = Geometry(size: Size(columns: 1100, rows: 70, slices: 1), spacing: [0.4, 0.7, 1])
    for shape in StructuringElement.Shape.allCases {
      #expect(try EqualsPlain(element: .init(shape, radius: .mm(1.5)), boundary: .zero).visit(noise(geometry, seed: 2)))
    }
    let long = noise(Geometry(size: Size(columns: 3, rows: 4, slices: 90)), seed: 5)
    for shape in StructuringElement.Shape.allCases {
      #expect(try EqualsPlain(element: .init(shape, voxels: 4), boundary: .periodic).visit(long))
    }
  }

  @Test func notANumberCountsAsLargest() throws {
    var image = noise(Geometry(size: Size(columns: 12, rows: 10, slices: 4)), seed: 8).map { Float($0) }
    for (i, value) in [Float.nan, -.nan, .infinity, -.infinity].enumerated() { image[3 * i, 2 * i, i] = value }
    for x in 5..<12 { for y in 4..<10 { for z in 0..<4 { image[x, y, z] = .nan } } }
    for shape in StructuringElement.Shape.allCases {
      let element = StructuringElement(shape, voxels: 1)
      for largest in [true, false] {
        let result = try extremum(
          of: .f32(image), element, planar: false, boundary: .nearest, largest: largest
        ).float.array
        let expected = try plain(image, element, .nearest, largest: largest)
        #expect(zip(result, expected).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) })
        #expect(result.contains { $0.isNaN })
      }
    }
  }

  @Test("opening lies under the image, closing above it, and both change nothing twice", arguments: [2.0, 5.5])
  func adjunction(_ radius: Double) throws {
    let image = noise(Geometry(size: Size(columns: 30, rows: 20, slices: 12), spacing: [1, 1.5, 2]), seed: 3)
    for shape in StructuringElement.Shape.allCases {
      let element = StructuringElement(shape, radius: .mm(radius))
      let opened = try GreyOpening(element)(.i16(image)), closed = try GreyClosing(element)(.i16(image))
      #expect(zip(opened.float.array, image.array).allSatisfy { $0 <= Float($1) })
      #expect(zip(closed.float.array, image.array).allSatisfy { $0 >= Float($1) })
      #expect(try GreyOpening(element)(opened) == opened)
      #expect(try GreyClosing(element)(closed) == closed)
    }
  }

  @Test func differencesOfSignedIntegersAreHeld() throws {
    let wide = try Volume<Int16>(Geometry(size: Size(columns: 3, rows: 1)), voxels: [.min, .max, 0])
    let gradient = try MorphologicalGradient(.init(.box, voxels: 1))(.i16(wide))
    #expect(gradient == .u16(try Volume(wide.geometry, voxels: [65535, 65535, 32767])))
  }

  @Test func anImpulseBecomesTheElementOnAnAnisotropicGrid() throws {
    var image = Volume<UInt8>(
      Geometry(size: Size(columns: 41, rows: 31, slices: 21), spacing: [0.5, 1, 1.5]), repeating: 0)
    image[20, 15, 10] = 9
    guard case .u8(let ball) = try GreyDilation(.init(.ball, radius: .mm(6)))(.u8(image)) else { return }
    for z in 0..<21 {
      for y in 0..<31 {
        for x in 0..<41 {
          let d = SIMD3(Double(x - 20) * 0.5, Double(y - 15), Double(z - 10) * 1.5)
          #expect((ball[x, y, z] == 9) == (dot(d, d) <= 36))
        }
      }
    }
  }

  @Test func writesOverAnotherVolume() throws {
    let image = noise(Geometry(size: Size(columns: 50, rows: 20, slices: 9)), seed: 9), real = image.map { Float($0) }
    var reused = Volume<Int16>(image.geometry, repeating: 7), reusedReal = Volume<Float>(image.geometry, repeating: 7)
    for element in [StructuringElement(.box, voxels: 2), .init(.ball, voxels: 3), .init(.ball, voxels: 0)] {
      try GreyDilation(element)(image, into: &reused)
      #expect(AnyVolume.i16(reused) == (try GreyDilation(element)(.i16(image))))
      try GreyErosion(element)(real, into: &reusedReal)
      #expect(AnyVolume.f32(reusedReal) == (try GreyErosion(element)(.f32(real))))
    }
  }

  @Test func reachesAsFarAsTheElement() throws {
    let geometry = Geometry(size: Size(columns: 9, rows: 9, slices: 30), spacing: [1, 1, 2])
    let element = StructuringElement(.ball, radius: .mm(7))
    #expect(try GreyDilation(element).reach(geometry) == 3)
    #expect(try GreyOpening(element).reach(geometry) == 6)
    #expect(try GreyOpening(element, planar: true).reach(geometry) == 0)
    #expect(try GreyErosion(element, boundary: .periodic).reach(geometry) == nil)
  }
}

@Suite("Grey morphology · malformed")
struct GreyMorphologyMalformed {
  private static let image = noise(Geometry(size: Size(columns: 600, rows: 4)), seed: 1)

  @Test(arguments: [-1.0, .nan, .infinity, 101]) func refusesRadius(_ radius: Double) {
    for filter in [GreyErosion(.init(radius: .mm(radius))), GreyDilation(.init(.box, radius: .mm(radius)))]
      as [any Filter]
    {
      let error = #expect(throws: ImageError.self) { try filter(.i16(Self.image)) }
      #expect(error?.kind == .invalidParameter)
      #expect(error?.what == "radius is \(Length.mm(radius)), expected 0mm … 100mm")
    }
  }

  @Test(arguments: [-1, 251, .max, .min]) func refusesVoxels(_ voxels: Int) {
    let error = #expect(throws: ImageError.self) { try TopHat(.init(voxels: voxels))(.i16(Self.image)) }
    #expect(error?.what == "voxels is \(voxels), expected 0 … 250")
  }

  @Test func refusesARadiusOfTooManyVoxels() throws {
    let fine = Self.image.with(Geometry(size: Self.image.size, spacing: [0.1, 1, 1]))
    let error = #expect(throws: ImageError.self) { try GreyErosion(.init(radius: .mm(100)))(.i16(fine)) }
    #expect(error?.what == "radius 100mm spans 1000 voxels along columns, at most 250")
    for spacing in [SIMD3<Double>(0, 1, 1), [.nan, 1, 1], [-1, 1, 1], [.infinity, 1, 1]] {
      let odd = Self.image.with(Geometry(size: Self.image.size, spacing: spacing))
      _ = try? GreyErosion(.init(.box, radius: .mm(3)))(.i16(odd))
      _ = try? GreyErosion(.init(.ball, radius: .mm(3)))(.i16(odd))
    }
  }

  @Test("an element larger than the image is the whole image")
  func largerThanTheImage() throws {
    let image = noise(Geometry(size: Size(columns: 5, rows: 4, slices: 3)), seed: 2)
    for shape in [StructuringElement.Shape.ball, .box] {
      let result = try GreyDilation(.init(shape, voxels: 250))(.i16(image))
      #expect(result == .i16(Volume(image.geometry, repeating: image.array.max() ?? 0)))
    }
  }

  @Test func refusesAnOutputOfAnotherSize() {
    var small = Volume<Int16>(Geometry(size: Size(columns: 2, rows: 2)), repeating: 0)
    #expect(throws: ImageError.self) { try GreyErosion()(Self.image, into: &small) }
  }
}
