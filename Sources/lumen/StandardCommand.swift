// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import LumenCore
import LumenFilters
import LumenPipeline

struct StandardCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "standard", abstract: "Learn the standard histogram to which the filter nyul matches images.",
    discussion: """
      Prints percentile:intensity, …: the mean landmarks of the images, each first mapped to --lower … --upper; with \
      --match the landmarks of one image, so that others get its histogram.

      EXAMPLE
        lumen standard mr/*.nii.gz > standard.txt
        lumen filter nyul mr/1.nii.gz -o matched.nii.gz --standard "$(cat standard.txt)"

      \(exitCodesNote)
      """)
  @Argument(help: "Image files or folders of one series each.") var images: [String]
  @Flag(help: "Take the landmarks of the only image as they are.") var match = false
  @Option(help: "Percentiles of the landmarks, rising, separated by commas.")
  var percentiles = NyulStandard.deciles.map(shortest).joined(separator: ",")
  @Option(help: "Landmarks are percentiles of the voxels above this.") var above = 0.0
  @Option(help: "Intensity of the first landmark.") var lower = 0.0
  @Option(help: "Intensity of the last landmark.") var upper = 100.0

  func validate() throws {
    if match, images.count != 1 { throw ValidationError("--match takes one image, \(images.count) are given") }
  }

  func run() throws {
    let percentiles = try self.percentiles.split(separator: ",", omittingEmptySubsequences: false).map {
      guard let p = Double($0) else {
        throw ValidationError("--percentiles is \"\(self.percentiles)\", expected numbers separated by commas")
      }
      return p
    }
    say(try standard(percentiles).description)
  }

  private func standard(_ percentiles: [Double]) throws(ImageError) -> NyulStandard {
    if match { return try NyulStandard(matching: read(images[0]), percentiles: percentiles, above: above) }
    return try NyulStandard(
      learning: images, percentiles: percentiles, lower: lower, upper: upper, above: above, image: read)
  }

  private func read(_ path: String) throws(ImageError) -> AnyVolume {
    let image = try InputImage(contentsOf: path)
    for note in image.notes { warn("\(path): \(note)") }
    return image.volume
  }
}
