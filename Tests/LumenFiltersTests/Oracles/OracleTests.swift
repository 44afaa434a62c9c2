// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import Testing

@testable import LumenFilters

/// What another library makes of a computed image: a line of `fixtures/oracles/*.jsonl`, written by `scripts/oracles`.
struct OracleRow: Decodable, Sendable, CustomTestStringConvertible {
  var filter: String, parameters: [String: String], input: String, kind: String
  var oracle: String, tolerance: Double, margin: [Int], outliers: Int, size: [Int], spacing: [Double]?, expected: Data

  var testDescription: String {
    let settings = parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return "\(filter)(\(settings.joined(separator: ", "))) of \(input) \(kind) · \(oracle)"
  }

  var values: [Float] {
    expected.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
      }
    }
  }

  static let all: [OracleRow] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../fixtures/oracles")
    let files = (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
    return files.filter { $0.pathExtension == "jsonl" }.sorted { $0.path < $1.path }.flatMap { file in
      ((try? String(contentsOf: file, encoding: .utf8)) ?? "").split(separator: "\n").map {
        do { return try JSONDecoder().decode(OracleRow.self, from: Data($0.utf8)) } catch {
          fatalError("\(file.lastPathComponent): \(error)")
        }
      }
    }
  }()

  /// The filter's result on the row's input.
  func run() throws -> AnyVolume {
    let entry = try #require(FilterCatalogue.all.first { $0.name == filter }, "no filter is named \(filter)")
    let operation = try entry.make(parameters.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) })
    let image = try #require(OracleImage(rawValue: input)).volume(try #require(VoxelKind(rawValue: kind)))
    let run = try #require(operation as? any Filter)
    return try run(image)
  }
}

@Suite("Filters · oracles of other libraries")
struct FilterOracles {
  @Test(arguments: OracleRow.all)
  func matches(_ row: OracleRow) throws {
    let result = try row.run(), size = result.size
    #expect([size.columns, size.rows, size.slices] == row.size)
    if let spacing = row.spacing {
      let s = result.geometry.spacing
      for (a, b) in zip([s.x, s.y, s.z], spacing) { #expect(abs(a - b) < 1e-9) }
    }
    let expected = row.values
    guard expected.count == size.count else { return }
    var least = Float.infinity, most = -Float.infinity
    for v in expected where v.isFinite {
      least = min(least, v)
      most = max(most, v)
    }
    let allowed = Double(most - least) * row.tolerance
    var outliers = 0, worst = 0.0, at = ""
    let got = result.float.array
    for z in row.margin[2]..<size.slices - row.margin[2] {
      for y in row.margin[1]..<size.rows - row.margin[1] {
        for x in row.margin[0]..<size.columns - row.margin[0] {
          let i = size.offset(x, y, z)
          if got[i] == expected[i] || (got[i].isNaN && expected[i].isNaN) { continue }
          let difference = abs(Double(got[i]) - Double(expected[i]))
          if difference <= allowed { continue }
          outliers += 1
          if !(difference <= worst) {
            (worst, at) = (difference, "(\(x), \(y), \(z)): \(got[i]), expected \(expected[i])")
          }
        }
      }
    }
    #expect(outliers <= row.outliers, "\(outliers) voxels differ by more than \(allowed), most at \(at)")
  }

  @Test("Every filter has an oracle, and no oracle is without its filter")
  func complete() {
    let known = Set(FilterCatalogue.all.map(\.name)), checked = Set(OracleRow.all.map(\.filter))
    #expect(known.subtracting(checked).sorted() == [])
    #expect(checked.subtracting(known).sorted() == [])
    #expect(known.count == FilterCatalogue.all.count, "a name is used twice")
  }

  @Test("The same bits with one and with two threads", arguments: OracleRow.all)
  func threads(_ row: OracleRow) throws {
    let (one, two) = try withThreads { try row.run().float.array.map(\.bitPattern) }
    #expect(one == two)
  }
}
