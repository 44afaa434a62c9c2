// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFormats

@Suite("Image format · signatures (oracle: the formats' specifications)")
struct ImageFormatTests {
  @Test func detectsByContent() {
    var dicom = [UInt8](repeating: 0, count: 200)
    dicom.replaceSubrange(128..<132, with: "DICM".utf8)
    var dual = dicom
    dual.replaceSubrange(0..<4, with: [0x49, 0x49, 0x2A, 0])  // a TIFF header in the preamble
    let cases: [([UInt8], ImageFormat)] = [
      (dicom, .dicom), (dual, .dicom), ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0], .png),
      ([0xFF, 0xD8, 0xFF, 0xE0], .jpeg), ([0xFF, 0xD8, 0xFF, 0xF7], .jpegLS), ([0xFF, 0x4F, 0xFF, 0x51], .jpeg2000),
      ([0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20, 0x0D, 0x0A], .jpeg2000), ([0x1F, 0x8B, 8, 0], .gzip),
      (Array("NRRD0004\n".utf8), .nrrd),
      (Array("ObjectType = Image\nNDims = 3\n".utf8), .metaImage), (Array("Comment = a\r\nNDims=2".utf8), .metaImage),
      ([0x4D, 0x4D, 0, 0x2A], .tiff), ([0xFF, 0x0A, 0xFA], .jpegXL), ([0, 0, 0, 12, 0x4A, 0x58, 0x4C, 0x20], .jpegXL),
      (Array("GIF89a".utf8), .gif), (Array("RIFF\0\0\0\0WEBP".utf8), .webp), (Array("BM\0\0\0\0\0\0\0\0".utf8), .bmp),
      ([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A], .hdf5), ([0x93] + Array("NUMPY".utf8), .numpy),
      (Array("# vtk DataFile Version 3.0".utf8), .vtk), (Array("PK\u{3}\u{4}".utf8), .zip),
      (Array("BZh9".utf8), .bzip2), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], .xz), (Array("%PDF-1.7".utf8), .pdf),
    ]
    for (head, format) in cases { #expect(ImageFormat.detect(head) == format) }
    let volume = AnyVolume.u8(Volume(Geometry(size: Size(columns: 2, rows: 2)), repeating: 0))
    #expect(ImageFormat.detect(NIfTI.encode(volume, gzip: false)) == .nifti)
    let seen = Set(cases.map(\.1)).union([.nifti, .analyze])
    #expect(seen == Set(ImageFormat.allCases))
  }

  @Test func unknownBytesAreNoFormat() {
    #expect(ImageFormat.detect([]) == nil)
    #expect(ImageFormat.detect(Array("hello, world".utf8)) == nil)
    #expect(ImageFormat.detect(Array("a = b\nc = d\n".utf8)) == nil)
    #expect(ImageFormat.detect([UInt8](repeating: 0, count: 1024)) == nil)
  }

  @Test func analyzeIsNamed() {
    var head = [UInt8](repeating: 0, count: 348)
    head.replaceSubrange(0..<2, with: [92, 1])
    #expect(ImageFormat.detect(head) == nil)
    head[38] = UInt8(ascii: "r")
    #expect(ImageFormat.detect(head) == .analyze)
    #expect(throws: ImageFormat.analyze.notRead) { try NIfTI.read(head) }
  }

  @Test func namesAreDistinct() { #expect(Set(ImageFormat.allCases.map(\.name)).count == ImageFormat.allCases.count) }
}
