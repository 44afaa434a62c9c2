// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenRadiomics

@Suite("Texture matrices · oracle: IBSI 1 manual, matrices of the digital phantom")
struct TextureMatricesIBSI {
  /// Row, column and value of each cell, as in the manual's tables.
  static func cells(_ family: String, _ levels: [UInt16], _ size: Size) throws -> [[Double]] {
    let planar = size.slices == 1
    var request = TextureMatrices.Request()
    request.cooccurrence = planar ? Offset.inPlane : Offset.directions
    request.runs = request.cooccurrence
    request.neighbourhood = try #require(Offset.neighbourhood(1, in: size, planar: planar))
    (request.dependences, request.toneDifferences, request.zones) = (true, true, true)
    let m = try TextureMatrices(levels, size, request)
    func sorted(_ cells: [[Double]]) -> [[Double]] { cells.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) } }
    func merged(_ all: [[TextureMatrices.Cell]]) -> [[Double]] {
      var sum: [[Double]: Double] = [:]
      for c in all.joined() { sum[[Double(c.level), Double(c.column)], default: 0] += Double(c.count) }
      return sorted(sum.map { [$0[0], $0[1], $1] })
    }
    switch family {
    case "GLCM":
      let side = m.levels + 1
      var found: [[Double]] = []
      for i in 1..<side {
        for j in 1..<side {
          let n = m.cooccurrence.reduce(0) { $0 + Double($1[i * side + j]) + Double($1[j * side + i]) }
          if n > 0 { found.append([Double(i), Double(j), n]) }
        }
      }
      return found
    case "GLRLM": return merged(m.runs)
    case "GLSZM": return merged([m.zones])
    case "NGTDM": return sorted(m.toneDifferences.map { [Double($0.level), $0.s, Double($0.n)] })
    case "NGLDM": return merged([m.dependences.map { ($0.level, $0.column + 1, $0.count) }])
    default:
      let grid = LevelGrid<UInt8>(levels, size, reach: Offset(1, 1, planar ? 0 : 1))
      let mask = try Volume<UInt8>(Geometry(size: size), voxels: levels.map { $0 > 0 ? 1 : 0 })
      let distance = BorderDistance.map(mask, like: grid, planar: planar)
      let starts = (0...size.slices).map { $0 * size.plane }
      let zones = ZoneLabelling(
        grid, planar: planar, parts: [0..<size.slices], starts: starts, distance: distance)
      let sweep = TextureSweep(grid, TexturePlan()), part = ZoneLabelling.Part(zones, 0)
      sweep.count(0..<size.slices, into: sweep.newCounts(), zones: part)
      var found: [TextureMatrices.Cell] = []
      zones.forEachZone(0..<size.slices) { level, _, distance in found.append((level, distance, 1)) }
      return merged([found])
    }
  }

  @Test(arguments: digitalPhantomMatrices.split(separator: "\n").map(String.init))
  func everyMatrixIsTheManuals(_ line: String) throws {
    let fields = line.split(separator: "|").map(String.init)
    let expected = fields[2].split(separator: ";").map { $0.split(separator: " ").map { Double($0) ?? .nan } }
    let image = try DigitalPhantom.image(), mask = try DigitalPhantom.mask()
    guard case .i16(let voxels) = image else { return }
    var levels = zip(voxels.withVoxels(Array.init), mask.voxels.withVoxels(Array.init)).map { UInt16($0 * Int16($1)) }
    var size = image.size
    if let slice = Int(fields[1]), slice > 0 {
      levels = Array(levels[(slice - 1) * size.plane..<slice * size.plane])
      size.slices = 1
    }
    let found = try Self.cells(fields[0], levels, size)
    try #require(found.count == expected.count)
    for (a, b) in zip(found, expected) {
      #expect(a[0] == b[0] && a[2] == b[2] && abs(a[1] - b[1]) < 1e-6, "\(fields[0]) \(fields[1]): \(a), manual \(b)")
    }
  }
}
