// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCodecs
import LumenCore
import Testing

@testable import LumenDICOM

@Suite("Hostile headers · regression: numbers that a file only claims cost nothing")
struct HostileHeaderRegression {
  private static func file(frames: Int, _ change: (inout TestFile) -> Void = { _ in }) -> TestFile {
    var file = TestFile()
    file.image(columns: 4, rows: 4, frames: frames, [Int](repeating: 5, count: 16))
    change(&file)
    return file
  }

  @Test func framesThatAreNotThereAreRefused() throws {
    let scratch = Scratch()
    for (frames, kind) in [
      (2_000_000_000, ImageError.Kind.limitExceeded), (Limits.standard.frames + 1, .limitExceeded),
      (Limits.standard.frames, .malformed), (65_537, .malformed),
    ] {
      try Self.file(frames: frames).write(scratch("a"))
      let inventory = Inventory.scan([scratch("a")])
      #expect(inventory.series.isEmpty && inventory.rejected.map(\.error.kind) == [kind], "\(frames)")
    }
    var narrow = Limits()
    narrow.frames = 2
    try Self.file(frames: 3).write(scratch("a"))
    #expect(throws: ImageError.self) { try DICOMFile.header(scratch("a"), limits: narrow) }
  }

  @Test func moreFramesThanColumnsAreRead() throws {
    let scratch = Scratch(), frames = 70_000
    var file = Self.file(frames: frames)
    file.set(.bitsAllocated, words: [1])
    file.set(.bitsStored, words: [1])
    file.set(.highBit, words: [0])
    file.set(.pixelData, "OW", bytes: (0..<2 * frames).map { $0 == 2 * frames - 1 ? 0x80 : 0 })
    try file.write(scratch("a"))
    let statistics = try DICOMFile.statistics(scratch("a"))
    #expect(statistics.max == 1 && abs(statistics.mean * 16 * Double(frames) - 1) < 1e-9)
    let volume = try Series([DICOMFile.header(scratch("a"))]).read().grey
    #expect(volume.size == Size(columns: 4, rows: 4, slices: frames))
  }

  @Test func framesWithoutListsAreOneVolume() {
    var h = VolumeSplitProperty.header(1, 0)
    h.frames = Limits.standard.frames
    let volumes = Series.volumes(of: [h])
    #expect(volumes.count == 1 && volumes[0].size.slices == h.frames && volumes[0].picks == nil)
  }

  @Test func placesOutOfThisWorldAreNone() throws {
    let scratch = Scratch()
    func header(_ change: (inout TestFile) -> Void) throws -> InstanceHeader {
      var file = Self.file(frames: 1)
      file.set(.imagePositionPatient, "DS", "1\\2\\3")
      file.set(.imageOrientationPatient, "DS", "1\\0\\0\\0\\1\\0")
      file.set(.pixelSpacing, "DS", "0.5\\0.25")
      file.set(.sliceThickness, "DS", "2")
      change(&file)
      try file.write(scratch("a"))
      return try DICOMFile.header(scratch("a"))
    }
    let sane = try header { _ in }
    #expect(sane.imagePosition == [1, 2, 3] && sane.pixelSpacing == [0.5, 0.25] && sane.sliceThickness == 2)
    for wild in ["1.7e308", "-1.7e308", "1e25", "1000001"] {
      #expect(try header { $0.set(.imagePositionPatient, "DS", "0\\0\\\(wild)") }.imagePosition == nil, "\(wild)")
    }
    for wild in ["1.7e308", "1e7", "1e-300", "0"] {
      #expect(try header { $0.set(.pixelSpacing, "DS", "1\\\(wild)") }.pixelSpacing == nil, "\(wild)")
      #expect(try header { $0.set(.sliceThickness, "DS", wild) }.sliceThickness == nil, "\(wild)")
      #expect(try header { $0.set(.spacingBetweenSlices, "DS", wild) }.spacingBetweenSlices == nil, "\(wild)")
    }
    // A dose grid: offsets are positions too.
    let dose = try header {
      $0.set(.numberOfFrames, "IS", "2")
      $0.set(.gridFrameOffsetVector, "DS", "0\\1.7e308")
    }
    #expect(dose.framePositions.isEmpty)
  }

