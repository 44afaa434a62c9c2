// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenDICOM

@Suite("Series · oracle: volumes stacked by pydicom and SimpleITK")
struct SeriesOracle {
  private static func numbers(_ text: String?) -> [Double] {
    (text ?? "").split(separator: " ").compactMap { Double($0) }
  }

  /// Series as `lumen volume` reads them: stored slices as they are, of time series the first.
  @Test func realSeriesMatch() throws {
    guard let folder = Reference.dicom else { return }
    let rows = try Reference.rows(folder + "/series.csv")
    var good = 0
    for row in rows {
      let name = row["series"]!, inventory = Inventory.scan(try Files.list(["\(folder)/series/\(name)"]))
      #expect(inventory.rejected.isEmpty, "\(name)")
      let (series, note) = try inventory.choose()
      let stored = try series.read(policy: .accept, values: .stored)
      let isMosaic = row["mosaic_tiles"] != ""
      let expected = row[isMosaic ? "mosaic_volume_sha256" : "stored_volume_sha256"]
      #expect(sha256(try stored.grey) == expected, "\(name): stored volume differs")
      if isMosaic {
        #expect(inventory.series.map(\.label) == (1...3).map { "time \($0) of 3" }, "\(name)")
        #expect(note?.contains("volume 1 of 3 (time)") == true, "\(name)")
        good += sha256(try stored.grey) == expected ? 1 : 0
        continue
      }
      #expect(inventory.series.count == 1 && note == nil, "\(name)")
      let names = series.instances.map { String($0.path.split(separator: "/").last ?? "") }
      #expect(names.joined(separator: " ") == row["file_order"], "\(name): order")

      let g = stored.geometry, origin = Self.numbers(row["origin"])
      for axis in 0..<3 {
        #expect(abs(g.origin[axis] - origin[axis]) < 1e-5, "\(name): origin \(g.origin)")
        #expect(abs(g.direction.x[axis] - Self.numbers(row["direction_row"])[axis]) < 1e-6, "\(name): row axis")
        #expect(abs(g.direction.y[axis] - Self.numbers(row["direction_col"])[axis]) < 1e-6, "\(name): column axis")
      }
      #expect(abs(g.spacing.x - Double(row["col_spacing_mm"]!)!) < 1e-9, "\(name)")
      #expect(abs(g.spacing.y - Double(row["row_spacing_mm"]!)!) < 1e-9, "\(name)")
      let positions = Self.numbers(row["slice_positions_mm"])
      let mean = (positions.last! - positions[0]) / Double(positions.count - 1)
      #expect(abs(g.spacing.z - mean) < 1e-4, "\(name): slice spacing \(g.spacing.z), expected \(mean)")
      let modality = try series.read(policy: .accept).grey.valueRange
      let span = Double(row["modality_max"]!)! - Double(row["modality_min"]!)!
      #expect(abs(modality.minimum - Double(row["modality_min"]!)!) <= 1e-6 * span, "\(name)")
      #expect(abs(modality.maximum - Double(row["modality_max"]!)!) <= 1e-6 * span, "\(name)")
      #expect(abs(modality.mean - Double(row["modality_mean"]!)!) <= 1e-6 * span, "\(name)")
      good += sha256(try stored.grey) == expected ? 1 : 0
    }
    print("series: \(good) of \(rows.count) right")
  }

