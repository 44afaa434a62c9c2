// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCodecs
import LumenCore
import Testing

@testable import LumenFormats

@Suite("MetaImage · files and rules (oracle: SimpleITK 2.5.7)")
struct MetaImageOracleTests {
  private func values(_ volume: AnyVolume) -> [Int16] {
    guard case .i16(let v) = volume else { return [] }
    return v.withVoxels { Array($0) }
  }

  /// Header lines over 24 int16 counting from 0.
  static func file(_ lines: String, data: String = "LOCAL", sizes: String = "2 3 4") -> [UInt8] {
    let axes = sizes.split(separator: " ").count
    return Array(
      "ObjectType = Image\nNDims = \(axes)\nDimSize = \(sizes)\nElementType = MET_SHORT\n\(lines)ElementDataFile = \(data)\n"
        .utf8)
  }

  @Test func readsObliqueZlib() throws {
    NRRDOracleTests.checkOblique(try MetaImage.read(bytes(hex: MetaImageFixtures.obliqueMha)))
  }

  @Test func readsFourDimensions() throws {
    let file = bytes(hex: MetaImageFixtures.fourMha)
    let volumes = try MetaImage.volumes(file)
    #expect(volumes.map(values) == [0, 12].map { o in (0..<12).map { Int16($0 + o) } })
    #expect(volumes.allSatisfy { $0.geometry.spacing == [1, 2, 3] })
    #expect(try MetaImage.read(file, volume: 2) == volumes[1])
    #expect { try MetaImage.read(file) } throws: { ($0 as? ImageError)?.kind == .invalidParameter }
  }

  @Test func readsKeysAsITKDoes() throws {
    let cyclic = "TransformMatrix = 0 1 0 0 0 1 1 0 0\nOffset = 1 2 3\nElementSpacing = 0.5 0.6 2\n"
    let big = try MetaImage.read(
      Self.file("BinaryData = True\nBinaryDataByteOrderMSB = True\n\(cyclic)") + NRRDFile.big)
    #expect(values(big) == NRRDFile.count)
    #expect(big.geometry.direction == Direction(x: [0, 1, 0], y: [0, 0, 1], z: [1, 0, 0]))
    #expect(big.geometry.spacing == [0.5, 0.6, 2] && big.geometry.origin == [1, 2, 3])
    // ITK takes ElementSize for a missing spacing and applies neither units nor the intensity function.
    let lines =
      "BinaryData = True\nElementByteOrderMSB = False\nElementSize = 0.5 0.6 2\nDistanceUnits = cm\n"
      + "ElementToIntensityFunctionSlope = 2\n"
    let plain = try MetaImage.read(Self.file(lines) + NRRDFile.little)
    #expect(values(plain) == NRRDFile.count && plain.geometry.spacing == [0.5, 0.6, 2])
    let text = Array(NRRDFile.count.map { "\($0)" }.joined(separator: "\n").utf8)
    #expect(values(try MetaImage.read(Self.file("BinaryData = False\n") + text)) == NRRDFile.count)
    #expect(values(try MetaImage.read(Self.file("") + text)) == NRRDFile.count)
    let flat = try MetaImage.read(
      Self.file("BinaryData = True\nElementSpacing = 2 3\n", sizes: "4 6") + NRRDFile.little)
    #expect(flat.size == Size(columns: 4, rows: 6) && flat.geometry.spacing == [2, 3, 1])
    let pairs = Self.file("BinaryData = True\nElementNumberOfChannels = 2\n", sizes: "2 3 2") + NRRDFile.little
    #expect(try MetaImage.volumes(pairs).map(values) == [0, 1].map { c in (0..<12).map { Int16(2 * $0 + c) } })
  }

  @Test func readsDataInOtherFiles() throws {
    let folder = try TemporaryFolder()
    func put(_ name: String, _ bytes: [UInt8]) throws { try Files.write(bytes, to: "\(folder.path)/\(name)") }
    for k in 0..<4 { try put("s00\(k + 1).raw", Array(NRRDFile.little[12 * k..<12 * k + 12])) }
    try put("a.raw", Array("skip this".utf8) + NRRDFile.little)
    let files = (1...4).map { "s00\($0).raw\n" }.joined()
    for (lines, data) in [
      ("HeaderSize = 9\n", "a.raw"), ("HeaderSize = -1\n", "a.raw"), ("", "LIST\n\(files)"), ("", "LIST 2\n\(files)"),
      ("", "s%03d.raw 1 4 1"),
    ] {
      try put("h.mhd", Self.file("BinaryData = True\n\(lines)", data: data))
      #expect(values(try AnyVolume(contentsOf: "\(folder.path)/h.mhd")) == NRRDFile.count, "\(data)")
    }
    for (data, kind) in [
      ("../a.raw", ImageError.Kind.unsupported), ("/etc/hostname", .unsupported), ("none.raw", .notFound),
      ("s001.raw", .malformed), ("LIST\ns001.raw", .malformed), ("LIST 9\n\(files)", .malformed),
      ("s%03d.raw 1 3 1", .malformed),
    ] {
      try put("h.mhd", Self.file("BinaryData = True\n", data: data))
      #expect("\(data)") { try ImageFile.read("\(folder.path)/h.mhd") } throws: { ($0 as? ImageError)?.kind == kind }
    }
    try ImageFile.write(ImageFileTests.volume, to: "\(folder.path)/w.mhd")
    #expect(try AnyVolume(contentsOf: "\(folder.path)/w.mhd") == ImageFileTests.volume)
  }

