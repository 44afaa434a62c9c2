// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenDICOM

@Suite("Volumes of a series · property: what lies at one position is told apart, never interleaved")
struct VolumeSplitProperty {
  static func header(_ number: Int, _ z: Double, change: (inout InstanceHeader) -> Void = { _ in }) -> InstanceHeader {
    var h = InstanceHeader()
    h.hasPixelData = true
    h.path = "s/\(1000 + number).dcm"
    h.seriesInstanceUID = "2.25.7"
    h.sopInstanceUID = "2.25.8.\(number)"
    h.modality = "MR"
    (h.columns, h.rows, h.bitsAllocated, h.bitsStored) = (8, 6, 16, 16)
    h.pixelSpacing = SIMD2(1, 1)
    h.imageOrientation = ImageOrientation(row: [1, 0, 0], column: [0, 1, 0])
    h.imagePosition = SIMD3(0, 0, z)
    h.instanceNumber = number
    change(&h)
    h.dimension.echoNumber = h.echoNumber
    h.dimension.temporalPosition = h.temporalPosition
    h.dimension.acquisitionNumber = h.acquisitionNumber
    h.dimension.imageType = h.imageType
    return h
  }

  /// Slices × repeats with one thing changed per repeat.
  private func series(
    _ repeats: Int, slices: Int = 4, _ change: (inout InstanceHeader, Int) -> Void
  ) -> [Series] {
    var all: [InstanceHeader] = []
    for z in 0..<slices {
      for r in 0..<repeats { all.append(Self.header(z * repeats + r + 1, 3 * Double(z)) { change(&$0, r) }) }
    }
    return Series.volumes(of: all)
  }

  private func isClean(_ volumes: [Series], slices: Int = 4) throws -> Bool {
    try volumes.allSatisfy { s in
      try s.size.slices == slices && !s.layout(.standard).findings.contains(where: \.isError)
    }
  }

  @Test func everyAxisGivesItsVolumes() throws {
    let cases: [(String, [String], Bool, (inout InstanceHeader, Int) -> Void)] = [
      ("temporal", ["time 1 of 3", "time 2 of 3", "time 3 of 3"], true, { $0.temporalPosition = 5 + $1 }),
      ("acquisition", ["time 1 of 3", "time 2 of 3", "time 3 of 3"], true, { $0.acquisitionNumber = 2 + $1 }),
      ("trigger", ["time 1 of 3", "time 2 of 3", "time 3 of 3"], true, { $0.dimension.triggerTime = 40 * Double($1) }),
      ("clock", ["time 1 of 3", "time 2 of 3", "time 3 of 3"], true, { $0.dimension.time = 90 - 10 * Double($1) }),
      ("number", ["image 1 of 3", "image 2 of 3", "image 3 of 3"], false, { _, _ in }),
      ("echo", ["echo 1 of 3", "echo 2 of 3", "echo 3 of 3"], false, { $0.echoNumber = 1 + $1 }),
      ("b", ["b = 0", "b = 500", "b = 1000"], false, { $0.dimension.bValue = 500 * Double($1) }),
      (
        "type", ["type IN_PHASE", "type OUT_PHASE", "type WATER"], false,
        { $0.imageType = "ORIGINAL\\PRIMARY\\" + ["IN_PHASE", "OUT_PHASE", "WATER"][$1] }
      ),
    ]
    for (name, labels, isTime, change) in cases {
      let volumes = series(3, change)
      #expect(volumes.map(\.label) == labels, "\(name)")
      #expect(volumes.allSatisfy { $0.isTimePoint == isTime && $0.volumes == 3 }, "\(name)")
      #expect(try isClean(volumes), "\(name)")
      #expect(volumes.allSatisfy { $0.notes.contains { $0.kind == .severalVolumes } }, "\(name)")
    }
    // Later acquisition times come later, whatever the instance numbers.
    let clock = series(3) { $0.dimension.time = 90 - 10 * Double($1) }
    #expect(clock[0].instances.map(\.instanceNumber) == [3, 6, 9, 12])
  }