  /// SimpleITK 2.5.7, `ReadImage(ImageSeriesReader.GetGDCMSeriesFileNames(folder))`.
  @Test func geometryEqualsSimpleITK() throws {
    guard let folder = Reference.dicom else { return }
    let expected = [
      "ct_sarcoma": Geometry(
        size: Size(columns: 141, rows: 137, slices: 51), spacing: [0.976562, 0.976562, 3.27],
        origin: [110.351378, -56.640724, -272.95]),
      "mr_ge_genesis": Geometry(
        size: Size(columns: 256, rows: 256, slices: 16), spacing: [0.234375, 0.234375, 2.0000020666666667],
        origin: [65.359375, -5.992188, 23.554688], direction: Direction(x: [1, 0, 0], y: [0, 0, -1], z: [0, 1, 0])),
      "pet_bqml": Geometry(
        size: Size(columns: 168, rows: 168, slices: 24), spacing: [3.3940266832237, 3.3940266832237, 2.025],
        origin: [-285.36751038035, -494.58683139285, -1873.382]),
    ]
    for (name, geometry) in expected {
      let series = try #require(Inventory.scan(try Files.list(["\(folder)/series/\(name)"])).series.first)
      let own = try series.read().geometry
      #expect(own.size == geometry.size, "\(name)")
      for axis in 0..<3 {
        #expect(abs(own.spacing[axis] - geometry.spacing[axis]) < 1e-9, "\(name): \(own.spacing)")
        #expect(abs(own.origin[axis] - geometry.origin[axis]) < 1e-9, "\(name): \(own.origin)")
        let d = own.direction[axis] - geometry.direction[axis]
        #expect(max(abs(d.x), abs(d.y), abs(d.z)) < 1e-12, "\(name): axis \(axis)")
      }
    }
  }

  /// Slice positions of the protocol, `sSliceArray.asSlice[k].sPosition`: centres, where the reader goes by Image
  /// Position of the whole picture.
  @Test func mosaicGeometryEqualsItsProtocol() throws {
    guard let folder = Reference.dicom else { return }
    let inventory = Inventory.scan(try Files.list(["\(folder)/series/mr_siemens_mosaic"]))
    let image = try inventory.choose().series.read(), g = image.geometry
    #expect(image.findings.map(\.kind) == [.severalVolumes, .mosaic] && image.findings[1].found == 36)
    #expect(g.size == Size(columns: 64, rows: 64, slices: 36) && g.spacing == [3.203125, 3.203125, 3.6000000201665])
    let centres: [SIMD3<Double>] = [
      [0, -27.15735308, -61.30625833], [0, -26.71238777, -57.73386336], [0, -26.26742245, -54.16146838],
    ]
    for (k, centre) in centres.enumerated() {
      let d = g.position(of: [32, 32, Double(k)]) - centre
      #expect(max(abs(d.x), abs(d.y), abs(d.z)) < 1e-4, "slice \(k): \(d)")
    }
  }

  @Test func irregularSeriesAreFound() throws {
    guard let folder = Reference.dicom else { return }
    func series(_ name: String) throws -> Series {
      try #require(Inventory.scan(try Files.list(["\(folder)/series/\(name)"])).series.first)
    }
    func findings(_ name: String) throws -> [GeometryFinding] {
      let series = try series(name), image = try series.read(policy: .accept)
      if image.findings.contains(where: \.isError) {
        #expect(throws: ImageError.self) { try series.read() }
      } else {
        #expect(try series.read() == image)
      }
      return image.findings
    }
    #expect(try findings("ct_sarcoma").isEmpty)
    #expect(try findings("mr_ge_genesis").isEmpty)
    #expect(try findings("pet_bqml").isEmpty)
    let tilt = try findings("ct_tilt_notag")
    #expect(tilt.map(\.kind) == [.gantryTilt])
    #expect(abs((tilt.first?.found ?? 0) - 14) < 1e-3, "\(tilt)")
    let missing = try findings("ct_missing_slice")
    #expect(missing == [GeometryFinding(.missingSlices, slice: 2, found: missing.first?.found ?? 0, expected: 1)])
    #expect(abs((missing.first?.found ?? 0) - 10) < 1e-4)
    #expect(try findings("mr_siemens_mosaic").map(\.kind) == [.severalVolumes, .mosaic])

    let filled = try series("ct_missing_slice").read(policy: .resample)
    #expect(filled.geometry.size.slices == 5 && abs(filled.geometry.spacing.z - 5) < 1e-4)
    let upright = try series("ct_tilt_notag").read(policy: .resample)
    // Three steps of 5 mm · sin 14° are 8.7 rows.
    #expect(upright.geometry.size == Size(columns: 512, rows: 521, slices: 4))
    #expect(try series("ct_missing_slice").split().map(\.size.slices) == [3, 1])
  }

