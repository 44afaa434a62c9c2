// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCodecs
import LumenCore
import Testing

@testable import LumenFormats

@Suite("NRRD · reference files and SimpleITK 2.5.7 (oracle)")
struct NRRDOracleTests {
  @Test func matchesReference() throws {
    var decoded = 0
    for row in try Reference.rows("nrrd") {
      let name = row["file"] ?? ""
      let volume = try NRRD.read(Reference.bytes(row))
      #expect((row["shape"] ?? "") == "\(volume.size.columns)x\(volume.size.rows)x\(volume.size.slices)")
      #expect(sha256(rawBytes(volume)) == row["pixel_sha256"], "\(name)")
      let words = (row["affine"] ?? "").split(separator: " ").compactMap { Double($0) }
      #expect(words.count == 15)
      let g = volume.geometry
      for axis in 0..<3 {
        #expect(abs(g.origin[axis] - words[axis]) < 1e-6, "\(name)")
        #expect(abs(g.spacing[axis] - words[3 + axis]) < 1e-6, "\(name)")
        // SimpleITK lists the matrix by rows; its columns are the index axes.
        for row in 0..<3 { #expect(abs(g.direction[axis][row] - words[6 + 3 * row + axis]) < 1e-6, "\(name)") }
      }
      decoded += 1
    }
    print("NRRD: \(decoded) decoded")
  }

  static func checkOblique(_ volume: AnyVolume) {
    #expect(volume.size == Size(columns: 2, rows: 3, slices: 4) && volume.kind == .int16)
    let g = volume.geometry
    #expect(g.origin == [-10.5, 20.25, 3])
    let expected = Direction(
      x: [0.955336489125606, 0.2955202066613396, 0], y: [-0.28962947762551555, 0.9362933635841992, 0.1986693307950612],
      z: [0.058710801693826524, -0.18979606097868743, 0.9800665778412416])
    for axis in 0..<3 {
      #expect(abs(g.spacing[axis] - [0.7, 1.3, 2.5][axis]) < 1e-12)
      let d = g.direction[axis] - expected[axis]
      #expect(dot(d, d) < 1e-24)
    }
    guard case .i16(let v) = volume else { return }
    #expect(v.withVoxels { Array($0) } == (0..<24).map { Int16(37 * $0 - 300) })
  }

  @Test func readsObliqueGzip() throws { Self.checkOblique(try NRRD.read(bytes(hex: NRRDFixtures.obliqueNrrd))) }

  /// SimpleITK gives the fourth axis a direction of its own.
  @Test func readsFourDimensions() throws {
    let file = bytes(hex: NRRDFixtures.fourNrrd)
    let volumes = try NRRD.volumes(file)
    #expect(volumes.count == 2)
    for (k, volume) in volumes.enumerated() {
      guard case .i16(let v) = volume else { continue }
      #expect(v.geometry.spacing == [1, 2, 3] && v.size == Size(columns: 2, rows: 3, slices: 2))
      #expect(v.withVoxels { Array($0) } == (0..<12).map { Int16(12 * k + $0) })
      #expect(try NRRD.read(file, volume: k + 1) == volume)
    }
    #expect { try NRRD.read(file) } throws: {
      ($0 as? ImageError)?.kind == .invalidParameter && "\($0)".contains("2 volumes") && "\($0)".contains("1 … 2")
    }
    #expect(throws: ImageError.self) { try NRRD.read(file, volume: 3) }
    #expect(throws: ImageError.self) { try NRRD.read(file, volume: 0) }
  }
}

/// Hand-written headers over 24 int16 counting from 0.
enum NRRDFile {
  static let count: [Int16] = (0..<24).map { Int16($0) }
  static let little: [UInt8] = count.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
  static let big: [UInt8] = count.flatMap { [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)] }
  static let grid = "space directions: (0.5,0,0) (0,0.6,0) (0,0,2)\nspace origin: (1,2,3)\n"

  static func header(
    _ further: String, dimension: Int = 3, sizes: String = "2 3 4", type: String = "short", version: Int = 4
  ) -> [UInt8] {
    Array("NRRD000\(version)\ntype: \(type)\ndimension: \(dimension)\nsizes: \(sizes)\n\(further)\n".utf8)
  }
}

@Suite("NRRD · header rules (oracle: definition of the format; geometry as SimpleITK 2.5.7 reads the same headers)")
struct NRRDRuleTests {
  private func values(_ volume: AnyVolume) -> [Int16] {
    guard case .i16(let v) = volume else { return [] }
    return v.withVoxels { Array($0) }
  }

