// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore
import Testing

@testable import LumenDICOM

@Suite("Values · oracle: manifest of the corpus, QIBA, pydicom 3.0.2")
struct ValuesOracle {
  /// The rule of the corpus' own check: 1e-6 of the range; lossy files 0.4 %, four times that at the ends.
  @Test func statisticsMatchTheManifest() throws {
    guard let folder = Reference.dicom else { return }
    let rows = try Reference.rows(folder + "/manifest.csv").filter {
      $0["expect"] == "decode" && $0["modality_mean"] != ""
        && TransferSyntax(rawValue: $0["transfer_syntax"]!).isReadable
    }
    var good = 0
    for row in rows {
      let name = row["file"]!
      do {
        let s = try DICOMFile.statistics(folder + "/" + name)
        func number(_ key: String) -> Double { Double(row[key]!)! }
        let span = max(1e-9, number("modality_max") - number("modality_min")), isLossy = row["compare"] == "lossy"
        let tolerance = span * (isLossy ? 0.004 : 1e-6) + 1e-9
        let isRight =
          abs(s.mean - number("modality_mean")) <= tolerance
          && abs(s.min - number("modality_min")) <= tolerance * (isLossy ? 4 : 1)
          && abs(s.max - number("modality_max")) <= tolerance * (isLossy ? 4 : 1)
        #expect(
          isRight, "\(name): \(s), expected \(row["modality_min"]!) \(row["modality_max"]!) \(row["modality_mean"]!)")
        good += isRight ? 1 : 0
      } catch { Issue.record("\(name): \(error)") }
    }
    print("statistics: \(good) of \(rows.count) right")
  }

  @Test func modalityLUTIsApplied() throws {
    guard let folder = Reference.dicom else { return }
    let header = try DICOMFile.header(folder + "/files/CR-ModalitySequenceLUT.dcm")
    let values = try Series([header]).read(policy: .accept).grey
    #expect(values.kind == .int16 && values.valueRange.minimum == 0 && values.valueRange.maximum == 1023)
    #expect(abs(values.valueRange.mean - 714.2687680465074) < 1e-9)
  }

  @Test func uptakeOfARealSeriesMatches() throws {
    guard let folder = Reference.dicom else { return }
    let row = try #require(Reference.rows(folder + "/series.csv").first { $0["series"] == "pet_bqml" })
    let series = try Inventory.scan(try Files.list(["\(folder)/series/pet_bqml"])).choose().series
    let uptake = try PETUptake(series.instances[0]), expected = Double(row["suvbw_factor"]!)!
    // From 08:45:00 to 10:27:31.687; the manifest leaves the fraction of the second out, 0.007 %.
    let fraction = exp2(0.687 / 6586.2)
    #expect(abs(uptake.bodyWeightFactor / (expected * fraction) - 1) < 1e-9, "\(uptake.bodyWeightFactor)")
    #expect(abs(uptake.bodyWeightFactor / expected - 1) < 1e-4)
    #expect(abs(uptake.decayedDose / (587_929_992.67578 * exp2(-6151.687 / 6586.2)) - 1) < 1e-9)
    let suv = try series.read(values: .suvBodyWeight).grey.valueRange, activity = try series.read().grey.valueRange
    #expect(abs(suv.maximum / (activity.maximum * expected * fraction) - 1) < 1e-6)
    #expect(abs(suv.mean / (activity.mean * expected * fraction) - 1) < 1e-6)
    let error = #expect(throws: ImageError.self) { try series.read(values: .suvLeanBodyMass) }
    #expect(error?.what.contains("Patient's Size (0010,1020)") == true)
  }

  @Test func doseIsInGray() throws {
    guard let folder = Reference.dicom else { return }
    let header = try DICOMFile.header(folder + "/files/rtdose.dcm"), scaling = try #require(header.doseGridScaling)
    let stored = try Series([header]).read(policy: .accept, values: .stored).grey.valueRange
    let dose = try Series([header]).read(policy: .accept).grey
    #expect(dose.kind == .float32 && abs(dose.valueRange.maximum / (stored.maximum * scaling) - 1) < 1e-6)
  }

  @Test func realWorldValuesOfARealMapMatch() throws {
    guard let folder = Reference.dicom else { return }
    let path = folder + "/files/IM_0027_fMAP.dcm", header = try DICOMFile.header(path)
    let maps = try DICOMFile.realWorldValues(path)
    #expect(maps.count == 64 && maps.allSatisfy { $0.count == 1 })
    #expect(maps.count { $0[0].unit == "1" } == 32 && maps.count { $0[0].unit == "Hz" } == 32)
    // Magnitude and field map of the same places, 4 mm apart: two volumes.
    let volumes = Series.volumes(of: [header])
    #expect(volumes.map(\.label) == ["type FIELD_MAP", "type M"])
    for volume in volumes {
      let image = try volume.read()
      #expect(image.geometry.size.slices == 32 && abs(image.geometry.spacing.z - 4) < 1e-4)
    }
    // This scanner states rescale and real-world values alike.
    let frames = try header.modalityMaps(.standard)
    for (map, rescale) in zip(maps, frames) {
      #expect(abs(map[0].value(100) - rescale.value(100)) < 1e-9 * max(1, abs(rescale.value(100))))
    }
  }
}

