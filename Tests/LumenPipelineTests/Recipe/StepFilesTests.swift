// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import LumenFormats
import Testing

@testable import LumenPipeline

@Suite("Filtering files · within a budget of memory", .serialized)
struct StepFilesTests {
  private let folder: String
  private let grid = Geometry(
    size: Size(columns: 23, rows: 19, slices: 41), spacing: [0.8, 1, 1.25], origin: [3, -2, 7])

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "filter-\(UUID().uuidString)").path
    try Files.makeFolder(folder)
  }

  private func image(_ kind: VoxelKind) -> AnyVolume {
    let v = Volume<Float>(grid) { out in
      var s: UInt32 = 9
      for i in out.indices {
        s = s &* 1_664_525 &+ 1_013_904_223
        out[i] = Float(s >> 24) / 2 + Float(i % 23)
      }
    }
    return AnyVolume.f32(v).converted(to: kind)
  }

  /// A budget that holds about this many slices of voxels.
  private func budget(_ slices: Int, _ kind: VoxelKind, scratch: Int = 1) -> Int {
    [Step].overhead + slices * grid.size.plane * (2 * kind.bytes + 3 * max(4, kind.bytes) + 4 * scratch)
  }

  @Test("the same bytes as of the whole volume", arguments: ["nii", "nii.gz", "nrrd", "nhdr", "mha", "mhd"])
  func sameBytes(_ ending: String) throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for (chain, kind, slices) in [
      ("gaussian(sigma=1mm)", VoxelKind.int16, 11), ("median(radius=2)", .uint8, 7), ("mean(size=3)", .float32, 4),
      ("grey-closing(shape=ball, radius=2mm), clip(lower=10, upper=90), gradient-magnitude(sigma=1mm)", .int16, 24),
      ("local-binary-pattern, clip(lower=1, upper=6)", .uint16, 3),
    ] {
      let input = "\(folder)/in.\(ending)", whole = "\(folder)/whole.\(ending)", slabs = "\(folder)/slabs.\(ending)"
      try ImageFile.write(image(kind), to: input)
      let steps = try Step.parse(chain)
      _ = try steps.filter(input, to: whole, memory: 1 << 40)
      let read = try AnyVolume(contentsOf: input), filtered = try AnyVolume(contentsOf: whole)
      #expect(filtered.geometry == read.geometry)
      #expect(try filtered == steps.filtered(read).with(filtered.geometry))
      _ = try steps.filter(input, to: slabs, memory: budget(slices, kind))
      #expect(try AnyVolume(contentsOf: slabs) == AnyVolume(contentsOf: whole))
      if !ending.hasSuffix("hdr"), !ending.hasSuffix("mhd") { #expect(try Files.read(slabs) == Files.read(whole)) }
    }
    // In place.
    let path = "\(folder)/in.\(ending)", steps = try Step.parse("gaussian(sigma=1mm)")
    let expected = try steps.filtered(AnyVolume(contentsOf: path))
    _ = try steps.filter(path, to: path, memory: budget(12, .uint16))
    let filtered = try AnyVolume(contentsOf: path)
    #expect(filtered == expected.with(filtered.geometry))
  }

  @Test func namesTheFilterThatNeedsTheWholeVolume() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let input = "\(folder)/in.nii", output = "\(folder)/out.nii"
    try ImageFile.write(image(.int16), to: input)
    for (chain, name) in [
      ("gaussian(sigma=1mm), rescale", "rescale"), ("gaussian(sigma=1mm, boundary=periodic)", "gaussian"),
      ("simoncelli", "simoncelli"), ("resample(spacing=1mm)", "resample"),
    ] {
      let error = #expect(throws: ImageError.self) {
        try Step.parse(chain).filter(input, to: output, memory: budget(20, .int16))
      }
      #expect(error?.kind == .limitExceeded)
      #expect(
        error?.what.hasPrefix("\(name) depends on the whole volume: that takes 64.") == true, "\(error?.what ?? "")")
      #expect(!Files.exists(output))
    }
  }

  @Test func saysTheLeastBudgetAndWhatIsNotWrittenInSlabs() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let input = "\(folder)/in.nii", steps = try Step.parse("gaussian(sigma=1mm)")
    try ImageFile.write(image(.int16), to: input)
    for (output, memory, text) in [
      ("out.nii", budget(3, .int16), "slices at once take"), ("out.nii", 1 << 20, "slices at once take"),
      ("out.png", budget(12, .int16), "is not written in slabs"),
    ] {
      let error = #expect(throws: ImageError.self) {
        try steps.filter(input, to: "\(folder)/\(output)", memory: memory)
      }
      #expect(error?.kind == .limitExceeded)
      #expect(error?.what.contains(text) == true, "\(error?.what ?? "")")
      #expect(!Files.exists("\(folder)/\(output)"))
    }
    let picture = "\(folder)/p.png"
    try ImageFile.write(.u8(Volume(Geometry(size: Size(columns: 50, rows: 40)), repeating: 7)), to: picture)
    _ = try steps.filter(picture, to: "\(folder)/q.nii", memory: 1 << 30)
    let error = #expect(throws: ImageError.self) {
      try steps.filter(picture, to: "\(folder)/q.nii", memory: [Step].overhead + 5000)
    }
    #expect(error?.kind == .limitExceeded)
    #expect(error?.what.contains("not read in slabs") == true, "\(error?.what ?? "")")
  }
}