  @Test func metaInformationLongerThanItsFileIsNotLoaded() throws {
    // (0002,0010) in implicit VR, 4.3 GB long: DCMTK loads it for the transfer syntax.
    let scratch = Scratch()
    let bytes: [UInt8] =
      [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + [2, 0, 0x10, 0, 0x55, 0xB7, 0xEB, 0xFF]
      + Array("1.2.840.10008.1.2.1".utf8)
    try Files.write(bytes, to: scratch("a.dcm"))
    let error = #expect(throws: ImageError.self) { try DICOMFile.dump(scratch("a.dcm")) }
    #expect(error?.kind == .malformed && error?.what.contains("(0002,0010) claims") == true)
    #expect(throws: ImageError.self) { try DICOMFile.header(scratch("a.dcm")) }
  }

  @Test func textOfVeryManyValuesIsReadInOneGo() throws {
    let scratch = Scratch()
    try Self.file(frames: 1) { $0.set(.imageType, "CS", bytes: [UInt8](repeating: 0x5C, count: 64_000)) }.write(
      scratch("a"))
    #expect(try DICOMFile.header(scratch("a")).imageType.utf8.count == 64_000)
    let lines = try DICOMFile.dump(scratch("a")).lines
    #expect(lines.contains { $0.contains(" 64001 ") && $0.contains("ImageType") })
  }

  @Test func itemsOfADeflatedSetAreCounted() throws {
    // 40 MB of empty items in 40 KB: a parser would make an object of each.
    var set: [UInt8] = [8, 0, 0x15, 0x11, 0x53, 0x51, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]
    for _ in 0..<5_000_000 { set += [0xFE, 0xFF, 0, 0xE0, 0, 0, 0, 0] }
    let gzip = Gzip.compress(set, level: 6), syntax = Array("1.2.840.10008.1.2.1.99".utf8)
    let meta: [UInt8] = [2, 0, 0x10, 0, 0x55, 0x49, UInt8(syntax.count), 0] + syntax
    let scratch = Scratch()
    let bytes = [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + meta + gzip[10..<gzip.count - 8]
    try Files.write(bytes, to: scratch("a.dcm"))
    let error = #expect(throws: ImageError.self) { try DICOMFile.header(scratch("a.dcm")) }
    #expect(error?.kind == .limitExceeded && error?.what.contains("elements") == true)
  }

  @Test func stacksOfWildPositionsGiveFiniteGeometry() throws {
    let scratch = Scratch()
    let series = try SeriesGridOracle.series(scratch, (0..<3).map { SIMD3(0, 0, Double($0)) }) { file, i in
      file.set(.imagePositionPatient, "DS", "0\\0\\\(["-1.7e308", "0", "1.7e308"][i])")
    }
    #expect(throws: ImageError.self) { try series.read() }
    let image = try series.read(policy: .accept)
    #expect(image.geometry.spacing.z.isFinite && image.geometry.origin.z.isFinite)
    #expect(image.findings.contains { $0.kind == .positionsMissing })
  }

  @Test func gridsThatAreTooLargeAreRefused() throws {
    let stack = Geometry(size: Size(columns: 6, rows: 5, slices: 3), spacing: [1, 2, 3])
    for far in [
      SIMD3<Double>(1e25, 0, 6), [0, -1e30, 6], [0, 0, 1e30], [1.7e308, -1.7e308, 1.7e308], [.nan, 0, 6],
      [0, 0, .infinity], [65_531, 0, 6], [0, 0, 3e9],
    ] {
      let error = #expect(throws: ImageError.self, "\(far)") {
        try SliceResampling([[0, 0, 0], [0, 0, 3], far], stack, nominal: 1, .standard)
      }
      #expect(error?.kind == .limitExceeded, "\(far)")
    }
    #expect(
      try SliceResampling([[0, 0, 0], [0, 0, 3], [0, 0, 9]], stack, nominal: 1, .standard).geometry.size.slices == 4)
    #expect(
      try SliceResampling([[0, 0, 0], [0, 0, 3], [65_530, 0, 6]], stack, nominal: 1, .standard).geometry.size.columns
        == 65_536)
  }
}

@Suite("Orientations · regression: many different ones are told apart in linear time")
struct OrientationRegression {
  /// Orientations all over the sphere, rotated about their normals.
  private static func orientations(_ count: Int, scale: Double = 1) -> [ImageOrientation] {
    (0..<count).map { i in
      let a = Double(i) * 2.399963 * scale, b = Double(i) * 0.7548777 * scale, z = cos(b)
      let row = SIMD3(cos(a) * z, sin(a) * z, sin(b))
      let up = SIMD3(-sin(a), cos(a), 0), side = cross(row, up), c = Double(i) * 0.5698403 * scale
      return ImageOrientation(row: row, column: up * cos(c) + side * sin(c))
    }
  }

  @Test func theFirstCloseOneIsFound() {
    // Dense enough that many are close to several, some beside the borders of cells.
    let many = Self.orientations(3000, scale: 2e-4) + Self.orientations(300)
    var index = OrientationIndex(), kept: [ImageOrientation] = []
    for o in many {
      let expected = kept.firstIndex { $0.isClose(to: o) }
      #expect(index.first(closeTo: o) == expected)
      guard expected == nil else { continue }
      index.add(o, kept.count)
      kept.append(o)
    }
    #expect(kept.count > 400 && kept.count < 3000)
    let odd = ImageOrientation(row: [.nan, 1e300, 0], column: [.infinity, 0, 0])
    #expect(index.first(closeTo: odd) == nil)
  }

  @Test func everyFrameMayPointElsewhere() {
    var h = VolumeSplitProperty.header(1, 0)
    h.frames = 65_536
    h.orientationVaries = true
    h.frameOrientations = Self.orientations(h.frames)
    h.framePositions = [SIMD3<Double>](repeating: .zero, count: h.frames)
    let time = ContinuousClock().measure { #expect(Series.volumes(of: [h]).count > 60_000) }
    // Comparing each with every other is more than 4 · 10⁹ comparisons.
    #expect(time < .seconds(10))
  }

  @Test func everyThreeFramesMayBeAnAcquisition() {
    var h = VolumeSplitProperty.header(1, 0)
    h.frames = 30_000
    h.framePositions = (0..<h.frames).map { SIMD3(0, 0, Double($0 % 3) + Double($0 / 3) * 1e-6) }
    h.frameDimensions = (0..<h.frames).map { i in
      var d = FrameDimension()
      d.acquisitionNumber = i / 3
      return d
    }
    let time = ContinuousClock().measure { #expect(Series.volumes(of: [h]).count == 10_000) }
    #expect(time < .seconds(20))
  }
}