  @Test func structureSetIsRejectedWithItsName() throws {
    guard let folder = Reference.dicom else { return }
    let inventory = Inventory.scan(try Files.list(["\(folder)/series/ct_sarcoma_rtstruct"]))
    #expect(inventory.series.isEmpty && !inventory.rejected.isEmpty)
    for (_, error) in inventory.rejected { #expect(error.what.contains("RT Structure Set")) }
  }

  @Test func modalityValuesOfFilesMatch() throws {
    guard let folder = Reference.dicom else { return }
    let rows = try CorpusOracle.rows(folder).filter {
      $0["compare"] == "exact" && $0["modality_mean"] != "" && $0["samples"] == "1"
        && $0["photometric"] != "PALETTE COLOR"
    }
    var good = 0
    // The dose in Gy is not what the table holds.
    for row in rows where row["file"] != "files/JLSL_08_07_0_1F.dcm" && row["modality"] != "RTDOSE" {
      let name = row["file"]!, header = try DICOMFile.header(folder + "/" + name)
      // A mosaic is read as its tiles, without the empty ones.
      if header.mosaic != nil { continue }
      let values: ValueRange
      do { values = try Series([header]).read(policy: .accept).grey.valueRange } catch {
        Issue.record("\(error)")
        continue
      }
      let span = max(1e-9, Double(row["modality_max"]!)! - Double(row["modality_min"]!)!)
      let top = abs(Double(row["modality_max"]!)!)
      // Single precision has 24 bits.
      let tolerance = 1e-6 * span + 6e-8 * top
      #expect(abs(values.minimum - Double(row["modality_min"]!)!) <= tolerance, "\(name): \(values)")
      #expect(abs(values.maximum - Double(row["modality_max"]!)!) <= tolerance, "\(name): \(values)")
      #expect(abs(values.mean - Double(row["modality_mean"]!)!) <= tolerance, "\(name): \(values)")
      good += 1
    }
    print("modality values: \(good) of \(rows.count) compared")
  }
}

@Suite("Series · property: a written stack is read as it was, whatever the order of its files")
struct SeriesProperty {
  /// Writes slices at the given heights, later ones first, and scans them.
  private func scan(
    _ scratch: Scratch, _ heights: [Double], change: (inout ImageInstance, Int) -> Void = { _, _ in }
  ) throws -> Inventory {
    for (z, height) in heights.enumerated() {
      var instance = try WriterRoundTrip.instance(z)
      instance.rescaleSlope = 1
      instance.rescaleIntercept = 0
      var g = instance.pixels.geometry
      g.origin.z = height
      instance.pixels = instance.pixels.with(g)
      instance.pixels[0, 0] = Int16(z)
      change(&instance, z)
      try DICOMWriter.write(instance, to: scratch("\(100 - z).dcm"))
    }
    return Inventory.scan(try Files.list([scratch.path]))
  }