  @Test func axesCombine() throws {
    let volumes = series(6) { h, r in
      h.echoNumber = 1 + r % 2
      h.temporalPosition = 1 + r / 2
    }
    #expect(volumes.map(\.label) == (1...2).flatMap { e in (1...3).map { "echo \(e) of 2, time \($0) of 3" } })
    #expect(try isClean(volumes) && volumes.allSatisfy { !$0.isTimePoint })
    // One image without diffusion, six directions with: the directions keep the order of their numbers.
    let diffusion = series(7) { h, r in h.dimension.bValue = r == 0 ? 0 : 1000 }
    #expect(diffusion.map(\.label) == ["b = 0"] + (1...6).map { "b = 1000, image \($0) of 6" })
    #expect(try isClean(diffusion))
  }

  @Test func acquisitionsSideBySideAreDivided() throws {
    // Two stacks of 5 mm that interleave at odd places, and one stack over two acquisitions.
    let own = (0..<4).flatMap { z in
      [
        Self.header(2 * z + 1, 5 * Double(z)) { $0.acquisitionNumber = 1 },
        Self.header(2 * z + 2, 5 * Double(z) + 1.3) { $0.acquisitionNumber = 2 },
      ]
    }
    let divided = Series.volumes(of: own)
    #expect(divided.map(\.label) == ["acquisition 1", "acquisition 2"] && divided.allSatisfy { !$0.isTimePoint })
    #expect(try isClean(divided))
    let joined = Series.volumes(
      of: (0..<6).map { z in Self.header(z + 1, 2 * Double(z)) { $0.acquisitionNumber = z / 3 } })
    #expect(joined.count == 1 && joined[0].size.slices == 6 && joined[0].label == "")
  }

  @Test func unevenRepeatsStayTogetherAndAreFound() throws {
    var all = (0..<4).map { Self.header($0 + 1, 2 * Double($0)) }
    all.append(Self.header(9, 4))
    let volumes = Series.volumes(of: all)
    #expect(volumes.count == 1)
    #expect(try volumes[0].layout(.standard).findings.map(\.kind) == [.duplicatePositions])
  }

  @Test func localizersAndOrientationsAreApart() throws {
    var all = (0..<5).map { z in Self.header(z + 1, 2 * Double(z)) { $0.imageType = "ORIGINAL\\PRIMARY\\AXIAL" } }
    all.append(
      Self.header(9, 0) {
        $0.imageType = "ORIGINAL\\PRIMARY\\LOCALIZER"
        $0.imageOrientation = ImageOrientation(row: [0, 1, 0], column: [0, 0, -1])
      })
    let volumes = Series.volumes(of: all)
    #expect(volumes.map(\.size.slices) == [5, 1] && volumes.map(\.label) == ["axial", "localizer, sagittal"])
    let kinds = volumes[1].notes.map(\.kind)
    #expect(kinds == [.localizer, .severalVolumes, .mixedOrientations])
    #expect(abs((volumes[1].notes.last?.found ?? 0) - 90) < 1e-9 && volumes[1].notes.last?.expected == 2)
    #expect(volumes[0].notes.last?.found == 0)
    #expect(volumes.allSatisfy { !$0.notes.contains(where: \.isError) })
    let inventory = Inventory(all.map { ($0.path, .success($0)) })
    let (chosen, note) = try inventory.choose()
    #expect(chosen == volumes[0] && note == "1 localizer is left out")
  }

  @Test func repeatedUIDsOfDifferentSlicesLoseNone() {
    let all = (0..<4).map { z in Self.header(z + 1, 2 * Double(z)) { $0.sopInstanceUID = "2.25.9" } }
    let inventory = Inventory((all + [all[0]]).map { ($0.path, .success($0)) })
    #expect(inventory.series.map(\.size.slices) == [4])
    #expect(inventory.rejected.count == 1, "the same file twice counts once")
  }

