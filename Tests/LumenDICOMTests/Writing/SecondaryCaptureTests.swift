// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenDICOM

@Suite("Secondary capture · property: pictures are read back")
struct CaptureRoundTrip {
  /// One and three frames of colour, bytes and words; odd sizes.
  static func pictures() -> [SecondaryCapture.Pixels] {
    func colour(_ n: Int) -> ColourImage {
      var samples: [UInt16] = []
      for i in 0..<51 * 41 { samples += [UInt16(i * n % 256), UInt16(i / 51 * 6), UInt16(i % 51 * 5)] }
      return ColourImage(columns: 51, rows: 41, samples: samples)
    }
    func size(_ slices: Int) -> Geometry { Geometry(size: Size(columns: 51, rows: 41, slices: slices)) }
    var all: [SecondaryCapture.Pixels] = []
    for frames in [1, 3] {
      let bytes = Volume<UInt8>(size(frames)) { out in for i in out.indices { out[i] = UInt8(i % 251) } }
      let words = Volume<UInt16>(size(frames)) { out in for i in out.indices { out[i] = UInt16(i * 77 % 65_536) } }
      all += [.colour((1...frames).map(colour)), .grey8(bytes), .grey16(words)]
    }
    return all
  }

  static func capture(_ pixels: SecondaryCapture.Pixels) throws -> SecondaryCapture {
    let scratch = Scratch()
    try DICOMWriter.write(try WriterRoundTrip.instance(), to: scratch("source.dcm"))
    var capture = SecondaryCapture(
      pixels, of: try DICOMFile.header(scratch("source.dcm")), seriesInstanceUID: "2.25.500",
      sopInstanceUID: "2.25.501", equipment: Equipment(version: "0.1"),
      created: Timestamp(date: "20260102", time: "030405"))
    capture.seriesDescription = "quality control"
    return capture
  }

  @Test(arguments: [
    TransferSyntax.explicitVRLittleEndian, .implicitVRLittleEndian, .explicitVRBigEndian,
    .deflatedExplicitVRLittleEndian, .rleLossless, .jpegLosslessSV1,
  ]) func pixelsComeBack(_ syntax: TransferSyntax) throws {
    let scratch = Scratch()
    for (i, pixels) in Self.pictures().enumerated() {
      let path = scratch("\(i).dcm")
      try DICOMWriter.write(try Self.capture(pixels), to: path, transferSyntax: syntax)
      let (header, read) = try DICOMFile.storedPixels(path)
      switch pixels {
      case .colour(let images): #expect(read == .colour(images))
      case .grey8(let volume): #expect(read == .grey(.u8(volume.with(read.greyGeometryOrSame(volume.geometry)))))
      case .grey16(let volume): #expect(read == .grey(.u16(volume.with(read.greyGeometryOrSame(volume.geometry)))))
      }
      #expect(header.patientID == "P1" && header.studyInstanceUID == "2.25.1" && header.seriesInstanceUID == "2.25.500")
      #expect(header.patientName == "Müller^Zoë=山田" && header.frames == (i < 3 ? 1 : 3))
      let classes = ["7", "7", "7", "7.4", "7.2", "7.3"]
      #expect(header.sopClassUID == "1.2.840.10008.5.1.4.1.1." + classes[i])
    }
  }

  @Test func mixedFramesAreRefused() throws {
    let scratch = Scratch()
    let small = ColourImage(columns: 1, rows: 1, samples: [1, 2, 3])
    let large = ColourImage(columns: 2, rows: 1, samples: [1, 2, 3, 4, 5, 6])
    let deep = ColourImage(columns: 1, rows: 1, bits: 16, samples: [1, 2, 3])
    for frames in [[], [small, large], [deep]] {
      #expect(throws: ImageError.self) {
        try DICOMWriter.write(try Self.capture(.colour(frames)), to: scratch("a.dcm"))
      }
    }
  }

  @Test func faultySourcesDoNotSpoilTheObject() throws {
    var header = InstanceHeader()
    header.studyInstanceUID = "2.25.1"
    header.patientBirthDate = "12.03.1950"
    header.patientSex = "male"
    header.patientID = String(repeating: "9", count: 80)
    header.studyTime = "10:30"
    header.patientName = "A^B"
    let study = Attributes(patientAndStudyOf: header)
    #expect(study[.patientBirthDate] == .empty && study[.patientSex] == .empty && study[.patientID] == .empty)
    #expect(study[.studyTime] == .empty && study[.patientName] == "A^B")
    let scratch = Scratch()
    try DICOMWriter.write(minimal(study), to: scratch("a.dcm"))
  }
}

extension StoredPixels {
  fileprivate func greyGeometryOrSame(_ other: Geometry) -> Geometry {
    if case .grey(let volume) = self, volume.size == other.size { volume.geometry } else { other }
  }
}
