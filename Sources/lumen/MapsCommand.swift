// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import LumenCore
import LumenFormats
import LumenPipeline
import LumenRadiomics

struct MapsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "maps", abstract: "Measure texture around every voxel of a region: one image a feature.",
    discussion: """
      Each feature in the neighbourhood of each voxel, by the definitions and under the names of PyRadiomics' voxel-based \
      extraction; NaN outside the region. Writes FOLDER/KEY.nii.gz, e.g. glcm_Contrast.nii.gz; of several regions into a \
      folder each, numbered in their order. A region that cannot be drawn is told and passed over (exit 3). lumen features \
      -p params.yaml --mode voxel gives all of PyRadiomics' classes and image types.

      EXAMPLE
        lumen maps ct/ RS.dcm --roi GTV --radius 2 --families glcm -o maps

      \(exitCodesNote)
      """)
  @Argument(help: "An image file or the folder of one series.") var image: String
  @Argument(help: "A DICOM Segmentation, an RT Structure Set, or a label map: 0 outside, labels inside.")
  var mask: String
  @OptionGroup var regions: RegionOptions
  @Option(name: [.customShort("o"), .long], help: "Folder to write.") var output: String
  @Option(help: "Voxels from the centre of a neighbourhood to its side.") var radius = 1
  @Option(help: "Families, with commas: \(FeatureMaps.Family.allCases.map(\.rawValue).joined(separator: ", ")).")
  var families = FeatureMaps().families.map(\.rawValue).joined(separator: ",")
  @Option(help: "Features, with commas, e.g. glcm_Contrast,firstorder_Mean (default: all of the families).")
  var features: String?
  @Option(help: "Width of the grey levels' bins, whose edges are multiples of it (default: 25).") var binWidth: Double?
  @Option(help: "Number of bins over the region's range, instead of a width.") var binCount: Int?
  @Option(help: "Distances of neighbours, voxels, with commas.") var distances = "1"
  @Option(help: "Largest difference of dependent grey levels in the gldm (PyRadiomics: gldm_a).") var coarseness = 0
  @Flag(name: .customLong("2d"), help: "Neighbourhoods and directions within slices.") var planar = false
  @Flag(help: "Neighbourhoods hold the voxels around the region too.") var unmasked = false
  @Flag(help: "Write only the box of the region.") var cropped = false
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var threads: ThreadsOption

  func run() throws {
    try threads.apply()
    let maps = try settings()
    let columns = try maps.columns
    let source = try RegionSource(contentsOf: mask)
    let input = try reading.read(image)
    let count = try source.listing.chosen(regions.roi).count
    let progress = ProgressBar()
    progress.begin(count * columns.count)
    var number = 0
    let failed = try regions.draw(source, on: input) { _, mask in
      number += 1
      let folder = count > 1 ? "\(output)/\(number)" : output
      try Files.makeFolder(folder)
      try maps(input.volume, in: mask) { column, map throws(ImageError) in
        try ImageFile.write(.f32(map), to: "\(folder)/\(column.key).nii.gz")
        progress.advance()
      }
    }
    progress.clear()
    if !failed.isEmpty { throw ArgumentParser.ExitCode(LumenCore.ExitCode.someCasesFailed.rawValue) }
  }

  private func settings() throws -> FeatureMaps {
    var maps = FeatureMaps()
    maps.radius = radius
    maps.families = try listed(families).map { name in
      guard let family = FeatureMaps.Family(rawValue: name) else {
        throw unknownName(name, kind: "family of a map", known: FeatureMaps.Family.allCases.map(\.rawValue))
      }
      return family
    }
    maps.features = features.map(listed) ?? []
    guard binWidth == nil || binCount == nil else { throw ValidationError("Give either --bin-width or --bin-count.") }
    if let binWidth { maps.binWidth = binWidth }
    if let binCount { maps.discretisation = .fixedBinNumber(binCount) }
    maps.distances = try listed(distances).map { text in
      guard let n = Int(text) else {
        throw ImageError(.invalidParameter, "--distances holds \"\(text)\", expected whole numbers with commas")
      }
      return n
    }
    maps.coarseness = coarseness
    maps.force2D = planar
    maps.maskedKernel = !unmasked
    maps.cropped = cropped
    return maps
  }
}

/// The words between commas.
func listed(_ text: String) -> [String] { text.split(separator: ",").map { $0.filter { $0 != " " } } }