  @Test func framesOfReferenceAreApart() {
    let all = (0..<6).map { z in
      Self.header(z + 1, 2 * Double(z)) { $0.frameOfReferenceUID = z < 4 ? "2.25.1" : "2.25.2" }
    }
    let volumes = Series.volumes(of: all)
    #expect(volumes.map(\.size.slices) == [4, 2])
    #expect(volumes.allSatisfy { $0.notes.contains(GeometryFinding(.frameOfReferenceVaries, expected: 2)) })
    #expect(volumes.map(\.label) == ["frame of reference 1", "frame of reference 2"])
  }

  @Test func filesWithoutSeriesAreGroupedByFolder() {
    let all = (0..<6).map { z in
      Self.header(z + 1, Double(z)) {
        $0.seriesInstanceUID = ""
        $0.path = z < 3 ? "a/\(z)" : "b/\(z)"
      }
    }
    let inventory = Inventory(all.map { ($0.path, .success($0)) })
    #expect(inventory.series.map(\.size.slices) == [3, 3])
  }

  @Test func framesOfOneObjectAreDivided() throws {
    var h = Self.header(1, 0)
    h.frames = 12
    h.framePositions = (0..<12).map { SIMD3(0, 0, 2 * Double($0 / 3)) }
    h.frameDimensions = (0..<12).map { i in
      var d = FrameDimension()
      d.temporalPosition = 1 + i % 3
      return d
    }
    let volumes = Series.volumes(of: [h])
    #expect(volumes.map(\.label) == ["time 1 of 3", "time 2 of 3", "time 3 of 3"])
    #expect(volumes[1].frames.map(\.frame) == [1, 4, 7, 10])
    #expect(try isClean(volumes))
    // The same without a temporal index: two stacks.
    h.frameDimensions = (0..<12).map { i in
      var d = FrameDimension()
      d.stack = i < 6 ? "1" : "2"
      return d
    }
    h.framePositions = (0..<12).map { SIMD3(0, 0, 2 * Double($0 % 6)) }
    #expect(Series.volumes(of: [h]).map(\.label) == ["stack 1", "stack 2"])
  }

  @Test func choiceIsNeverSilent() throws {
    func inventory(_ change: (inout InstanceHeader, Int) -> Void) -> Inventory {
      var all: [InstanceHeader] = []
      for r in 0..<2 { for z in 0..<3 { all.append(Self.header(3 * r + z + 1, Double(z)) { change(&$0, r) }) } }
      return Inventory(all.map { ($0.path, .success($0)) })
    }
    let time = inventory { $0.temporalPosition = $1 }
    let (first, note) = try time.choose()
    #expect(first.label == "time 1 of 2" && note?.contains("volume 1 of 2 (time)") == true)
    #expect(try time.choose(2).series.label == "time 2 of 2")
    #expect(throws: ImageError.self) { try time.choose(3) }
    let echo = inventory { $0.echoNumber = $1 }
    let error = #expect(throws: ImageError.self) { try echo.choose() }
    #expect(error?.hint?.contains("echo 2 of 2") == true && error?.kind == .invalidParameter)
  }
}

@Suite("Regular grids · oracle: values of a linear field")
struct SeriesGridOracle {
  /// A field that linear interpolation reproduces.
  private static func field(_ p: SIMD3<Double>) -> Double { 4 * p.x + 8 * p.y + 16 * p.z }

  /// Slices at positions, whose values are the field, as one series.
  static func series(
    _ scratch: Scratch, _ positions: [SIMD3<Double>], change: (inout TestFile, Int) -> Void = { _, _ in }
  )
    throws -> Series
  {
    for (i, p) in positions.enumerated() {
      var file = TestFile(instance: "2.25.900.\(i + 1)")
      file.set(.imagePositionPatient, "DS", "\(p.x)\\\(p.y)\\\(p.z)")
      file.set(.imageOrientationPatient, "DS", "1\\0\\0\\0\\1\\0")
      file.set(.pixelSpacing, "DS", "2\\1")
      file.set(.instanceNumber, "IS", "\(i + 1)")
      file.image(
        columns: 6, rows: 5, signed: true,
        (0..<30).map { k in Int(field(p + SIMD3(Double(k % 6), 2 * Double(k / 6), 0)).rounded()) })
      change(&file, i)
      try file.write(scratch("\(i).dcm"))
    }
    return try #require(Inventory.scan(try Files.list([scratch.path])).series.first)
  }