@Suite("PET uptake · oracle: the formulas by hand")
struct PETUptakeOracle {
  private static func header(_ change: (inout InstanceHeader, inout PETAcquisition) -> Void = { _, _ in })
    -> InstanceHeader
  {
    var h = InstanceHeader(), p = PETAcquisition()
    h.modality = "PT"
    h.units = "BQML"
    h.patientSex = "F"
    p.weight = 60
    p.size = 1.6
    p.decayCorrection = "START"
    p.correctedImage = "DECY\\ATTN"
    p.totalDose = 4e8
    p.halfLife = 6000
    p.startTime = 8 * 3600
    p.seriesDateTime = DICOMTime.seconds(date: "20200310", time: "100000")
    p.acquisitionDateTime = DICOMTime.seconds(date: "20200310", time: "100500")
    change(&h, &p)
    h.pet = p
    return h
  }

  private static func factor(_ h: InstanceHeader) throws -> Double { try PETUptake(h).bodyWeightFactor }

  @Test func decayCorrectionDecides() throws {
    // 7200 s from injection to scan.
    let start = 60_000 / (4e8 * exp2(-1.2))
    #expect(abs(try Self.factor(Self.header()) / start - 1) < 1e-12)
    let admin = try Self.factor(Self.header { $1.decayCorrection = "ADMIN" })
    #expect(abs(admin / (60_000 / 4e8) - 1) < 1e-12)
    // The frame's own time: 7500 s, and the mean of 600 s of decay.
    let none = try Self.factor(
      Self.header {
        $1.decayCorrection = "NONE"
        $1.frameDuration = 600_000
      })
    let decay = log(2) / 6000.0 * 600, mean = log(decay / (1 - exp(-decay))) * 6000 / log(2)
    #expect(abs(mean - 298.27) < 0.01)
    #expect(abs(none / (60_000 / (4e8 * exp2(-(7500 + mean) / 6000))) - 1) < 1e-12)
  }

  @Test func slicesOfASeriesShareOneStart() throws {
    // Series Time lies after the first acquisition: the series was made anew, and the first acquisition counts.
    let headers = (0..<3).map { bed in
      Self.header {
        $1.seriesDateTime = DICOMTime.seconds(date: "20200310", time: "101200")
        $1.acquisitionDateTime = DICOMTime.seconds(date: "20200310", time: "100\(bed * 3)00")
        $0.instanceNumber = bed + 1
      }
    }
    let series = Series(headers)
    let maps = try series.valueMaps(series.frames, .suvBodyWeight, .standard)
    #expect(Set(maps.map { $0.value(1000) }).count == 1)
    var first = headers[0]
    let start = first.pet?.acquisitionDateTime
    first.pet?.firstAcquisition = start
    #expect(maps[2].value(1000) == 1000 * (try PETUptake(first).bodyWeightFactor))
  }

