// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
import LumenCore
import Testing

@testable import LumenFormats

@Suite("Image file · by content and by name (property)")
struct ImageFileTests {
  static let volume = AnyVolume.u16(
    Volume(Geometry(size: Size(columns: 4, rows: 3, slices: 2), spacing: [1, 2, 3], origin: [4, 5, 6])) { out in
      for i in 0..<out.count { out[i] = UInt16(i * 100) }
    })
  static let slice = AnyVolume.u8(
    Volume(Geometry(size: Size(columns: 4, rows: 3))) { out in for i in 0..<out.count { out[i] = UInt8(i) } })

  @Test func readsBackWhatItWrites() throws {
    let folder = try TemporaryFolder()
    for name in ["a.nii", "b.nii.gz", "C.NII.GZ", "g.nrrd", "h.mha"] {
      let path = "\(folder.path)/\(name)"
      try ImageFile.write(Self.volume, to: path)
      #expect(try ImageFile.read(path) == .grey(Self.volume))
      #expect(try AnyVolume(contentsOf: path) == Self.volume)
      #expect(try ImageFile.read(path, volume: 1) == .grey(Self.volume))
      #expect(try ImageFile.volumes(path) == [Self.volume])
      #expect(throws: ImageError.self) { try ImageFile.read(path, volume: 2) }
    }
    try ImageFile.write(Self.slice, to: "\(folder.path)/d.png")
    #expect(try AnyVolume(contentsOf: "\(folder.path)/d.png") == Self.slice)
    try ImageFile.write(Self.slice, to: "\(folder.path)/e.JPG")
    #expect(try Files.head("\(folder.path)/e.JPG", 3) == [0xFF, 0xD8, 0xFF])
    let colour = ColourImage(columns: 2, rows: 1, samples: [1, 2, 3, 4, 5, 6])
    try ImageFile.write(colour, to: "\(folder.path)/f.png")
    #expect(try ImageFile.read("\(folder.path)/f.png") == .colour(colour))
    #expect(throws: ImageError.self) { try AnyVolume(contentsOf: "\(folder.path)/f.png") }
    #expect(try Files.list([folder.path]).count == 8)  // no temporary file is left
  }

  @Test func contentDecidesNotTheName() throws {
    let folder = try TemporaryFolder()
    try Files.write(PNG.encode(Self.slice), to: "\(folder.path)/wrong.nii.gz")
    #expect(try ImageFile.read("\(folder.path)/wrong.nii.gz") == .grey(Self.slice))
  }

  @Test func errorsNameFileAndFormat() throws {
    let folder = try TemporaryFolder()
    func failure(_ name: String, _ bytes: [UInt8]) throws -> ImageError {
      let path = "\(folder.path)/\(name)"
      try Files.write(bytes, to: path)
      do throws(ImageError) {
        _ = try ImageFile.read(path)
        return ImageError(.io, "no error")
      } catch {
        #expect(error.place == path)
        return error
      }
    }
    let gif = try failure("a.nii", Array("GIF89a..".utf8))
    #expect(gif.kind == .unsupported && gif.what == "GIF file: this format is not read")
    #expect(
      gif.hint == "convert it first: DICOM, PNG, JPEG, NIfTI, NRRD, MetaImage, TIFF are read"
        || ImageFormat.jpegLS.isReadable)
    #expect(try failure("a.nrrd", Array("NRRD0004\ntype: short\n".utf8)).kind == .malformed)
    #expect(try failure("b.png", Array("hello, world".utf8)).what.contains("68 65 6c 6c 6f 2c 20 77"))
    #expect(try failure("c.png", []).kind == .malformed)
    #expect(try failure("d.gz", Gzip.compress(Array("NRRD0004\n".utf8))).what.contains("NRRD data"))
    #expect(try failure("e.gz", Gzip.compress([])).kind == .unsupported)
    #expect(try failure("f.png", Array(PNG.encode(Self.slice).dropLast(20))).kind == .malformed)
    #expect(try failure("g.nii", Array(NIfTI.encode(Self.volume, gzip: false).dropLast())).kind == .malformed)
    for format in ImageFormat.allCases where !format.isReadable { #expect(format.notRead.what.hasPrefix(format.name)) }
    do throws(ImageError) {
      _ = try ImageFile.read("\(folder.path)/absent.nii")
      Issue.record("an absent file is an error")
    } catch {
      #expect(error.kind == .notFound)
    }
  }

  @Test func writesOnlyWhatAFormatHolds() throws {
    let folder = try TemporaryFolder()
    for name in ["v.png", "v.jpg", "v.tiff", "v", "v.dcm"] {
      do throws(ImageError) {
        try ImageFile.write(Self.volume, to: "\(folder.path)/\(name)")
        Issue.record("\(name) was written")
      } catch {
        #expect(error.kind == .invalidParameter && error.place == "\(folder.path)/\(name)")
      }
    }
    #expect(throws: ImageError.self) { try ImageFile.write(Self.volume, to: "\(folder.path)/no/such/folder.nii") }
    #expect(try Files.list([folder.path]).isEmpty)
  }

  @Test func emptyFolderHoldsNoSeries() throws {
    let folder = try TemporaryFolder()
    #expect { try AnyVolume(contentsOf: folder.path) } throws: { ($0 as? ImageError)?.kind == .notFound }
  }
}
