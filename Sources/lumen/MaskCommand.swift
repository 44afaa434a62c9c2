// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import LumenCore
import LumenFormats
import LumenPipeline

struct MaskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mask", abstract: "Draw the regions of a mask file on the grid of an image.",
    discussion: """
      Reads DICOM Segmentations, RT Structure Sets and label maps of any image format; lumen info FILE lists the regions. \
      A region that cannot be drawn is told and passed over (exit 3). Writes a label map (.nii.gz, .nrrd, .mha) whose \
      labels count from 1 in the order drawn, a DICOM Segmentation (.dcm), or with --rtstruct an RT Structure Set.

      EXAMPLE
        lumen mask ct/ RS.dcm --roi GTV -o gtv.nii.gz
      """)
  @Argument(help: "An image file or the folder of one series.") var image: String
  @Argument(help: "A file with regions.") var mask: String
  @OptionGroup var regions: RegionOptions
  @Flag(help: "Write an RT Structure Set instead of a Segmentation.") var rtstruct = false
  @OptionGroup var out: OutputOption
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var threads: ThreadsOption

  func run() throws {
    try threads.apply()
    let source = try RegionSource(contentsOf: mask)
    let input = try reading.read(image)
    var drawn: [(name: String, mask: Mask)] = []
    let failed = try regions.draw(source, on: input) { region, mask in drawn.append((region.name, mask)) }
    try Self.write(drawn, of: input, to: out.output, asStructureSet: rtstruct)
    if !failed.isEmpty { throw ArgumentParser.ExitCode(LumenCore.ExitCode.someCasesFailed.rawValue) }
  }

  /// Writes regions in the format of the output's ending.
  static func write(
    _ regions: [(name: String, mask: Mask)], of image: InputImage, to output: String, asStructureSet: Bool = false
  ) throws {
    guard output.lowercased().hasSuffix(".dcm") else {
      return try ImageFile.write(LabelMap(regions), to: output)
    }
    let results = try DICOMResults(image.series)
    let notes =
      asStructureSet
      ? try results.writeStructureSet(regions, to: output) : try results.writeSegmentation(regions, to: output).notes
    for note in notes { warn(note) }
  }
}
