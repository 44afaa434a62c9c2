// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenDICOM
import Testing

@testable import LumenPipeline

private func header() -> InstanceHeader {
  var header = InstanceHeader()
  header.path = "a/Ünïcode 名.dcm"
  header.patientName = "Doe^Jane\nlines"
  header.seriesNumber = -3
  header.frames = 3
  header.columns = 65_535
  header.imagePosition = [-0.0, 1e-300, -123.456_789_012_345_678]
  header.imageOrientation = ImageOrientation(row: [1, 0, 0], column: [0, 1, 0])
  header.framePositions = [[0, 0, 0], [0, 0, 1], [0, 0, 2.5]]
  header.rescaleIntercept = -1024
  return header
}

@Suite("Wire · property: what is read is what was written")
struct WireProperties {
  struct Odd: Codable, Equatable {
    var optional: Int?, nothing: String?, list: [Double?], named: [String: [Int]], empty: [String], small: Int8
    var large: UInt64, nested: [[String]], single: Float, indirect: [ImageError.Kind], blank: String?
  }

  @Test func everyShapeOfValue() throws {
    let odd = Odd(
      optional: 7, nothing: nil, list: [1, nil, -0.0], named: ["b": [1, 2], "a": []], empty: [], small: -128,
      large: .max, nested: [["x", ""], []], single: 0.1, indirect: [.io, .malformed], blank: "")
    #expect(try Wire.decode(Odd.self, Wire.encode(odd)) == odd)
    #expect(try Wire.decode([String?].self, Wire.encode(["", nil, "\0"])) == ["", nil, "\0"])
    #expect(try Wire.decode(Int.self, Wire.encode(Int.min)) == .min)
  }

  @Test func headersKeepEveryBit() throws {
    let header = header()
    let bytes = try Wire.encode(WorkerReply.header(header))
    guard case .header(let read) = try Wire.decode(WorkerReply.self, bytes) else {
      Issue.record("another case came back")
      return
    }
    #expect(read == header)
    #expect(read.imagePosition?.x.sign == .minus)
  }

  @Test func numbersThatAreNotFiniteAreNotSent() {
    var header = header()
    header.rescaleSlope = .infinity
    #expect(throws: Wire.Malformed.self) { try Wire.encode(WorkerReply.header(header)) }
  }
}

@Suite("Wire · malformed: hostile messages")
struct WireMalformed {
  /// Cut at every byte, and 20,000 messages with up to eight seeded changes: read or refused, never a trap.
  @Test func cutAndChangedMessages() throws {
    let bytes = try Wire.encode(WorkerReply.header(header()))
    // An enumeration's case stands in the outermost field, so every cut leaves a length that is too long.
    for end in 0..<bytes.count {
      #expect(throws: (any Error).self) { try Wire.decode(WorkerReply.self, Array(bytes[..<end])) }
    }
    var state: UInt64 = 1, read = 0
    func random(_ n: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(n))
    }
    for _ in 0..<20_000 {
      var changed = bytes
      for _ in 0...random(8) { changed[random(changed.count)] = UInt8(random(256)) }
      if case .header(let header)? = try? Wire.decode(WorkerReply.self, changed) {
        _ = try? header.checked(path: "x", .standard)
        read += 1
      }
    }
    #expect(read > 0 && read < 20_000)
  }

  @Test func impossibleClaimsAreRefused() {
    func claim(_ change: (inout VoxelBlock) -> Void) -> ImageError.Kind? {
      var block = VoxelBlock(.int16, Geometry(size: Size(columns: 4, rows: 3, slices: 2)))
      change(&block)
      do throws(ImageError) {
        _ = try block.checked(.standard)
        return nil
      } catch { return error.kind }
    }
    #expect(claim { _ in } == nil)
    #expect(claim { $0.kind = "int128" } == .malformed)
    #expect(claim { $0.size = [4, 3] } == .malformed)
    #expect(claim { $0.size[1] = 0 } == .malformed)
    #expect(claim { $0.size[2] = -1 } == .malformed)
    #expect(claim { $0.size = [65_536, 65_536, 65_536] } == .limitExceeded)
    #expect(claim { $0.size[0] = .max } == .limitExceeded)
    #expect(claim { $0.spacing.y = 0 } == .malformed)
    #expect(claim { $0.origin.z = .nan } == .malformed)
    #expect(claim { $0.direction.removeLast() } == .malformed)
    var header = header()
    header.frames = .max
    #expect(throws: ImageError.self) { try header.checked(path: "x", .standard) }
    // Regression: every frame that is claimed costs memory before any of them is read.
    header.frames = Limits.standard.frames + 1
    #expect(throws: ImageError.self) { try header.checked(path: "x", .standard) }
    header.frames = 2
    #expect(throws: ImageError.self) { try header.checked(path: "x", .standard) }
  }
}
