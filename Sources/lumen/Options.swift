// SPDX-License-Identifier: Apache-2.0
public import ArgumentParser
import LumenCore
public import LumenDICOM
import LumenPipeline

/// `--json`
struct JSONOption: ParsableArguments {
  @Flag(name: .long, help: "Print JSON.")
  var json = false
}

/// `-o FILE`
struct OutputOption: ParsableArguments {
  @Option(name: [.customShort("o"), .long], help: "File to write.")
  var output: String
}

/// `--threads N`
struct ThreadsOption: ParsableArguments {
  @Option(name: .long, help: "Threads to use (default: all processors). Results do not depend on it.")
  var threads: Int?

  func apply() throws {
    guard let threads else { return }
    guard threads >= 1 else {
      throw ImageError(.invalidParameter, "--threads is \(threads), expected at least 1")
    }
    Parallel.width = threads
  }
}

/// `--geometry`, `--values`, `--volume`: how an image is read.
struct ReadingOptions: ParsableArguments {
  @Option(help: "Slices off a regular grid: error, accept, resample, split.")
  var geometry: GeometryPolicy = .error
  @Option(
    help: ArgumentHelp("Values of DICOM pixels: \(PixelValues.allCases.map(\.rawValue).joined(separator: ", "))."))
  var values: PixelValues = .modality
  @Option(help: "Which volume of several, from 1.")
  var volume: Int?

  /// Reads an image; what is to be known about it goes to standard error.
  func read(_ path: String) throws -> InputImage {
    var options = InputImage.Options()
    options.geometry = geometry
    options.values = values
    options.volume = volume
    let image = try InputImage(contentsOf: path, options)
    for note in image.notes { warn("\(path): \(note)") }
    return image
  }
}

extension GeometryPolicy: ExpressibleByArgument {}
extension PixelValues: ExpressibleByArgument {}

/// `--roi NAME`, `--resample-mask`: which regions of a mask file, and how they meet the image.
struct RegionOptions: ParsableArguments {
  @Option(help: "Name or number of a region; repeat for several (default: all).")
  var roi: [String] = []
  @Flag(help: "Resample a mask on another grid (nearest neighbour); without it another grid is an error.")
  var resampleMask = false

  /// The chosen regions of a source, one by one on the image's grid.
  func draw(
    _ source: RegionSource, on image: Geometry, _ body: (RegionSource.Region, Mask) throws -> Void
  ) throws {
    for note in source.listing.notes { warn(note) }
    for region in try source.listing.chosen(roi) {
      let (mask, notes) = try source.mask(region, on: image, resample: resampleMask)
      for note in notes { warn(note) }
      try body(region, mask)
    }
  }
}
