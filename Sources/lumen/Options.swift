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

/// Throws when a file could not be made, for its folder is missing or no folder: before work is done for it.
func requireFolder(of path: String?) throws {
  guard let path, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return }
  let folder = String(path[..<slash])
  guard Files.isFolder(folder) else {
    throw ImageError(
      .io, Files.exists(folder) ? "is a file, expected a folder" : "the folder does not exist", place: folder,
      hint: "it would hold \(path[path.index(after: slash)...])")
  }
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

/// `--memory SIZE`
struct MemoryOption: ParsableArguments {
  @Option(name: .long, help: "Memory to use, such as 512M or 2G (default: three quarters of what is available).")
  var memory: String?

  /// The budget in bytes.
  var bytes: Int {
    get throws {
      guard let memory else { return Memory.available.map { $0 / 4 * 3 } ?? 4 << 30 }
      guard let bytes = Memory.bytes(memory), bytes > 0 else {
        throw ImageError(.invalidParameter, "--memory is \"\(memory)\", expected bytes such as 512M, 2G or 1.5GiB")
      }
      return bytes
    }
  }
}

/// `--geometry`, `--values`, `--volume`: how an image is read.
struct ReadingOptions: ParsableArguments {
  @Option(help: "What is done with slices off a regular grid (default: error, or what the recipe says).")
  var geometry: GeometryPolicy?
  @Option(help: "Values of DICOM pixels (default: modality, or what the recipe says).")
  var values: PixelValues?
  @Option(help: "Which volume of several, from 1.")
  var volume: Int?

  /// Whether nothing is asked for beyond what is done anyway.
  var isDefault: Bool { geometry ?? .error == .error && values ?? .modality == .modality && volume == nil }

  var options: InputImage.Options { options() }

  /// What is asked for, over the rules of a recipe.
  func options(_ rules: ReadingRules = ReadingRules()) -> InputImage.Options {
    var options = InputImage.Options()
    options.geometry = geometry ?? rules.geometry
    options.values = values ?? rules.values
    options.volume = volume
    return options
  }

  /// Reads an image; what is to be known about it goes to standard error.
  func read(_ path: String, _ rules: ReadingRules = ReadingRules()) throws -> InputImage {
    let image = try InputImage(contentsOf: path, options(rules))
    tell(image, path)
    return image
  }

  /// Reads an image and, at the same time, a file of regions; what is wrong with the latter is left to the caller.
  func read(
    _ path: String, _ rules: ReadingRules, besides regions: String
  ) throws -> (image: InputImage, regions: Result<RegionSource, ImageError>) {
    let options = options(rules)
    let (source, image) = try together({ () throws(ImageError) -> Result<RegionSource, ImageError> in
      Result { () throws(ImageError) in try RegionSource(contentsOf: regions) }
    }) { () throws(ImageError) -> InputImage in try InputImage(contentsOf: path, options) }
    tell(image, path)
    return (image, source)
  }

  private func tell(_ image: InputImage, _ path: String) {
    for note in image.notes { warn("\(path): \(note)") }
  }
}

extension GeometryPolicy: ExpressibleByArgument {}
extension PixelValues: ExpressibleByArgument {}

/// `--roi NAME`, `--resample-mask`, `--any-frame`: which regions of a mask file, and how they meet the image.
struct RegionOptions: ParsableArguments {
  @Option(help: "Name or number of a region; repeat for several (default: all).")
  var roi: [String] = []
  @Flag(help: "Resample a mask on another grid (nearest neighbour); without it another grid is an error.")
  var resampleMask = false

  @Flag(help: "Draw DICOM regions in another frame of reference, or without position in the patient, all the same.")
  var anyFrame = false

  /// The chosen regions of a source, one by one on the image's grid. One that cannot be drawn is told and passed over.
  ///
  /// - Parameter needsOne: whether it is an error when no region is left.
  /// - Returns: the regions that could not be drawn, with the reason.
  /// - Throws: the first reason when there is no region left and one is needed.
  func draw(
    _ source: RegionSource, on image: InputImage, needsOne: Bool = true,
    _ body: (RegionSource.Region, Mask) throws -> Void
  ) throws -> [(region: RegionSource.Region, error: ImageError)] {
    let placing = RegionSource.Placing(on: image.series, resample: resampleMask, anyFrame: anyFrame)
    for note in source.listing.notes { warn(note) }
    let chosen = try source.listing.chosen(roi)
    var failed: [(region: RegionSource.Region, error: ImageError)] = []
    for region in chosen {
      do throws(ImageError) {
        let (mask, notes) = try source.mask(region, on: image.volume.geometry, placing)
        for note in notes { warn(note) }
        guard mask.count > 0 else {
          throw ImageError(.invalidParameter, "the region \"\(region.name)\" has no voxel on the image's grid")
        }
        do { try body(region, mask) } catch let error as ImageError { throw error } catch {
          throw ImageError(.io, "\(error)")
        }
      } catch {
        failed.append((region, error))
      }
    }
    if needsOne, let first = failed.first?.error, failed.count == chosen.count { throw first }
    for (region, error) in failed { warn("region \"\(region.name)\": \(error.description)") }
    return failed
  }
}
