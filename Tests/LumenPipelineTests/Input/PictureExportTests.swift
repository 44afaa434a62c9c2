// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import LumenDICOM
import LumenFormats
import Testing

@testable import LumenPipeline

@Suite("Pictures for people")
struct PictureExportProperty {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "lumen-picture-\(UUID().uuidString)").path
  private static var fixtures: String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../fixtures").standardized.path
  }

  private func grey(_ path: String) throws -> Volume<UInt8> {
    guard case .u8(let v) = try InputImage(contentsOf: path).volume else {
      throw ImageError(.malformed, "expected 8 bits")
    }
    return v
  }

  @Test func windowMapsValuesToGrey() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let volume = Volume<Int16>(Geometry(size: Size(columns: 4, rows: 1, slices: 2))) { out in
      for (i, v) in [0, 0, 0, 0, -160, 39, 40, 240].enumerated() { out[i] = Int16(v) }
    }
    try ImageFile.write(AnyVolume.i16(volume), to: folder + "/a.nii")
    let error = #expect(throws: ImageError.self) {
      _ = try PictureExport.write(folder + "/a.nii", to: folder + "/a.png")
    }
    #expect(error?.kind == .invalidParameter && error?.what.contains("2 slices") == true)
    _ = try PictureExport.write(
      folder + "/a.nii", to: folder + "/a.png", slice: 2, window: DisplaySettings.Window(center: 40, width: 400))
    // PS3.3 C.11.2.1.2.1: ((x - 39.5) / 399 + 0.5) * 255.
    let v = try grey(folder + "/a.png")
    #expect((0..<4).map { v[$0, 0] } == [0, 127, 128, 255])
    #expect(throws: ImageError.self) {
      _ = try PictureExport.write(folder + "/a.nii", to: folder + "/a.png", slice: 3)
    }
  }

  @Test func dicomIsShownThroughItsOwnWindow() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let input = Self.fixtures + "/cohort/case-01"
    _ = try PictureExport.write(input, to: folder + "/own.png", slice: 5)
    let own = try grey(folder + "/own.png"), image = try InputImage(contentsOf: input)
    let settings = try DICOMFile.display(try #require(image.series).instances[0].path)
    let expected = try settings.grey(image.volume)
    for y in stride(from: 0, to: own.size.rows, by: 7) {
      for x in stride(from: 0, to: own.size.columns, by: 5) { #expect(own[x, y] == expected[x, y, 4]) }
    }
  }
}