  @Test func scanStartIsFound() throws {
    func dose(_ change: (inout InstanceHeader, inout PETAcquisition) -> Void) throws -> Double {
      -log2(try PETUptake(Self.header(change)).decayedDose / 4e8) * 6000
    }
    let later = DICOMTime.seconds(date: "20200311", time: "120000")
    // A series made anew the day after: GE says when the scan was, else the frame and its reference time.
    #expect(
      abs(
        try dose {
          $1.seriesDateTime = later
          $1.geScanDateTime = DICOMTime.seconds(dateTime: "20200310100100.00")
        } - 7260) < 1e-6)
    #expect(
      abs(
        try dose {
          $1.seriesDateTime = later
          $1.frameReferenceTime = 300_000
          $1.frameDuration = 120_000
        } - (7500 - 300 + 59.93)) < 0.01)
    #expect(abs(try dose { $1.seriesDateTime = later } - 7500) < 1e-6)
    // Injection before midnight.
    #expect(
      abs(
        try dose {
          $1.startTime = 23 * 3600
          $1.seriesDateTime = DICOMTime.seconds(date: "20200310", time: "003000")
          $1.acquisitionDateTime = $1.seriesDateTime
        } - 5400) < 1e-6)
    #expect(
      abs(try dose { $1.startDateTime = DICOMTime.seconds(dateTime: "20200310093000+0100") } - 1800) < 1e-6)
  }

  @Test func unitsDecide() throws {
    #expect(
      try Self.factor(
        Self.header {
          $0.units = "GML"; $1 = PETAcquisition()
        }) == 1)
    #expect(
      try Self.factor(
        Self.header {
          $0.units = "CNTS"; $1.philipsSUVFactor = 0.25
        }) == 0.25)
    let counts = try Self.factor(
      Self.header {
        $0.units = "CNTS"; $1.philipsActivityFactor = 2
      })
    #expect(abs(counts / (try Self.factor(Self.header())) - 2) < 1e-12)
    #expect(throws: ImageError.self) {
      try Self.factor(
        Self.header {
          $0.units = "CNTS"; _ = $1
        })
    }
  }

  @Test func bodiesAreMeasured() throws {
    func ratio(_ values: PixelValues, _ sex: String = "F") throws -> Double {
      let u = try PETUptake(Self.header { h, _ in h.patientSex = sex })
      return try u.factor(values) / u.factor(.suvBodyWeight)
    }
    // 60 kg, 160 cm; BMI 23.4375.
    #expect(abs(try ratio(.suvLeanBodyMass) - 9270 / (8780 + 244 * 23.4375)) < 1e-12)
    #expect(abs(try ratio(.suvLeanBodyMass, "M") - 9270 / (6680 + 216 * 23.4375)) < 1e-12)
    #expect(abs(try ratio(.suvLeanBodyMassJames) - 43.3875 / 60) < 1e-12)
    #expect(abs(try ratio(.suvLeanBodyMassJames, "M") - 48.0 / 60) < 1e-12)
    #expect(abs(try ratio(.suvIdealBodyWeight) - 52.78 / 60) < 1e-12)
    #expect(abs(try ratio(.suvIdealBodyWeight, "M") - 56.48 / 60) < 1e-12)
    // Du Bois: 1.62 m² at 60 kg and 160 cm.
    #expect(abs(try ratio(.suvBodySurface) * 6 - 1.6225) < 2e-3)
  }

  /// Regression: the formulas for adults reach 0 at about a metre.
  @Test func idealWeightsAreAboveZero() throws {
    func factor(_ size: Double, _ sex: String) throws -> Double {
      try PETUptake(
        Self.header { h, p in
          h.patientSex = sex
          p.size = size
        }
      ).factor(.suvIdealBodyWeight)
    }
    for (size, sex) in [(1.01, "F"), (1.06, "M"), (0.5, "F"), (0.5, "M")] {
      let error = #expect(throws: ImageError.self, "\(size) \(sex)") { try factor(size, sex) }
      #expect(error?.kind == .unsupported)
    }
    #expect(try factor(1.03, "F") > 0 && factor(1.08, "M") > 0)
  }

  @Test func whatIsMissingIsNamed() {
    let cases: [(String, (inout InstanceHeader, inout PETAcquisition) -> Void)] = [
      ("(0010,1030)", { $1.weight = nil }), ("(0018,1074)", { $1.totalDose = nil }),
      ("(0018,1075)", { $1.halfLife = nil }), ("(0018,1072)", { $1.startTime = nil }),
      ("(0054,1102)", { $1.decayCorrection = "" }), ("(0054,1001)", { h, _ in h.units = "" }),
      ("(0028,0051)", { $1.correctedImage = "DECY" }), ("7 days", { $1.startDateTime = 0 }),
    ]
    for (text, change) in cases {
      let error = #expect(throws: ImageError.self) { try PETUptake(Self.header(change)) }
      #expect(error?.what.contains(text) == true, "\(text): \(String(describing: error))")
    }
    var ct = InstanceHeader()
    ct.modality = "CT"
    #expect(throws: ImageError.self) { try PETUptake(ct) }
  }

  @Test func timesAreRead() {
    #expect(DICOMTime.secondsOfDay("235959.5") == 86_399.5 && DICOMTime.secondsOfDay("07") == 25_200)
    #expect(DICOMTime.secondsOfDay("10:20:30") == 37_230 && DICOMTime.secondsOfDay("2500") == nil)
    #expect(DICOMTime.secondsOfDay("") == nil && DICOMTime.secondsOfDay("1x") == nil)
    #expect(
      DICOMTime.days("19700101") == 0 && DICOMTime.days("20000229") == 11_016 && DICOMTime.days("18991231") == -25_568)
    #expect(DICOMTime.days("20001301") == nil && DICOMTime.seconds(dateTime: "20240102030405.25") == 1_704_164_645.25)
  }
}