  @Test func slicesAreSortedByPosition() throws {
    let scratch = Scratch(), inventory = try scan(scratch, [0, 2, 4, 6, 8])
    #expect(inventory.series.count == 1 && inventory.rejected.isEmpty)
    let image = try inventory.series[0].read()
    guard case .i16(let volume) = try image.grey else { return #expect(Bool(false), "expected Int16") }
    #expect((0..<5).map { volume[0, 0, $0] } == [0, 1, 2, 3, 4])
    #expect(image.findings.isEmpty && image.geometry.spacing == SIMD3(0.7, 0.9, 2))
    #expect(volume.geometry == image.geometry && image.geometry.origin == SIMD3(-12.25, 33.5, 0))
    let reversed = Inventory.scan(try Files.list([scratch.path]).reversed())
    #expect(inventory.series == reversed.series)
  }

  @Test func findingsCarryTheirNumbers() throws {
    let variable = try scan(Scratch(), [0, 2, 4, 6.5, 8.5]).series
    #expect(variable[0].instances.count == 5)
    let cases: [([Double], [GeometryFinding], Double)] = [
      ([0, 2, 4, 6.5, 8.5], [GeometryFinding(.variableSpacing, slice: 2, found: 2.5, expected: 2)], 2.125),
      ([0, 2, 4, 10, 12], [GeometryFinding(.missingSlices, slice: 2, found: 6, expected: 2)], 3),
      ([0, 2, 2, 4, 6], [GeometryFinding(.duplicatePositions, slice: 1, found: 0, expected: 2)], 1.5),
      ([0, 2, 4.015, 6, 8], [], 2),
      ([5], [], 1.25),
    ]
    let o = ImageOrientation(row: [1, 0, 0], column: [0, 1, 0])
    for (heights, findings, spacing) in cases {
      let stack = SliceStack(heights.map { SIMD3(3, 4, $0) }, o, nominal: 1.25)
      #expect(stack.findings == findings, "\(heights)")
      // The median of slightly uneven gaps is one of them.
      #expect(abs(stack.spacing - spacing) < (findings.isEmpty ? 0.02 : 1e-12), "\(heights)")
    }
    let shifted = SliceStack([[0, 0, 0], [0, 0, 2], [1, 0, 4], [0, 0, 6], [0, 0, 8]], o, nominal: 1)
    #expect(shifted.findings == [GeometryFinding(.shiftedSlices, slice: 2, found: 1)])
    let tilted = SliceStack((0..<5).map { SIMD3(0, 2 * Double($0), 2 * Double($0)) }, o, nominal: 1)
    #expect(tilted.findings.map(\.kind) == [.gantryTilt] && abs(tilted.findings[0].found - 45) < 1e-9)
  }

  @Test func policyDecidesOnIrregularSlices() throws {
    let scratch = Scratch(), series = try scan(scratch, [0, 2, 6, 8]).series[0]
    let error = #expect(throws: ImageError.self) { try series.read() }
    #expect(error?.kind == .malformed && error?.what.contains("missing") == true)
    #expect(error?.hint?.contains("accept") == true)
    let image = try series.read(policy: .accept)
    #expect(image.findings.count == 1 && abs(image.geometry.spacing.z - 8.0 / 3) < 1e-12)
  }

  @Test func differentGridsAreDifferentSeries() throws {
    let scratch = Scratch()
    let inventory = try scan(scratch, [0, 2, 4, 6, 8, 10]) { instance, z in
      if z == 2 { instance.frameOfReferenceUID = "2.25.99" }
      if z == 3 {
        var g = instance.pixels.geometry
        g.direction = .identity
        instance.pixels = instance.pixels.with(g)
      }
      if z == 5 { instance.sopInstanceUID = "2.25.3.1" }
    }
    // Slice 5 repeats the UID of slice 0 at another place: the UID is at fault, the slice is kept.
    #expect(inventory.series.map(\.instances.count).sorted() == [1, 1, 4] && inventory.rejected.isEmpty)
  }

  @Test func rescaleKeepsWholeNumbersWhole() throws {
    func kind(_ slope: Double, _ intercept: Double, last: Double? = nil) throws -> AnyVolume {
      let scratch = Scratch()
      return try scan(scratch, [0, 2]) { instance, z in
        instance.pixels = instance.pixels.mapInPlace { $0 / 64 }
        instance.rescaleSlope = z == 1 ? last ?? slope : slope
        instance.rescaleIntercept = intercept
      }.series[0].read().grey
    }
    #expect(try kind(1, 0).kind == .int16)
    #expect(try kind(1, -1024).kind == .int16)
    #expect(try kind(100, 100_000).kind == .int32)
    #expect(try kind(50, 25_600).kind == .uint16)
    #expect(try kind(0.5, 0).kind == .float32)
    guard case .i16(let v) = try kind(2, -7, last: 3) else { return #expect(Bool(false), "expected Int16") }
    let stored = try WriterRoundTrip.instance(0).pixels
    #expect(v[5, 5, 0] == stored[5, 5] / 64 * 2 - 7 && v[5, 5, 1] == stored[5, 5] / 64 * 3 - 7)
  }

  @Test func resultsDoNotDependOnThreads() throws {
    let scratch = Scratch(), series = try scan(scratch, [0, 2, 4, 6, 8, 10, 12]).series[0]
    let width = Parallel.width
    defer { Parallel.width = width }
    Parallel.width = 1
    let one = try series.read()
    Parallel.width = 7
    #expect(try series.read() == one)
  }
}

extension Volume<Int16> {
  fileprivate func mapInPlace(_ change: (Int16) -> Int16) -> Volume<Int16> {
    var copy = self
    copy.withMutableVoxels { v in for i in v.indices { v[i] = change(v[i]) } }
    return copy
  }
}
