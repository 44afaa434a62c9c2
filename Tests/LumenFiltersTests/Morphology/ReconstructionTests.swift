// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFilters

private let grid = Geometry(size: Size(columns: 19, rows: 11, slices: 6))

/// The definition: dilate the marker and cut it down to the mask until nothing changes.
private func plain(_ marker: Volume<Int16>, _ mask: Volume<Int16>, _ neighbours: Reconstruction.Neighbours) throws
  -> AnyVolume
{
  func least(_ a: AnyVolume) throws -> AnyVolume {
    guard case .i16(let a) = a else { throw ImageError(.invalidParameter, "Int16 expected") }
    return .i16(try Volume(mask.geometry, voxels: zip(a.array, mask.array).map { min($0, $1) }))
  }
  let element = StructuringElement(neighbours == .faces ? .cross : .box, voxels: 1)
  var grown = try least(.i16(marker))
  while true {
    let next = try least(GreyDilation(element)(grown))
    if next == grown { return grown }
    grown = next
  }
}

@Suite("Reconstruction · property")
struct ReconstructionProperties {
  @Test(arguments: Reconstruction.Neighbours.allCases)
  func equalsTheDefinition(_ neighbours: Reconstruction.Neighbours) throws {
    let mask = noise(grid, seed: 5)
    var marker = Volume<Int16>(grid, repeating: -1024)
    for (i, x) in [0, 7, 18].enumerated() { marker[x, 3 * i, 2 * i] = 3000 }
    let filter = Reconstruction(neighbours: neighbours)
    #expect(try filter(marker: .i16(marker), mask: .i16(mask)) == plain(marker, mask, neighbours))
    let lowered = mask.map { $0 - 700 }
    #expect(try Reconstruction(h: 700, neighbours: neighbours)(.i16(mask)) == plain(lowered, mask, neighbours))
  }

  @Test func dilationAndErosionAreDual() throws {
    let image = noise(grid, seed: 6), negative = image.map { -$0 }
    for dome in [true, false] {
      let maxima = try Reconstruction(h: 400, dome: dome)(.i16(image)).float.array
      let minima = try Reconstruction(h: 400, by: .erosion, dome: dome)(.i16(negative)).float.array
      #expect(maxima == minima.map { dome ? $0 : -$0 })
    }
  }

  @Test func aMarkerFindsItsOwnComponent() throws {
    var mask = Volume<UInt8>(Geometry(size: Size(columns: 12, rows: 3)), repeating: 0), marker = mask
    for x in [1, 2, 3, 7, 8, 10] { mask[x, 1] = 1 }
    marker[2, 1] = 255
    let found = try Reconstruction()(marker: .u8(marker), mask: .u8(mask))
    #expect(found.float.array.indices.filter { found.float.array[$0] == 1 } == [13, 14, 15])
  }

  @Test func notANumberIsAWall() throws {
    let values: [Float] = [5, 1, .nan, 1, 4, .infinity, 2]
    let image = AnyVolume.f32(try Volume(Geometry(size: Size(columns: 7, rows: 1)), voxels: values))
    let levelled = try Reconstruction(h: 2)(image).float.array
    #expect(Array(levelled[..<2]) == [3, 1] && levelled[2].isNaN && Array(levelled[3...]) == [1, 4, .infinity, 2])
    let filled = try Reconstruction(h: 2, by: .erosion)(image).float.array
    #expect(Array(filled[..<2]) == [5, 3] && filled[2].isNaN && Array(filled[3...]) == [3, 4, .infinity, 4])
  }
}

@Suite("Reconstruction · malformed")
struct ReconstructionMalformed {
  @Test(arguments: [0, -1, Double.nan, .infinity]) func refusesHeight(_ h: Double) {
    let error = #expect(throws: ImageError.self) { try Reconstruction(h: h)(.i16(noise(grid, seed: 1))) }
    #expect(error?.what == "h is \(shortest(h)), expected more than 0")
  }

  @Test func refusesAMarkerOfAnotherGridOrType() {
    let image = noise(grid, seed: 1), small = noise(Geometry(size: Size(columns: 3, rows: 3)), seed: 1)
    #expect(throws: ImageError.self) { try Reconstruction()(marker: .i16(small), mask: .i16(image)) }
    #expect(throws: ImageError.self) { try Reconstruction()(marker: .f32(image.map { Float($0) }), mask: .i16(image)) }
  }
}
