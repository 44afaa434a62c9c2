// SPDX-License-Identifier: Apache-2.0
import Foundation
import LumenCore
import LumenDICOM
import LumenFormats
import Testing

@testable import LumenPipeline

/// From an image and a mask to DICOM objects and back, through the command itself.
@Suite("Regions · property: the same voxels and values whatever file they travel in", .serialized)
struct RegionCommandTests {
  private let image = BatchTests.cohort + "/case-01", mask = BatchTests.root + "fixtures/masks/case-01.nii.gz"

  private func lumen(_ arguments: [String]) throws -> (status: Int32, output: String, errors: String) {
    let process = Process(), out = Pipe(), err = Pipe()
    process.executableURL = URL(filePath: BatchTests.command)
    process.arguments = arguments
    (process.standardOutput, process.standardError) = (out, err)
    try process.run()
    let text = out.fileHandleForReading.readDataToEndOfFile(),
      complaint = err.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (
      process.terminationStatus, String(decoding: text, as: UTF8.self), String(decoding: complaint, as: UTF8.self)
    )
  }

  private func inFolder(_ body: (String) throws -> Void) throws {
    let url = FileManager.default.temporaryDirectory.appending(path: "lumen-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: url) }
    try body(url.path())
  }

  @Test func masksSurviveEveryFormat() throws {
    try inFolder { folder throws in
      for (name, flags) in [
        ("seg.dcm", []), ("rs.dcm", ["--rtstruct"]), ("m.nrrd", []), ("m.mha", []), ("m.nii.gz", []),
      ] {
        let file = "\(folder)/\(name)"
        #expect(try lumen(["mask", image, mask, "-o", file] + flags).status == 0)
        let back = "\(folder)/back.nii.gz"
        #expect(try lumen(["mask", image, file, "-o", back]).status == 0)
        #expect(try LabelMap(contentsOf: back).voxels == LabelMap(contentsOf: mask).voxels, "\(name)")
      }
    }
  }

  @Test func reportsHoldTheValuesOfTheTable() throws {
    try inFolder { folder throws in
      let run = try lumen([
        "features", image, mask, "--seg", "\(folder)/seg.dcm", "--sr", "\(folder)/sr.dcm", "--long", "-o",
        "\(folder)/f.csv",
      ])
      #expect(run.status == 0, "\(run.errors)")
      let table = try CSV(String(decoding: Files.read("\(folder)/f.csv"), as: UTF8.self))
      let dump = try DICOMFile.dump("\(folder)/sr.dcm").lines
      let value = try #require(table.header.firstIndex(of: "value"))
      let exact = dump.filter { $0.contains("FloatingPointValue") }
      #expect(exact.count == table.rows.count { Double($0[value])?.isFinite == true } && exact.count > 20)
      #expect(dump.contains { $0.contains("IBSI") })
      // The same content gives the same objects, up to the time they were made.
      let first = try DICOMFile.header("\(folder)/sr.dcm").sopInstanceUID
      #expect(
        try lumen(["features", image, mask, "--seg", "\(folder)/seg.dcm", "--sr", "\(folder)/sr.dcm"]).status == 0)
      #expect(try DICOMFile.header("\(folder)/sr.dcm").sopInstanceUID == first)
    }
  }

  @Test func aBatchTakesTheRegionsThatNameItsSeries() throws {
    try inFolder { folder throws in
      try Files.makeFolder("\(folder)/in")
      for n in 1...2 {
        try FileManager.default.copyItem(
          atPath: BatchTests.cohort + "/case-0\(n)", toPath: "\(folder)/in/case-0\(n)")
      }
      #expect(try lumen(["mask", image, mask, "-o", "\(folder)/in/regions.dcm"]).status == 0)
      try Files.write(
        "mask: linked\nresults: [seg, rtstruct, sr]\nfeatures: {families: [statistics]}\n", to: "\(folder)/r.yaml")
      func run(_ out: String, _ extra: [String]) throws -> Int32 {
        try lumen(["run", "\(folder)/in", "--recipe", "\(folder)/r.yaml", "--out", "\(folder)/\(out)"] + extra).status
      }
      #expect(try run("out", []) == LumenCore.ExitCode.someCasesFailed.rawValue)
      #expect(try run("here", ["--in-process"]) == LumenCore.ExitCode.someCasesFailed.rawValue)
      let text = try Files.read("\(folder)/out/features.csv")
      #expect(try Files.read("\(folder)/here/features.csv") == text)
      let table = try CSV(String(decoding: text, as: UTF8.self))
      let status = try #require(table.header.firstIndex(of: "status")),
        id = try #require(table.header.firstIndex(of: "id"))
      #expect(table.rows.map { $0[status] }.sorted() == ["failed", "ok"])
      let done = try #require(table.rows.first { $0[status] == "ok" })
      for kind in DICOMResults.Kind.allCases {
        #expect(try !DICOMFile.header("\(folder)/out/cases/\(done[id])/\(kind.fileName)").sopInstanceUID.isEmpty)
      }
    }
  }

  @Test func anotherGridIsAnErrorUntilAllowed() throws {
    try inFolder { folder throws in
      let volume = try AnyVolume(contentsOf: mask)
      var grid = volume.geometry
      grid.origin.x += 0.1 + grid.spacing.x * 0.25
      try ImageFile.write(volume.with(grid), to: "\(folder)/off.nii.gz")
      let refused = try lumen(["mask", image, "\(folder)/off.nii.gz", "-o", "\(folder)/m.nii.gz"])
      #expect(refused.status == LumenCore.ExitCode.usage.rawValue && refused.errors.contains("mm"), "\(refused.errors)")
      #expect(!Files.exists("\(folder)/m.nii.gz"))
      #expect(
        try lumen(["mask", image, "\(folder)/off.nii.gz", "--resample-mask", "-o", "\(folder)/m.nii.gz"]).status == 0)
    }
  }

  @Test func overlapsNeedASegmentation() throws {
    let grid = Geometry(size: Size(columns: 4, rows: 4))
    let all = Mask(grid) { $0.update(repeating: 1) }
    #expect(throws: ImageError.self) { try LabelMap([("a", all), ("b", all)]) }
    let map = try LabelMap([("a", all)])
    #expect(map.labels == [1] && map.names == [1: "a"])
  }

  @Test func doctorCountsAndLinks() throws {
    try inFolder { folder throws in
      try FileManager.default.copyItem(atPath: image, toPath: "\(folder)/ct")
      #expect(try lumen(["mask", image, mask, "-o", "\(folder)/seg.dcm"]).status == 0)
      let damaged = try Files.read("\(folder)/seg.dcm")
      try Files.write(Array(damaged.prefix(damaged.count / 2)), to: "\(folder)/cut.dcm")
      let run = try lumen(["doctor", folder, "--json"])
      #expect(run.status == LumenCore.ExitCode.someCasesFailed.rawValue)
      let lines = try run.output.split(separator: "\n").map { line in
        try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      }
      func of(_ kind: String) -> [[String: Any]] { lines.filter { $0["kind"] as? String == kind } }
      #expect(of("machine").count == 1 && of("image").count == 1 && of("damaged").count == 1)
      let object = try #require(of("object").first)
      #expect(object["cases"] as? [String] == [of("image")[0]["case"] as? String ?? ""])
      #expect(object["regions"] as? Int == 1)
      #expect(of("total")[0]["studies"] as? Int == 1 && of("total")[0]["series"] as? Int == 2)
    }
  }
}
