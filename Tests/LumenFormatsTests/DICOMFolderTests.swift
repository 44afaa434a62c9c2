// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenFormats

@Suite("DICOM through image files · handmade instances (oracle: PS3.5 encoding by hand)")
struct DICOMFolderTests {
  /// An explicit little-endian instance of 3 × 2 pixels of 16 bits, values first, first + 1 …
  ///
  /// Pictures are frames of a colour instance; a type is its Image Type.
  static func instance(
    series: String, number: Int, first: Int, colour: Bool = false, pictures: Int = 1, type: String = ""
  ) -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    func element(_ group: Int, _ element: Int, _ vr: String, _ value: [UInt8]) -> [UInt8] {
      let padded = value.count % 2 == 0 ? value : value + [vr == "UI" || vr == "OB" ? 0 : 0x20]
      let head = little(group, 2) + little(element, 2) + Array(vr.utf8)
      return head + (["OB", "OW"].contains(vr) ? [0, 0] + little(padded.count, 4) : little(padded.count, 2)) + padded
    }
    func text(_ group: Int, _ number: Int, _ vr: String, _ value: String) -> [UInt8] {
      element(group, number, vr, Array(value.utf8))
    }
    func short(_ group: Int, _ number: Int, _ value: Int) -> [UInt8] { element(group, number, "US", little(value, 2)) }
    let sop = "1.2.840.10008.5.1.4.1.1.7"
    let uid = "1.2.3.\(series).\(number)"
    let meta =
      element(2, 1, "OB", [0, 1]) + text(2, 2, "UI", sop) + text(2, 3, "UI", uid)
      + text(2, 0x10, "UI", "1.2.840.10008.1.2.1") + text(2, 0x12, "UI", "1.2.3.9")
    var data = type.isEmpty ? [] : text(8, 8, "CS", type)
    data += text(8, 0x16, "UI", sop) + text(8, 0x18, "UI", uid) + text(8, 0x60, "CS", "OT")
    data += text(0x18, 0x50, "DS", "4")
    data += text(0x20, 0xD, "UI", "1.2.3.1") + text(0x20, 0xE, "UI", "1.2.3.\(series)")
    data += text(0x20, 0x13, "IS", "\(number)") + text(0x20, 0x32, "DS", "10\\20\\\(30 + 4 * number)")
    data += text(0x20, 0x37, "DS", "1\\0\\0\\0\\1\\0") + text(0x20, 0x52, "UI", "1.2.3.2")
    data += short(0x28, 2, colour ? 3 : 1) + text(0x28, 4, "CS", colour ? "RGB" : "MONOCHROME2")
    data += colour ? short(0x28, 6, 0) : []
    data += pictures > 1 ? text(0x28, 8, "IS", "\(pictures)") : []
    data += short(0x28, 0x10, 2) + short(0x28, 0x11, 3) + text(0x28, 0x30, "DS", "0.5\\0.25")
    let bits = colour ? 8 : 16
    data += short(0x28, 0x100, bits) + short(0x28, 0x101, bits) + short(0x28, 0x102, bits - 1) + short(0x28, 0x103, 0)
    data += element(
      0x7FE0, 0x10, colour ? "OB" : "OW",
      colour ? (0..<18 * pictures).map { UInt8(first + $0) } : (0..<6).flatMap { little(first + $0, 2) })
    return [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + element(2, 0, "UL", little(meta.count, 4)) + meta
      + data
  }

  @Test func readsAFolderOfOneSeries() throws {
    let folder = try TemporaryFolder()
    // Names in the opposite order of the positions.
    try Files.write(Self.instance(series: "5", number: 2, first: 600), to: "\(folder.path)/a")
    try Files.write(Self.instance(series: "5", number: 1, first: 500), to: "\(folder.path)/b")
    let volume = try AnyVolume(contentsOf: folder.path)
    #expect(volume.size == Size(columns: 3, rows: 2, slices: 2) && volume.kind == .uint16)
    #expect(
      rawBytes(volume)
        == [500, 501, 502, 503, 504, 505, 600, 601, 602, 603, 604, 605].flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
    #expect(volume.geometry.spacing == [0.25, 0.5, 4] && volume.geometry.origin == [10, 20, 34])
    let one = try AnyVolume(contentsOf: "\(folder.path)/a")
    #expect(one.size == Size(columns: 3, rows: 2) && one.geometry.origin == [10, 20, 38])
  }