@Suite("Display · oracle: pydicom 3.0.2 apply_windowing and apply_voi")
struct DisplayOracle {
  private static let inputs: [Double] = [0, 1, 60, 99, 100, 101, 120, 128, 150, 199, 200, 201, 254, 255]
  /// Eight bits in and out, center 120.5, width 77.25.
  private static let outputs: [(DisplaySettings.Function, [Double])] = [
    (
      .linear, [0, 0, 0, 57.270492, 60.614754, 63.959016, 127.5, 154.254098, 227.827869, 255, 255, 255, 255, 255]
    ),
    (
      .linearExact,
      [0, 0, 0, 56.529126, 59.830097, 63.131068, 125.849515, 152.257282, 224.878641, 255, 255, 255, 255, 255]
    ),
    (
      .sigmoid,
      [
        0.496502, 0.522834, 10.65363, 63.051815, 65.541393, 68.094398, 125.849607, 151.950755, 209.518564, 250.696121,
        250.909821, 251.113074, 254.74649, 254.759271,
      ]
    ),
  ]

  @Test func windowsMatch() throws {
    for (function, expected) in Self.outputs {
      let window = DisplaySettings.Window(center: 120.5, width: 77.25, function: function)
      for (x, y) in zip(Self.inputs, expected) {
        #expect(abs(window.grey(x) * 255 - y) < 1e-6, "\(function) \(x)")
      }
      let volume = Volume<Int16>(Geometry(size: Size(columns: 14, rows: 1))) { v in
        for i in v.indices { v[i] = Int16(Self.inputs[i]) }
      }
      let greys = try DisplaySettings().grey(.i16(volume), .custom(window))
      #expect((0..<14).map { Double(greys[$0, 0]) } == expected.map { ($0 + 0.5).rounded(.down) })
      #expect(try DisplaySettings().grey(AnyVolume.i16(volume).converted(to: .float32), .custom(window)) == greys)
    }
  }