  private func check(_ image: SeriesImage, _ size: Size, padding: Double) throws {
    #expect(image.geometry.size == size)
    guard case .i16(let v) = try image.grey else { return #expect(Bool(false), "expected Int16") }
    var inside = 0
    for z in 0..<size.slices {
      for y in 0..<size.rows {
        for x in 0..<size.columns {
          let expected = Self.field(v.geometry.position(of: SIMD3(Double(x), Double(y), Double(z))))
          let value = Double(v[x, y, z])
          if value == padding { continue }
          inside += 1
          #expect(abs(value - expected) <= 0.5 + 1e-9, "\(x) \(y) \(z): \(value), expected \(expected)")
        }
      }
    }
    #expect(inside * 2 > size.count)
  }

  @Test func missingAndVariableSlicesAreInterpolated() throws {
    let scratch = Scratch()
    let missing = try Self.series(scratch, [0, 3, 6, 12, 15].map { SIMD3(-1, 2, $0) })
    #expect(throws: ImageError.self) { try missing.read() }
    let image = try missing.read(policy: .resample)
    try check(image, Size(columns: 6, rows: 5, slices: 6), padding: -9999)
    #expect(image.geometry.spacing.z == 3 && image.findings.map(\.kind) == [.missingSlices, .resampled])
    let own = Scratch(), variable = try Self.series(own, [0, 3, 6, 10, 13].map { SIMD3(-1, 2, $0) })
    try check(try variable.read(policy: .resample), Size(columns: 6, rows: 5, slices: 5), padding: -9999)
  }

  @Test func tiltIsSheared() throws {
    // 1.5 mm along rows' axis each 3 mm: three quarters of a row of 2 mm.
    let scratch = Scratch()
    let tilted = try Self.series(scratch, (0..<4).map { SIMD3(0, 1.5 * Double($0), 3 * Double($0)) }) { file, _ in
      file.set(.pixelPaddingValue, words: [65_536 - 2000], vr: "SS")
    }
    #expect(try tilted.layout(.standard).findings.map(\.kind) == [.gantryTilt])
    let image = try tilted.read(policy: .resample)
    try check(image, Size(columns: 6, rows: 8, slices: 4), padding: -2000)
    #expect(image.findings.map(\.kind) == [.gantryTilt, .resampled] && image.findings.last?.found == -2000)
    guard case .i16(let v) = try image.grey else { return #expect(Bool(false)) }
    #expect(v[0, 7, 0] == -2000 && v[0, 0, 3] == -2000 && v[0, 0, 0] == 0 && v[0, 7, 3] == -2000)
  }

  @Test func shiftedSlicesAreMovedBack() throws {
    var positions = (0..<5).map { SIMD3(0, 0, 2 * Double($0)) }
    positions[2].x = -1.25
    let scratch = Scratch(), image = try Self.series(scratch, positions).read(policy: .resample)
    // Air: the smallest value, which is that of the shifted corner.
    try check(image, Size(columns: 8, rows: 5, slices: 5), padding: Double(try #require(image.findings.last).found))
    #expect(image.geometry.origin.x == -1.25)
  }

  @Test func duplicatesAreComparedAndDropped() throws {
    let positions = [0, 2, 2, 4].map { SIMD3<Double>(0, 0, $0) }
    let one = Scratch(), same = try Self.series(one, positions)
    #expect(try same.read(policy: .accept).findings.map(\.kind) == [.identicalSlices])
    let error = #expect(throws: ImageError.self) { try same.read() }
    #expect(error?.what.contains("identical pixels") == true)
    try check(try same.read(policy: .resample), Size(columns: 6, rows: 5, slices: 3), padding: -9999)
    #expect(try same.read(policy: .split).geometry.size.slices == 3)

    let two = Scratch()
    let other = try Self.series(two, positions) { file, i in
      if i == 2 { file.image(columns: 6, rows: 5, signed: true, [Int](repeating: 7, count: 30)) }
    }
    #expect(try other.read(policy: .accept).findings.map(\.kind) == [.duplicatePositions])
    #expect(throws: ImageError.self) { try other.read(policy: .resample) }
    #expect(try other.split().map(\.size.slices) == [3, 1])
  }

  @Test func splitGivesRegularRuns() throws {
    let scratch = Scratch()
    let series = try Self.series(scratch, [0, 3, 6, 12, 15, 17].map { SIMD3(0, 0, $0) })
    let runs = try series.split()
    #expect(runs.map(\.size.slices) == [3, 2, 1] && runs.map(\.label) == (1...3).map { "run \($0) of 3" })
    for run in runs { _ = try run.read() }
    #expect(try runs[1].read().geometry.origin.z == 12)
    let error = #expect(throws: ImageError.self) { try series.read(policy: .split) }
    #expect(error?.hint?.contains("3 + 2 + 1") == true)
  }

  @Test func framesOfAVolumeAreReadAlone() throws {
    // Two time points, frames alternate; the functional groups say which is which, and rescale each for itself.
    let scratch = Scratch()
    var file = TestFile(sopClass: "1.2.840.10008.5.1.4.1.1.4.1")
    file.image(columns: 4, rows: 3, frames: 6, (0..<72).map { 100 * ($0 / 12) + $0 % 12 })
    file.set(
      .sharedFunctionalGroupsSequence,
      items: [
        { f in
          f.set(.pixelMeasuresSequence, items: [{ $0.set(.pixelSpacing, "DS", "1.5\\1.5") }])
          f.set(.planeOrientationSequence, items: [{ $0.set(.imageOrientationPatient, "DS", "1\\0\\0\\0\\1\\0") }])
        }
      ])
    file.set(
      .perFrameFunctionalGroupsSequence,
      items: (0..<6).map { i in
        { f in
          f.set(.planePositionSequence, items: [{ $0.set(.imagePositionPatient, "DS", "0\\0\\\(2 * (i / 2))") }])
          f.set(
            .frameContentSequence,
            items: [{ $0.set(.temporalPositionIndex, "UL", bytes: [UInt8(1 + i % 2), 0, 0, 0]) }])
          f.set(
            .pixelValueTransformationSequence,
            items: [
              {
                $0.set(.rescaleSlope, "DS", "\(1 + i)")
                $0.set(.rescaleIntercept, "DS", "-5")
              }
            ])
        }
      })
    try file.write(scratch("a.dcm"))
    let inventory = Inventory.scan([scratch("a.dcm")])
    #expect(inventory.series.map(\.label) == ["time 1 of 2", "time 2 of 2"])
    let second = try inventory.series[1].read()
    #expect(second.geometry.size == Size(columns: 4, rows: 3, slices: 3) && second.geometry.spacing == [1.5, 1.5, 2])
    guard case .i16(let v) = try second.grey else { return #expect(Bool(false)) }
    // Frames 1, 3 and 5, with slopes 2, 4 and 6.
    for z in 0..<3 { #expect(Int(v[1, 2, z]) == (100 * (2 * z + 1) + 9) * (2 * z + 2) - 5) }
  }

  @Test func changedFilesAreReadAnew() throws {
    let scratch = Scratch(), series = try Self.series(scratch, [SIMD3(0, 0, 0)])
    #expect(series.instances[0].pixelLocation != nil)
    var file = TestFile()
    file.set(Tag(0x0009, 0x0010), "LO", "SOMETHING THAT MOVES THE PIXELS")
    file.image(columns: 6, rows: 5, signed: true, [Int](repeating: -42, count: 30))
    try file.write(scratch("0.dcm"))
    guard case .i16(let v) = try series.read(policy: .accept).grey else { return #expect(Bool(false)) }
    #expect(v[3, 3] == -42)
  }
}