  @Test func readsBackWhatItWrites() throws {
    let axes = Direction(x: [0, 1, 0], y: [0.6, 0, 0.8], z: [0.8, 0, -0.6])
    let geometry = Geometry(
      size: Size(columns: 3, rows: 2, slices: 5), spacing: [0.5, 1.25, 3], origin: [1e-3, -77.125, 4], direction: axes)
    let base = AnyVolume.f64(Volume(geometry) { for i in 0..<$0.count { $0[i] = Double(i) - 7 } })
    for kind in VoxelKind.allCases {
      let volume = base.converted(to: kind), file = MetaImage.encode(volume)
      let back = try MetaImage.read(file)
      #expect(ImageFormat.detect(file) == .metaImage)
      #expect(back.kind == kind && rawBytes(back) == rawBytes(volume))
      #expect(geometry.difference(from: back.geometry, tolerance: 1e-12) == nil)
    }
  }
}

@Suite("MetaImage · damaged, lying and hostile files (malformed)")
struct MetaImageMalformedTests {
  @Test func contradictionsAreNamed() {
    func kind(_ file: [UInt8]) -> ImageError.Kind? {
      do throws(ImageError) {
        _ = try MetaImage.read(file)
        return nil
      } catch {
        return error.kind
      }
    }
    let raw = "BinaryData = True\n", data = NRRDFile.little
    func file(_ lines: String, _ sizes: String = "2 3 4") -> [UInt8] {
      MetaImageOracleTests.file(lines, sizes: sizes) + data
    }
    #expect(kind(file(raw)) == nil)
    #expect(kind(file(raw).dropLast()) == .malformed)
    #expect(kind(file(raw, "2 3 0")) == .malformed)
    #expect(kind(file(raw, "2 3 -1")) == .malformed)
    #expect(kind(file(raw, "70000 2 2")) == .limitExceeded)
    #expect(kind(file(raw, "60000 60000 60000 60000")) == .limitExceeded)
    #expect(kind(file(raw, "60000 30000 1")) == .malformed)
    #expect(kind(file(raw, "24")) == .unsupported)
    #expect(kind(file(raw, "2 3 4 1 1")) == .unsupported)
    #expect(kind(file("\(raw)ElementNumberOfChannels = 0\n")) == .malformed)
    #expect(kind(file("\(raw)ElementNumberOfChannels = 99999999\n")) == .limitExceeded)
    #expect(kind(file("\(raw)ElementSpacing = 1 1\n")) == .malformed)
    #expect(kind(file("\(raw)ElementSpacing = 1 1 0\n")) == .malformed)
    #expect(kind(file("\(raw)Offset = 1 nan 0\n")) == .malformed)
    #expect(kind(file("\(raw)TransformMatrix = 1 0 0 1 1 0 0 0 1\n")) == .unsupported)
    #expect(kind(file("\(raw)TransformMatrix = 0 0 0 0 0 0 0 0 0\n")) == .malformed)
    #expect(kind(file("\(raw)HeaderSize = -2\n")) == .malformed)
    #expect(kind(file("\(raw)HeaderSize = 9999999999\n")) == .malformed)
    #expect(kind(file("\(raw)CompressedData = perhaps\n")) == .malformed)
    #expect(kind(file("\(raw)CompressedData = True\n")) == .malformed)
    #expect(kind(file("\(raw)NDims = 3\n")) == .malformed)  // twice
    #expect(kind(file("\(raw)no equals\n")) == .malformed)
    #expect(kind(Array("NDims = 3\nDimSize = 1 1 1\n".utf8)) == .malformed)
    #expect(
      kind(Array("NDims = 3\nElementType = MET_OTHER\nDimSize = 1 1 1\nElementDataFile = LOCAL\n".utf8)) == .malformed)
    let zeros = Gzip.compress([UInt8](repeating: 0, count: 1 << 20))
    #expect(
      kind(MetaImageOracleTests.file("\(raw)CompressedData = True\n", sizes: "30000 30000 1") + zeros) == .limitExceeded
    )
  }

  @Test func survivesDamage() throws {
    var decoded = 0
    for (i, hex) in [MetaImageFixtures.obliqueMha, MetaImageFixtures.fourMha].enumerated() {
      decoded += LumenFormatsTests.survivesDamage(bytes(hex: hex), seed: UInt64(i), flips: 1500) {
        b throws(ImageError) in
        _ = try MetaImage.volumes(b)
      }
    }
    #expect(decoded > 0)
  }
}

@Suite("MetaImage · regression: hostile names of data files")
struct MetaImageRegression {
  @Test(arguments: ["img%d.raw 9223372036854775807", "LIST D", "LIST", "a%d.raw 0 9 9223372036854775807"])
  func numbersAreErrorsNotTraps(_ place: String) throws {
    let folder = "/tmp/lumen-mhd-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    try Files.makeFolder(folder)
    defer {
      unlink("\(folder)/a.mhd")
      rmdir(folder)
    }
    try Files.write(MetaImageOracleTests.file("", data: place), to: "\(folder)/a.mhd")
    #expect(throws: ImageError.self) { try ImageFile.read("\(folder)/a.mhd") }
  }

  @Test func linksLeadNowhereElse() throws {
    let folder = "/tmp/lumen-mhd-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    try Files.makeFolder("\(folder)/in")
    defer {
      for name in ["in/a.mhd", "in/a.raw", "secret"] { unlink("\(folder)/\(name)") }
      rmdir("\(folder)/in")
      rmdir(folder)
    }
    try Files.write([UInt8](repeating: 7, count: 48), to: "\(folder)/secret")
    #expect(symlink("../secret", "\(folder)/in/a.raw") == 0)
    try Files.write(MetaImageOracleTests.file("", data: "a.raw"), to: "\(folder)/in/a.mhd")
    let error = #expect(throws: ImageError.self) { try ImageFile.read("\(folder)/in/a.mhd") }
    #expect(error?.what.contains("outside") == true)
  }
}