  @Test func tableOfARealFileMatches() throws {
    guard let folder = Reference.dicom else { return }
    let path = folder + "/files/vlut_04.dcm", settings = try DICOMFile.display(path)
    #expect(settings.tables.count == 1 && settings.windows.isEmpty && !settings.isInverted)
    let greys = try settings.grey(try Series([DICOMFile.header(path)]).read(policy: .accept).grey)
    #expect((100..<108).map { greys[$0, 100] } == [122, 122, 122, 122, 122, 135, 135, 122])
    #expect(abs(AnyVolume.u8(greys).valueRange.mean - 128.83002471923828) < 1e-9)
  }

  @Test func settingsAreRead() throws {
    let scratch = Scratch()
    var file = TestFile()
    file.image(columns: 2, rows: 1, [0, 100])
    file.set(.photometricInterpretation, "CS", "MONOCHROME1")
    file.set(.windowCenter, "DS", "50\\60\\1")
    file.set(.windowWidth, "DS", "100\\10\\0")
    file.set(.windowCenterWidthExplanation, "LO", "WIDE\\NARROW")
    file.set(.voiLUTFunction, "CS", "LINEAR_EXACT")
    try file.write(scratch("a"))
    let settings = try DICOMFile.display(scratch("a"))
    #expect(settings.windows.map(\.name) == ["WIDE", "NARROW"] && settings.isInverted)
    #expect(settings.windows[1] == .init(center: 60, width: 10, function: .linearExact, name: "NARROW"))
    let values = try Series([DICOMFile.header(scratch("a"))]).read().grey
    #expect(try settings.grey(values).withVoxels { Array($0) } == [255, 0])
    #expect(try settings.grey(values, .range).withVoxels { Array($0) } == [255, 0])
    #expect(throws: ImageError.self) { try settings.grey(values, .window(2)) }
    #expect(throws: ImageError.self) { try settings.grey(values, .table(0)) }
    #expect(throws: ImageError.self) { try settings.grey(values, .custom(.init(center: 0, width: -1))) }
  }

  @Test func flatImagesHaveARange() throws {
    let flat = AnyVolume.f32(Volume(Geometry(size: Size(columns: 2, rows: 2)), repeating: .nan))
    #expect(try DisplaySettings().grey(flat).withVoxels { Array($0) } == [0, 0, 0, 0])
  }
}

@Suite("Values · malformed: tables and mappings")
struct ValuesMalformed {
  private func file(_ change: (inout TestFile) -> Void) throws -> (Scratch, InstanceHeader) {
    let scratch = Scratch()
    var file = TestFile()
    file.image(columns: 2, rows: 2, [0, 1, 2, 9])
    change(&file)
    try file.write(scratch("a"))
    return (scratch, try DICOMFile.header(scratch("a")))
  }

