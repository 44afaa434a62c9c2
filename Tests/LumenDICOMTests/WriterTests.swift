// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenDICOM

@Suite("DICOM writer · property: what is written is read back")
struct WriterRoundTrip {
  static let syntaxes: [TransferSyntax] = [
    .explicitVRLittleEndian, .implicitVRLittleEndian, .deflatedExplicitVRLittleEndian, .explicitVRBigEndian,
    .rleLossless, .jpegLosslessSV1, .jpegLSLossless,
  ]

  /// A slice with every kind of neighbourhood: flat, ramp, noise, both extremes.
  static func instance(_ z: Int = 0, columns: Int = 37, rows: Int = 23) throws -> ImageInstance {
    let c = 0.8, s = 0.6
    let geometry = Geometry(
      size: Size(columns: columns, rows: rows), spacing: [0.7, 0.9, 2.5], origin: [-12.25, 33.5, 2.5 * Double(z)],
      direction: Direction(x: [c, s, 0], y: [-s, c, 0], z: [0, 0, 1]))
    var state: UInt32 = 7
    let pixels = Volume<Int16>(geometry) { out in
      for i in out.indices {
        state = state &* 1_664_525 &+ 1_013_904_223
        switch i % 4 {
        case 0: out[i] = -1024
        case 1: out[i] = Int16(i)
        default: out[i] = Int16(bitPattern: UInt16(state >> 16))
        }
      }
      out[0] = .min
      out[1] = .max
    }
    var instance = ImageInstance(pixels: pixels)
    instance.patientID = "P1"
    instance.patientName = "Müller^Zoë=山田"
    instance.studyInstanceUID = "2.25.1"
    instance.seriesInstanceUID = "2.25.2"
    instance.sopInstanceUID = "2.25.3.\(z + 1)"
    instance.frameOfReferenceUID = "2.25.4"
    instance.seriesDescription = "round trip"
    instance.instanceNumber = z + 1
    instance.seriesNumber = 5
    instance.rescaleIntercept = -3.5
    instance.rescaleSlope = 0.25
    instance.windowCenter = 40
    instance.windowWidth = 400
    return instance
  }

  @Test(arguments: syntaxes) func pixelsAndHeaderComeBack(_ syntax: TransferSyntax) throws {
    let scratch = Scratch(), instance = try Self.instance()
    try DICOMWriter.write(instance, to: scratch("a.dcm"), transferSyntax: syntax)
    let (h, pixels) = try DICOMFile.storedPixels(scratch("a.dcm"))
    #expect(pixels == .grey(.i16(instance.pixels.with(pixels.greyGeometry))))
    #expect(h.transferSyntax == syntax)
    #expect(h.patientName == "Müller^Zoë=山田" && h.patientID == "P1" && h.patientSex == "O")
    #expect(h.sopInstanceUID == "2.25.3.1" && h.seriesInstanceUID == "2.25.2" && h.studyInstanceUID == "2.25.1")
    #expect(h.frameOfReferenceUID == "2.25.4" && h.seriesNumber == 5 && h.instanceNumber == 1 && h.modality == "CT")
    #expect(h.rescaleSlope == 0.25 && h.rescaleIntercept == -3.5 && h.windowCenter == 40 && h.windowWidth == 400)
    #expect(h.sliceThickness == 2.5 && h.pixelSpacing == SIMD2(0.9, 0.7) && h.bitsStored == 16 && h.isSigned)
    #expect(pixels.greyGeometry.difference(from: instance.pixels.geometry) == nil)
  }

  @Test(arguments: syntaxes) func sameInstanceGivesSameBytes(_ syntax: TransferSyntax) throws {
    let scratch = Scratch(), instance = try Self.instance()
    try DICOMWriter.write(instance, to: scratch("a.dcm"), transferSyntax: syntax)
    try DICOMWriter.write(instance, to: scratch("b.dcm"), transferSyntax: syntax)
    let a = try Files.read(scratch("a.dcm"))
    #expect(try a == Files.read(scratch("b.dcm")))
    #expect(try Files.list([scratch.path]).count == 2)
    #expect(String(decoding: a.prefix(400), as: UTF8.self).contains("LUMEN_0_1"))
    #expect(!String(decoding: a, as: UTF8.self).contains("OFFIS"))
  }

  @Test func flatImagesOfOddSizeComeBack() throws {
    let scratch = Scratch()
    for (columns, rows) in [(1, 1), (3, 1), (1, 5), (65, 33), (512, 4)] {
      var instance = try Self.instance(columns: 64, rows: 64)
      instance.pixels = Volume(Geometry(size: Size(columns: columns, rows: rows)), repeating: -1000)
      instance.sliceThickness = 1
      for syntax in Self.syntaxes {
        let path = scratch("\(columns)x\(rows)-\(syntax.rawValue).dcm")
        try DICOMWriter.write(instance, to: path, transferSyntax: syntax)
        #expect(
          try DICOMFile.storedPixels(path).pixels == .grey(.i16(instance.pixels)), "\(syntax), \(columns) × \(rows)")
      }
    }
  }

  @Test func unwritableInstancesAreRefused() throws {
    let scratch = Scratch(), good = try Self.instance()
    var bad = good
    bad.sopInstanceUID = ""
    #expect(throws: ImageError.self) { try DICOMWriter.write(bad, to: scratch("a.dcm")) }
    bad = good
    bad.studyInstanceUID = "1.02.x"
    #expect(throws: ImageError.self) { try DICOMWriter.write(bad, to: scratch("a.dcm")) }
    bad = good
    bad.seriesDescription = "a\\b"
    #expect(throws: ImageError.self) { try DICOMWriter.write(bad, to: scratch("a.dcm")) }
    #expect(throws: ImageError.self) { try DICOMWriter.write(good, to: scratch("a.dcm"), transferSyntax: .htj2k) }
    #expect(throws: ImageError.self) { try DICOMWriter.write(good, to: scratch("no/such/folder/a.dcm")) }
    #expect(try Files.list([scratch.path]).isEmpty)
  }

  @Test func decimalStringsFitAndAreNearest() {
    for value in [0.1, -0.976562, 1e-7, -3.3333333333333335, 123456789.123456789, -1.2345678901234567e-10, 2.5, 0] {
      let text = decimalString(value)
      #expect(text.utf8.count <= 16)
      #expect(abs((Double(text) ?? .nan) - value) <= abs(value) * 1e-9)
    }
  }
}

extension StoredPixels {
  /// Geometry of grey pixels.
  fileprivate var greyGeometry: Geometry {
    switch self {
    case .grey(let volume): volume.geometry
    case .colour(let images): Geometry(size: Size(columns: images[0].columns, rows: images[0].rows))
    }
  }
}