  @Test func severalSeriesAreCounted() throws {
    let folder = try TemporaryFolder()
    for series in ["5", "6", "7"] {
      try Files.write(Self.instance(series: series, number: 1, first: 1), to: "\(folder.path)/\(series)")
    }
    do throws(ImageError) {
      _ = try AnyVolume(contentsOf: folder.path)
      Issue.record("three series are no volume")
    } catch {
      #expect(error.kind == .invalidParameter && error.what == "3 volumes, expected one")
      #expect(error.place == folder.path && error.hint != nil)
    }
  }

  @Test func colourIsAPicture() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/c"
    try Files.write(Self.instance(series: "8", number: 1, first: 7, colour: true), to: path)
    let expected = ColourImage(columns: 3, rows: 2, samples: (7..<25).map { UInt16($0) })
    #expect(try ImageFile.read(path) == .colour(expected))
    #expect { try AnyVolume(contentsOf: path) } throws: { ($0 as? ImageError)?.kind == .invalidParameter }
  }

  @Test func aCutInstanceIsAnError() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/cut"
    for end in [140, 300, 500, Self.instance(series: "5", number: 1, first: 1).count - 2] {
      try Files.write(Array(Self.instance(series: "5", number: 1, first: 1)[..<end]), to: path)
      do throws(ImageError) {
        _ = try ImageFile.read(path)
        Issue.record("an instance of \(end) bytes was read")
      } catch {
        #expect(error.place?.hasPrefix(path) == true)
      }
    }
  }
}

@Suite("DICOM through image files · regression: what is left out is never silent")
struct DICOMFolderRegression {
  private static func picture(_ first: Int) -> ColourImage {
    ColourImage(columns: 3, rows: 2, samples: (first..<first + 18).map { UInt16($0) })
  }

  @Test func severalPicturesAreCountedAndChosen() throws {
    let folder = try TemporaryFolder(), path = "\(folder.path)/c"
    try Files.write(
      DICOMFolderTests.instance(series: "8", number: 1, first: 7, colour: true, pictures: 3), to: path)
    let error = #expect(throws: ImageError.self) { try ImageFile.read(path) }
    #expect(error?.kind == .invalidParameter && error?.what == "holds 3 colour pictures, expected one")
    #expect(error?.place == path)
    for volume in 1...3 {
      #expect(try ImageFile.read(path, volume: volume) == .colour(Self.picture(7 + 18 * (volume - 1))))
    }
    for volume in [Int.min, -1, 0, 4, .max] {
      let error = #expect(throws: ImageError.self) { try ImageFile.read(path, volume: volume) }
      #expect(error?.kind == .invalidParameter, "\(volume)")
    }
    #expect(throws: ImageError.self) { try ImageFile.volumes(path) }
  }

  @Test func localizersAreLeftAside() throws {
    let folder = try TemporaryFolder()
    for number in 1...3 {
      try Files.write(
        DICOMFolderTests.instance(series: "5", number: number, first: 10 * number), to: "\(folder.path)/\(number)")
    }
    try Files.write(
      DICOMFolderTests.instance(series: "5", number: 9, first: 90, type: "ORIGINAL\\PRIMARY\\LOCALIZER"),
      to: "\(folder.path)/scout")
    #expect(try AnyVolume(contentsOf: folder.path).size == Size(columns: 3, rows: 2, slices: 3))
    #expect(try AnyVolume(contentsOf: folder.path, volume: 2).size == Size(columns: 3, rows: 2, slices: 1))
    #expect(throws: ImageError.self) { try AnyVolume(contentsOf: folder.path, volume: 3) }
  }
}