  @Test func spacesBecomeLPS() throws {
    for (space, origin, signs) in [
      ("right-anterior-superior", SIMD3<Double>(-1, -2, 3), SIMD3<Double>(-1, -1, 1)),
      ("LAS", [1, -2, 3], [1, -1, 1]),
      ("left-posterior-superior", [1, 2, 3], [1, 1, 1]), ("scanner-xyz", [1, 2, 3], [1, 1, 1]),
    ] {
      let file = NRRDFile.header("space: \(space)\n\(NRRDFile.grid)endian: little\nencoding: raw\n") + NRRDFile.little
      let volume = try NRRD.read(file)
      let g = volume.geometry
      #expect(g.spacing == [0.5, 0.6, 2] && g.origin == origin, "\(space)")
      for axis in 0..<3 { #expect(g.direction[axis][axis] == signs[axis], "\(space)") }
      #expect(values(volume) == NRRDFile.count)
    }
    let centimetres = try NRRD.read(
      NRRDFile.header(
        "space: LPS\nspace units: \"cm\" \"mm\" \"um\"\n\(NRRDFile.grid)endian: little\nencoding: raw\n")
        + NRRDFile.little
    ).geometry
    #expect(centimetres.spacing == [5, 0.6, 0.002] && centimetres.origin == [10, 2, 0.003])
  }

  @Test func encodingsAndEndianness() throws {
    let text = Array(NRRDFile.count.map { "\($0)" }.joined(separator: " ").utf8)
    let digits = Array("0123456789ABCDEF".utf8)
    let hex = NRRDFile.big.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)], 0x0A] }
    for (fields, data) in [
      ("encoding: raw\nendian: big\n", NRRDFile.big),
      ("encoding: gzip\nendian: little\n", Gzip.compress(NRRDFile.little)),
      ("encoding: ascii\n", text), ("encoding: txt\nendian: big\n", text), ("encoding: hex\nendian: big\n", hex),
      ("encoding: gz\nendian: little\nbyte skip: 3\n", Gzip.compress([1, 2, 3] + NRRDFile.little)),
      ("encoding: raw\nendian: little\nline skip: 2\nbyte skip: 1\n", Array("a\nbc\nd".utf8) + NRRDFile.little),
      ("encoding: raw\nendian: little\nbyteskip: -1\n", Array("anything\n".utf8) + NRRDFile.little),
    ] {
      let volume = try NRRD.read(NRRDFile.header("# comment\nkey:=value\n\(fields)") + data)
      #expect(values(volume) == NRRDFile.count, "\(fields)")
      #expect(volume.geometry == Geometry(size: Size(columns: 2, rows: 3, slices: 4)))
    }
    let windows = Array(
      String(decoding: NRRDFile.header("encoding: raw\nendian: little\n"), as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n").utf8)
    #expect(values(try NRRD.read(windows + NRRDFile.little)) == NRRDFile.count)
  }

  /// SimpleITK 2.5.7 gives these origins.
  @Test func axisMinimaGiveTheOrigin() throws {
    func grid(_ fields: String) throws -> Geometry {
      try NRRD.read(NRRDFile.header("\(fields)endian: little\nencoding: raw\n") + NRRDFile.little).geometry
    }
    let cells = try grid("spacings: 0.5 0.6 2\naxis mins: 10 20 30\n")
    #expect(cells.origin == [10.25, 20.3, 31] && cells.spacing == [0.5, 0.6, 2])
    let nodes = try grid("spacings: 0.5 0.6 2\naxis mins: 10 20 30\ncenters: node node node\n")
    #expect(nodes.origin == [10, 20, 30])
    let spans = try grid("axis mins: 10 20 30\naxis maxs: 20 26 50\n")
    #expect(spans.origin == [12.5, 21, 32.5] && spans.spacing == [5, 2, 5])
  }

  @Test func axesThatAreNotSpace() throws {
    let space = "space: LPS\nspace origin: (1,2,3)\nendian: little\nencoding: raw\n"
    let first = NRRDFile.header(
      "space directions: none (0.5,0,0) (0,0.6,0) (0,0,2)\nkinds: list domain domain domain\n\(space)", dimension: 4,
      sizes: "2 2 3 2")
    let components = try NRRD.volumes(first + NRRDFile.little)
    #expect(components.map(values) == [0, 1].map { c in (0..<12).map { Int16(2 * $0 + c) } })
    #expect(components.allSatisfy { $0.geometry.spacing == [0.5, 0.6, 2] && $0.geometry.origin == [1, 2, 3] })
    #expect(try NRRD.read(first + NRRDFile.little, volume: 2) == components[1])
    let last = NRRDFile.header(
      "space directions: (0.5,0,0) (0,0.6,0) (0,0,2) none\nkinds: domain domain domain list\n\(space)", dimension: 4,
      sizes: "2 3 2 2")
    #expect(
      try NRRD.volumes(last + NRRDFile.little).map(values) == [0, 12].map { o in (0..<12).map { Int16($0 + o) } })
    let middle = NRRDFile.header(
      "kinds: domain list domain domain\nendian: little\nencoding: raw\n", dimension: 4, sizes: "2 2 3 2")
    #expect { try NRRD.read(middle + NRRDFile.little) } throws: { ($0 as? ImageError)?.kind == .unsupported }
    let colour = NRRDFile.header(
      "kinds: RGB-color domain domain\nencoding: raw\n", dimension: 3, sizes: "3 2 2", type: "uchar")
    let picture = try NRRD.open(.memory(colour + Array(0..<12)), limits: .standard).image()
    #expect(picture == .colour(ColourImage(columns: 2, rows: 2, samples: Array(0..<12))))
    #expect(throws: ImageError.self) { try NRRD.read(colour + Array(0..<12)) }
  }

  @Test func readsBackWhatItWrites() throws {
    let axes = Direction(x: [0, 1, 0], y: [0.6, 0, 0.8], z: [0.8, 0, -0.6])
    let geometry = Geometry(
      size: Size(columns: 3, rows: 2, slices: 5), spacing: [0.5, 1.25, 3], origin: [1e-3, -77.125, 4], direction: axes)
    let base = AnyVolume.f64(Volume(geometry) { for i in 0..<$0.count { $0[i] = Double(i) - 7 } })
    for kind in VoxelKind.allCases {
      let volume = base.converted(to: kind)
      for gzip in [true, false] {
        let back = try NRRD.read(NRRD.encode(volume, gzip: gzip))
        #expect(back.kind == kind && rawBytes(back) == rawBytes(volume))
        #expect(geometry.difference(from: back.geometry, tolerance: 1e-12) == nil)
      }
    }
  }

  @Test func segmentationsKeepTheirNames() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.seg.nrrd"
    let grid = Geometry(size: Size(columns: 4, rows: 2), spacing: [1, 2, 3])
    let map = LabelMap(
      try Volume(grid, voxels: [0, 1, 1, 7, 7, 0, 300, 0]), names: [1: "left kidney", 7: "a\\b\nc", 300: "µ"])
    try Files.write(NRRD.encode(map), to: path)
    #expect(try LabelMap(contentsOf: path) == map)
    // Two layers whose segments share a label, as 3D Slicer writes overlapping segments.
    let layers = NRRDFile.header(
      """
      kinds: list domain domain domain
      encoding: raw
      Segment0_LabelValue:=1
      Segment0_Layer:=0
      Segment0_Name:=liver
      Segment1_LabelValue:=1
      Segment1_Layer:=1
      Segment1_Name:=tumour

      """, dimension: 4, sizes: "2 2 1 1", type: "unsigned char")
    try Files.write(layers + [1, 0, 1, 1], to: path)
    let maps = try ImageFile.labelMaps(path)
    #expect(maps.map(\.names) == [[1: "liver"], [1: "tumour"]])
    #expect(maps.map { $0.voxels.withVoxels { Array($0) } } == [[1, 1], [0, 1]])
    #expect(throws: ImageError.self) { try LabelMap(contentsOf: path) }
    // Older files: one component a segment, no labels.
    let old = String(decoding: layers, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.contains("LabelValue") && !$0.contains("Layer") }.joined(separator: "\n")
    try Files.write(Array(old.utf8) + [1, 0, 1, 1], to: path)
    #expect(try ImageFile.labelMaps(path).map(\.names) == [[1: "liver"], [1: "tumour"]])
  }
}

