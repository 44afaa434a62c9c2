// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@Suite("Errors and exit codes")
struct ImageErrorTests {
  @Test func oneLineWithPlaceWhatAndHint() {
    let e = ImageError(.malformed, "Rows is 0", place: "frame 3", hint: "fetch it again")
    #expect(e.description == "frame 3: Rows is 0 (fetch it again)")
    #expect(e.at("a.dcm").place == "a.dcm, frame 3" && e.at("a.dcm").what == e.what)
    #expect(ImageError(.io, "x").description == "x")
    #expect(ImageError(.io, "x").at("here").description == "here: x")
  }

  @Test func codesAreUniqueAndEveryKindHasOne() {
    let codes = ExitCode.allCases.map(\.rawValue)
    #expect(Set(codes).count == codes.count && codes.allSatisfy { (0..<126).contains($0) })
    let table: [ImageError.Kind: Int32] = [
      .malformed: 65, .unsupported: 69, .invalidParameter: 64, .limitExceeded: 77, .notFound: 66, .io: 74,
    ]
    #expect(table.count == ImageError.Kind.allCases.count)
    for kind in ImageError.Kind.allCases { #expect(ExitCode(kind).rawValue == table[kind]) }
    #expect(Set(ExitCode.allCases.map(\.meaning)).count == codes.count)
  }
}

@Suite("Limits · malformed sizes")
struct LimitsTests {
  @Test func bytesOfAnImage() throws {
    #expect(try Limits.standard.checkedBytes(columns: 512, rows: 512, slices: 300, bytesPerVoxel: 2) == 157_286_400)
    #expect(try Limits.standard.checkedBytes(columns: 65_536, rows: 65_536, slices: 1, bytesPerVoxel: 2) == 8 << 30)
  }

  @Test(arguments: [
    ((0, 1, 1, 1), ImageError.Kind.malformed, "columns is 0, expected at least 1"),
    ((1, -5, 1, 1), .malformed, "rows is -5, expected at least 1"),
    ((1, 65_537, 1, 1), .limitExceeded, "rows is 65537, the limit is 65536"),
    ((1, 1, 4_194_305, 1), .limitExceeded, "slices is 4194305, the limit is 4194304"),
    ((Int.max, Int.max, Int.max, 8), .limitExceeded, "columns is 9223372036854775807, the limit is 65536"),
    (
      (65_536, 65_536, 65_536, 8), .limitExceeded,
      "an image of 65536 × 65536 × 65536 with 8 bytes a voxel exceeds the limit of 8589934592 bytes"
    ),
  ])
  func refused(_ n: (Int, Int, Int, Int), _ kind: ImageError.Kind, _ what: String) {
    #expect(throws: ImageError(kind, what)) {
      try Limits.standard.checkedBytes(columns: n.0, rows: n.1, slices: n.2, bytesPerVoxel: n.3)
    }
  }

  @Test func overflowIsFoundWhenTheLimitsAreWide() {
    var wide = Limits()
    wide.dimension = .max
    wide.frames = .max
    wide.decodedBytes = .max
    for n in [(Int.max, 2, 1, 1), (Int.max, 1, 2, 1), (Int.max, 1, 1, 2), (1 << 40, 1 << 40, 1, 1)] {
      #expect {
        _ = try wide.checkedBytes(columns: n.0, rows: n.1, slices: n.2, bytesPerVoxel: n.3)
      } throws: {
        ($0 as? ImageError)?.kind == .limitExceeded
      }
    }
  }
}