  @Test func tablesAreCheckedAndClamped() throws {
    func values(_ descriptor: [Int], _ data: [Int]) throws -> AnyVolume {
      let (scratch, header) = try file {
        $0.set(
          .modalityLUTSequence,
          items: [
            {
              $0.set(.lutDescriptor, words: descriptor)
              $0.set(.lutData, words: data)
            }
          ])
      }
      return try withExtendedLifetime(scratch) { try Series([header]).read().grey }
    }
    guard case .u16(let v) = try values([3, 1, 16], [500, 600, 40_000]) else { return #expect(Bool(false)) }
    #expect(v.withVoxels { Array($0) } == [500, 500, 600, 40_000])
    // Eight-bit entries two a word.
    guard case .i16(let packed) = try values([4, 0, 8], [0x0201, 0x0403]) else { return #expect(Bool(false)) }
    #expect(packed.withVoxels { Array($0) } == [1, 2, 3, 4])
    for (descriptor, data) in [
      ([3, 0], [1, 2, 3]), ([5, 0, 16], [1, 2, 3]), ([3, 0, 32], [1, 2, 3]), ([3, 0, 16], []),
    ] {
      #expect(throws: ImageError.self) { try values(descriptor, data) }
    }
  }

  @Test func realWorldTablesAreChecked() throws {
    func values(_ fill: @escaping (inout TestFile) -> Void) throws -> [Float] {
      let (scratch, header) = try file { $0.set(.realWorldValueMappingSequence, items: [fill]) }
      return try withExtendedLifetime(scratch) {
        guard case .f32(let v) = try Series([header]).read(values: .realWorld).grey else { return [] }
        return v.withVoxels { Array($0) }
      }
    }
    let table = try values {
      $0.set(.realWorldValueFirstValueMapped, words: [1])
      $0.set(.realWorldValueLastValueMapped, words: [2])
      $0.set(.realWorldValueLUTData, doubles: [0.5, -7])
    }
    #expect(table[0].isNaN && table[1] == 0.5 && table[2] == -7 && table[3].isNaN)
    let line = try values {
      $0.set(.realWorldValueFirstValueMapped, words: [0])
      $0.set(.realWorldValueLastValueMapped, words: [2])
      $0.set(.realWorldValueSlope, doubles: [0.25])
      $0.set(.realWorldValueIntercept, doubles: [1])
    }
    #expect(line[0] == 1 && line[1] == 1.25 && line[2] == 1.5 && line[3].isNaN)
    #expect(throws: ImageError.self) { try values { $0.set(.lutLabel, "SH", "X") } }
    #expect(throws: ImageError.self) {
      try values {
        $0.set(.realWorldValueFirstValueMapped, words: [1])
        $0.set(.realWorldValueLastValueMapped, words: [9])
        $0.set(.realWorldValueLUTData, doubles: [0.5, -7])
      }
    }
    let (scratch, plain) = try file { _ in }
    #expect(throws: ImageError.self) { try Series([plain]).read(values: .realWorld) }
    _ = scratch
  }

  /// Regression: tables were read again under the standard limits, whatever the caller's.
  @Test func tablesAreReadUnderTheLimitsOfTheCaller() throws {
    var narrow = Limits()
    narrow.fileBytes = 16
    for (sequence, values) in [
      (Tag.modalityLUTSequence, PixelValues.modality), (.realWorldValueMappingSequence, .realWorld),
    ] {
      let (scratch, header) = try file {
        $0.set(
          sequence,
          items: [
            {
              $0.set(.lutDescriptor, words: [3, 1, 16])
              $0.set(.lutData, words: [1, 2, 3])
              $0.set(.realWorldValueSlope, doubles: [2])
            }
          ])
      }
      #expect(try header.valueMaps(values, .standard).count == 1)
      let error = #expect(throws: ImageError.self) { try header.valueMaps(values, narrow) }
      #expect(error?.kind == .limitExceeded)
      withExtendedLifetime(scratch) {}
    }
  }

  @Test func slopesOfZeroAreRefused() throws {
    let (scratch, header) = try file { $0.set(.rescaleSlope, "DS", "0") }
    #expect(throws: ImageError.self) { try Series([header]).read() }
    #expect(throws: ImageError.self) { try DICOMFile.statistics(scratch("a")) }
    #expect(try Series([header]).read(values: .stored).grey.valueRange.maximum == 9)
  }

  @Test func siemensHeadersThatLieAreRefused() {
    var bytes = Array("SV10".utf8) + [4, 3, 2, 1, 255, 255, 0, 0, 77, 0, 0, 0]
    #expect(SiemensHeader(bytes)?.values("X") == [])
    bytes[8] = 1
    bytes[9] = 0
    bytes += [UInt8](repeating: 255, count: 84)
    #expect(SiemensHeader(bytes)?.values("X") == [] && SiemensHeader([1, 2]) == nil)
    for n in 0..<bytes.count { _ = SiemensHeader(Array(bytes[..<n]))?.values("X") }
    #expect(SiemensHeader(bytes)?.protocolNumber("sSliceArray") == nil)
  }
}