@Suite("NRRD · detached headers (oracle: definition of the format)")
struct NRRDDetachedTests {
  @Test func readsEveryFormOfDataFile() throws {
    let folder = try TemporaryFolder()
    func put(_ name: String, _ bytes: [UInt8]) throws { try Files.write(bytes, to: "\(folder.path)/\(name)") }
    for k in 0..<4 {
      let slice = Array(NRRDFile.little[12 * k..<12 * k + 12])
      try put("s00\(k + 1).raw", slice)
      try put("z\(k).gz", Gzip.compress([9] + slice))
    }
    try put("all.raw", NRRDFile.little)
    let raw = "endian: little\nencoding: raw\n", files = (1...4).map { "s00\($0).raw\n" }.joined()
    for (fields, isReversed) in [
      ("\(raw)data file: all.raw", false), ("\(raw)datafile: ./all.raw\n", false),
      ("\(raw)data file: LIST\n\(files)", false),
      ("\(raw)data file: s%03d.raw 1 4 1\n", false), ("\(raw)data file: s%03d.raw 4 1 -1 2\n", true),
      ("endian: little\nencoding: gzip\nbyte skip: 1\ndata file: z%d.gz 0 3 1\n", false),
    ] {
      try put("h.nhdr", NRRDFile.header(fields))
      guard case .i16(let v) = try AnyVolume(contentsOf: "\(folder.path)/h.nhdr") else { continue }
      let expected =
        isReversed
        ? [18, 12, 6, 0].flatMap { (start: Int16) in Array(start..<start + 6) } : NRRDFile.count
      #expect(v.withVoxels { Array($0) } == expected, "\(fields)")
    }
    for (fields, kind) in [
      ("\(raw)data file: ../all.raw\n", ImageError.Kind.unsupported),
      ("\(raw)data file: /etc/hostname\n", .unsupported),
      ("\(raw)data file: sub/../../all.raw\n", .unsupported), ("\(raw)data file: absent.raw\n", .notFound),
      ("\(raw)data file: s001.raw\n", .malformed),
      ("\(raw)data file: LIST\ns001.raw\ns002.raw\ns003.raw\n", .malformed),
      ("\(raw)data file: LIST 7\n\(files)", .malformed), ("\(raw)data file: s%03s.raw 1 4 1\n", .malformed),
      ("\(raw)data file: s%03d.raw 1 4 0\n", .malformed),
      ("\(raw)data file: s%03d.raw 1 900000000 1\n", .limitExceeded),
      ("\(raw)data file: s%d%d.raw 1 4 1\n", .malformed), ("\(raw)data file: all%d.raw 1 4 1\n", .notFound),
      ("\(raw)data file: s%03d.raw 0 -9223372036854775808 -1\n", .limitExceeded), ("\(raw)data file: \n", .unsupported),
    ] {
      try put("h.nhdr", NRRDFile.header(fields))
      #expect("\(fields)") { try ImageFile.read("\(folder.path)/h.nhdr") } throws: {
        ($0 as? ImageError)?.kind == kind && ($0 as? ImageError)?.place != nil
      }
    }
    try put("s003.raw", Array(NRRDFile.little[24..<30]))
    try put("h.nhdr", NRRDFile.header("\(raw)data file: LIST\n\(files)"))
    #expect(throws: ImageError.self) { try ImageFile.read("\(folder.path)/h.nhdr") }
    #expect { try NRRD.read(NRRDFile.header("\(raw)data file: all.raw\n")) } throws: {
      ($0 as? ImageError)?.kind == .unsupported
    }
  }

  @Test func writesDetached() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/v.nhdr"
    try ImageFile.write(ImageFileTests.volume, to: path)
    #expect(try AnyVolume(contentsOf: path) == ImageFileTests.volume)
    #expect(try Files.list([folder.path]) == [path, "\(folder.path)/v.raw.gz"])
  }
}

