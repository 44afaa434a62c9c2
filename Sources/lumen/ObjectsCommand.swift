// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import LumenCore
import LumenPipeline
import LumenRadiomics

struct ObjectsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "objects", abstract: "Measure every object of a label map: one row an object.",
    discussion: """
      Area, box, axes, perimeter, intensities and so on, named and defined as scikit-image's regionprops, of an image of \
      labels (0 outside) in 2-D or 3-D; with --features the IBSI families too, each object measured by itself. An object \
      whose features cannot be measured has its error in the last column (exit 3).

      EXAMPLE
        lumen objects cells.png --image nuclei.tif --properties area,intensity_mean,solidity -o cells.csv

      PROPERTIES
      \(properties)

      \(exitCodesNote)
      """)

  /// Every property with its definition.
  private static var properties: String {
    let width = (ObjectProperty.allCases.map(\.rawValue.count).max() ?? 0) + 2
    return ObjectProperty.allCases.map { p in
      let needs = (p.isPlanar ? " (2-D only)" : "") + (p.needsIntensity ? " (needs --image)" : "")
      return "  \(p.rawValue)\(String(repeating: " ", count: width - p.rawValue.count))\(p.definition)\(needs)"
    }.joined(separator: "\n")
  }

  @Argument(help: "An image of labels.") var labels: String
  @Option(help: "The image whose intensities are measured, on the same grid.") var image: String?
  @Option(name: [.customShort("o"), .long], help: "File to write (default: standard output).") var output: String?
  @Option(help: "Properties, with commas (default: all that there are of such an image).") var properties: String?
  @Option(
    help:
      "IBSI families to add, with commas: \(FamilyName.allCases.map(\.rawValue).joined(separator: ", ")) (default: none; needs --image)."
  )
  var features: String?
  @Option(help: "Width of the grey levels' bins for --features.") var binWidth: Double?
  @Option(help: "Number of bins over each object's range for --features (default: 32).") var binCount: Int?
  @Option(
    help: """
      How matrices of texture are aggregated for --features, with commas: \
      \(Aggregation.allCases.map(\.rawValue).joined(separator: ", ")) (default: 2D:avg,2D:mrg for one slice, else \
      3D:avg,3D:mrg).
      """)
  var aggregations: String?
  @Flag(help: "Lengths in voxels instead of millimetres.") var voxels = false
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var threads: ThreadsOption
  @OptionGroup var format: JSONOption

  func run() throws {
    try threads.apply()
    try requireFolder(of: output)
    var measuring = RegionProperties()
    if let properties {
      measuring.properties = try listed(properties).map { name in
        guard let property = ObjectProperty(rawValue: name) else {
          throw unknownName(name, kind: "property", known: ObjectProperty.allCases.map(\.rawValue))
        }
        return property
      }
    }
    measuring.usesSpacing = !voxels
    var extraction = try self.extraction()
    let map = try LabelMap(try reading.read(labels).volume)
    if aggregations == nil && map.voxels.size.slices == 1 { extraction?.aggregations = [.averaged2D, .merged2D] }
    let picture = try image.map { try reading.read($0).volume }
    if let name = measuring.properties.first(where: { properties != nil && $0.needsIntensity && picture == nil }) {
      throw ValidationError("--properties \(name.rawValue) needs --image IMAGE.")
    }
    let table = try measuring(map, image: picture)
    for property in measuring.properties where properties != nil && property.isPlanar && map.voxels.size.slices > 1 {
      warn("\(property.rawValue) is left out: it is defined in 2-D only")
    }
    if table.labels.isEmpty { warn("\(labels): there is no object: all voxels are 0") }
    var header = ["label"] + table.columns.map(\.key)
    var added: [ObjectFeatures] = []
    if let extraction, let picture {
      header += extraction.columns.map(\.key) + ["error"]
      added = try extraction.objects(of: map, picture)
    }
    var failed = false, text = format.json ? "" : csvLine(header)
    for (row, label) in table.labels.enumerated() {
      var values = table.columns.indices.map { table[row, $0] }, error = ""
      if !added.isEmpty {
        switch added[row].result {
        case .success(let own): values += own.map(\.value)
        case .failure(let reason):
          values += (extraction?.columns ?? []).map { _ in .nan }
          error = reason.description
          failed = true
        }
      }
      if format.json {
        let named = Dictionary(zip(header.dropFirst(), values.map(number)), uniquingKeysWith: { a, _ in a })
        text += jsonLine(["label": Int(label), "values": named, "error": error]) + "\n"
      } else {
        text += csvLine(["\(label)"] + values.map(shortest) + (added.isEmpty ? [] : [error]))
      }
    }
    try deliver(text, to: output)
    if failed {
      warn("some objects could not be measured, see the column \"error\"")
      throw ArgumentParser.ExitCode(LumenCore.ExitCode.someCasesFailed.rawValue)
    }
  }

  private func extraction() throws -> FeatureExtraction? {
    guard let features else { return nil }
    guard image != nil else { throw ValidationError("--features needs --image IMAGE.") }
    guard binWidth == nil || binCount == nil else { throw ValidationError("Give either --bin-width or --bin-count.") }
    var extraction = FeatureExtraction()
    extraction.families = try listed(features).map { name in
      guard let family = FamilyName(rawValue: name) else {
        throw unknownName(name, kind: "family", known: FamilyName.allCases.map(\.rawValue))
      }
      return family
    }
    if let aggregations {
      extraction.aggregations = try listed(aggregations).map { name in
        guard let way = Aggregation(rawValue: name) else {
          throw unknownName(name, kind: "aggregation", known: Aggregation.allCases.map(\.rawValue))
        }
        return way
      }
    }
    if let binCount { extraction.discretisation = .fixedBinNumber(binCount) }
    if let binWidth { extraction.discretisation = .fixedBinSize(binWidth) }
    return extraction
  }
}