@Suite("NRRD · damaged, lying and hostile files (malformed)")
struct NRRDMalformedTests {
  @Test func contradictionsAreNamed() {
    func kind(_ file: [UInt8]) -> ImageError.Kind? {
      do throws(ImageError) {
        _ = try NRRD.read(file)
        return nil
      } catch {
        return error.kind
      }
    }
    let raw = "endian: little\nencoding: raw\n"
    #expect(kind(NRRDFile.header(raw) + NRRDFile.little) == nil)
    #expect(kind(NRRDFile.header(raw) + NRRDFile.little.dropLast()) == .malformed)
    #expect(kind(NRRDFile.header(raw, version: 9) + NRRDFile.little) == .unsupported)
    #expect(kind(NRRDFile.header(raw, dimension: 4) + NRRDFile.little) == .malformed)
    #expect(kind(NRRDFile.header(raw, dimension: 99) + NRRDFile.little) == .malformed)
    #expect(kind(NRRDFile.header(raw, sizes: "2 3 0") + NRRDFile.little) == .malformed)
    #expect(kind(NRRDFile.header(raw, sizes: "2 3 -4") + NRRDFile.little) == .malformed)
    #expect(kind(NRRDFile.header(raw, sizes: "2 3 x") + NRRDFile.little) == .malformed)
    #expect(kind(NRRDFile.header(raw, sizes: "65536 65536 65536") + NRRDFile.little) == .limitExceeded)
    #expect(kind(NRRDFile.header(raw, sizes: "9223372036854775807 2 2") + NRRDFile.little) == .limitExceeded)
    #expect(kind(NRRDFile.header(raw, sizes: "60000 30000 1") + NRRDFile.little) == .malformed)
    #expect(
      kind(NRRDFile.header(raw, dimension: 6, sizes: "2 3 4 60000 60000 60000") + NRRDFile.little) == .limitExceeded)
    #expect(kind(NRRDFile.header(raw, type: "block") + NRRDFile.little) == .unsupported)
    #expect(kind(NRRDFile.header(raw, type: "quad") + NRRDFile.little) == .malformed)
    #expect(kind(NRRDFile.header("encoding: raw\n") + NRRDFile.little) == .malformed)  // no endian
    #expect(kind(NRRDFile.header("endian: little\nencoding: bzip2\n")) == .unsupported)
    #expect(kind(NRRDFile.header("endian: little\nencoding: lzma\n")) == .malformed)
    #expect(kind(NRRDFile.header("\(raw)byte skip: 999\n") + NRRDFile.little) == .malformed)
    #expect(kind(NRRDFile.header("\(raw)byte skip: -2\n") + NRRDFile.little) == .malformed)
    #expect(kind(NRRDFile.header("\(raw)line skip: 2\n") + NRRDFile.little) == .malformed)
    #expect(kind(NRRDFile.header("\(raw)kinds: domain domain\n") + NRRDFile.little) == .malformed)
    #expect(kind(NRRDFile.header("\(raw)kinds: complex domain domain\n") + NRRDFile.little) == .unsupported)
    #expect(kind(NRRDFile.header("\(raw)kinds: list list list\n") + NRRDFile.little) == .malformed)
    #expect(kind(NRRDFile.header("\(raw)space: mars\n\(NRRDFile.grid)") + NRRDFile.little) == .malformed)
    #expect(
      kind(NRRDFile.header("\(raw)space: LPS\nspace directions: (1,0,0) (1,1,0) (0,0,1)\n") + NRRDFile.little)
        == .unsupported)
    #expect(
      kind(NRRDFile.header("\(raw)space: LPS\nspace directions: (1,0,0) (0,0,0) (0,0,1)\n") + NRRDFile.little)
        == .malformed)
    #expect(
      kind(NRRDFile.header("\(raw)space: LPS\nspace directions: (1,0) (0,1,0) (0,0,1)\n") + NRRDFile.little)
        == .malformed)
    #expect(kind(NRRDFile.header("\(raw)space: LPS\nspace origin: none\n") + NRRDFile.little) == .malformed)
    #expect(kind(NRRDFile.header("\(raw)no colon here\n") + NRRDFile.little) == .malformed)
    #expect(kind(NRRDFile.header("\(raw)type: short\n") + NRRDFile.little) == .malformed)  // twice
    #expect(kind(NRRDFile.header("encoding: ascii\n") + Array("1 2 3".utf8)) == .malformed)
    #expect(kind(NRRDFile.header("encoding: ascii\n") + Array("1 2 99999".utf8)) == .malformed)
    #expect(kind(NRRDFile.header("encoding: hex\nendian: big\n") + Array("00zz".utf8)) == .malformed)
    #expect(kind(Array("NRRD0004\n".utf8)) == .malformed && kind([]) == .malformed)
    #expect(kind(Array("NRRD0004\n".utf8) + [UInt8](repeating: 0x41, count: 2 << 20)) == .limitExceeded)
  }

  @Test func bombsAreRefusedBeforeTheyAreUnpacked() {
    let zeros = Gzip.compress([UInt8](repeating: 0, count: 1 << 20))
    let file = NRRDFile.header("encoding: gzip\nendian: little\n", sizes: "30000 30000 1") + zeros
    #expect { try NRRD.read(file) } throws: { ($0 as? ImageError)?.kind == .limitExceeded }
    var limits = Limits()
    limits.decodedBytes = 47
    #expect(throws: ImageError.self) {
      try NRRD.read(NRRDFile.header("encoding: raw\nendian: little\n") + NRRDFile.little, limits: limits)
    }
  }

  @Test func survivesDamage() throws {
    let files = [
      bytes(hex: NRRDFixtures.obliqueNrrd), bytes(hex: NRRDFixtures.fourNrrd),
      NRRDFile.header("space: RAS\n\(NRRDFile.grid)endian: big\nencoding: raw\naxis mins: 1 2 3\n") + NRRDFile.big,
    ]
    var decoded = 0
    for (i, file) in files.enumerated() {
      decoded += LumenFormatsTests.survivesDamage(file, seed: UInt64(i), flips: 1500) { bytes throws(ImageError) in
        _ = try NRRD.volumes(bytes)
      }
    }
    #expect(decoded > 0)
  }
}
