// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import LumenCore
import LumenDICOM
import LumenFormats
import LumenPipeline
import LumenRadiomics

struct InfoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "Say what an image is: size, spacing, origin, direction, values.",
    discussion: """
      Of a DICOM Segmentation or RT Structure Set: its regions.

      EXAMPLE
        lumen info ct/ --json
      """)
  @Argument(help: "An image file or the folder of one series.") var input: String
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var format: JSONOption

  func run() throws {
    if !Files.isFolder(input), try RegionSource.isRegionObject(input) {
      return listRegions(try RegionSource(contentsOf: input).listing)
    }
    let image = try reading.read(input).volume
    let g = image.geometry
    let range = image.valueRange
    if format.json {
      return sayJSON([
        "type": image.kind.rawValue, "size": [g.size.columns, g.size.rows, g.size.slices],
        "spacing": [g.spacing.x, g.spacing.y, g.spacing.z], "origin": [g.origin.x, g.origin.y, g.origin.z],
        "direction": [g.direction.x, g.direction.y, g.direction.z].map { [$0.x, $0.y, $0.z] },
        "minimum": number(range.minimum), "maximum": number(range.maximum), "mean": number(range.mean),
      ])
    }
    func list(_ v: SIMD3<Double>) -> String { "\(shortest(v.x)) \(shortest(v.y)) \(shortest(v.z))" }
    printTable(
      ["size", "\(g.size)"],
      [
        ["type", image.kind.rawValue], ["spacing", "\(list(g.spacing)) mm"], ["origin", "\(list(g.origin)) mm (LPS)"],
        ["columns", list(g.direction.x)], ["rows", list(g.direction.y)], ["slices", list(g.direction.z)],
        ["values", "\(shortest(range.minimum)) … \(shortest(range.maximum)), mean \(shortest(range.mean))"],
      ])
  }
}

extension InfoCommand {
  private func listRegions(_ source: RegionSource.Listing) {
    for note in source.notes { warn("\(input): \(note)") }
    if format.json {
      return sayJSON(["regions": source.regions.map { ["number": $0.number, "name": $0.name] as [String: Any] }])
    }
    printTable(["number", "region"], source.regions.map { ["\($0.number)", $0.name] })
  }
}

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Write an image in another format, chosen by the output's ending.",
    discussion: """
      Endings: .nii, .nii.gz, .nrrd, .nhdr, .mha, .mhd, .png, .jpg. A picture (.png, .jpg) shows one slice: of DICOM \
      through the file's own VOI LUT or window, or through --window; colour stays colour. --raw writes the stored values \
      of one file without a header (frame, row, column, sample; little endian).

      EXAMPLES
        lumen convert ct/ -o ct.nii.gz
        lumen convert ct/ -o lung.png --slice 40 --window=-600,1500
      """)
  @Argument(help: "An image file or the folder of one series.") var input: String
  @Option(name: [.customShort("o"), .long], help: "File to write.") var output: String?
  @Option(help: "File of stored values to write.") var raw: String?
  @Option(help: "Which slice a picture shows, from 1.") var slice: Int?
  @Option(help: "Centre and width of a picture's window, in the image's values: 40,400.") var window: String?
  @OptionGroup var reading: ReadingOptions

  func run() throws {
    guard output != nil || raw != nil else { throw ValidationError("Give -o FILE or --raw FILE.") }
    guard raw == nil || reading.isDefault else {
      throw ValidationError(
        "--raw writes stored values as they are: it takes no --geometry, --values or --volume; lumen volume --raw does."
      )
    }
    if let raw { try RawExport.write(input, to: raw) }
    guard let output else { return }
    try requireFolder(of: output)
    try ImageFile.requireExtension(output)
    if PictureExport.isPicture(output) {
      let notes = try PictureExport.write(
        input, to: output, slice: slice, window: try window.map(parsedWindow), reading.options)
      for note in notes { warn("\(input): \(note)") }
      return
    }
    guard slice == nil, window == nil else { throw ValidationError("--slice and --window are for .png and .jpg.") }
    try ImageFile.write(try reading.read(input).volume, to: output)
  }

  private func parsedWindow(_ text: String) throws -> DisplaySettings.Window {
    let parts = text.split(separator: ",").map { Double($0.filter { $0 != " " }) }
    guard parts.count == 2, let centre = parts[0], let width = parts[1], centre.isFinite, width.isFinite, width > 0
    else {
      throw ImageError(
        .invalidParameter, "--window is \"\(text)\", expected CENTRE,WIDTH with a width above 0", hint: "such as 40,400"
      )
    }
    return DisplaySettings.Window(center: centre, width: width)
  }
}

struct FilterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "filter", abstract: "Filter an image with one filter or a chain.",
    discussion: """
      lumen filter NAME --help lists the parameters of a filter with defaults and ranges. A chain runs from left to right; \
      the same names and parameters are steps of a recipe (prepare, response). A NIfTI, NRRD or MetaImage volume that does \
      not fit --memory is filtered slab by slab, with the same result.

      EXAMPLES
        lumen filter gaussian ct/ -o smooth.nii.gz --sigma 2mm
        lumen filter 'median(radius=1), gaussian(sigma=2mm)' ct/ -o smooth.nii.gz
        lumen filter gaussian huge.nii -o smooth.nii --sigma 2mm --memory 2G

      FILTERS
      \(Catalogue.filterTopics.map { "\($0.name):\n\(Catalogue.list($0.filters))" }.joined(separator: "\n"))

      \(exitCodesNote)
      """)
  @Argument(help: "Name of the filter, or a chain: name(parameter=value, …), name(…).") var name: String
  @Argument(help: "An image file or the folder of one series.") var input: String
  @OptionGroup var out: OutputOption
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var threads: ThreadsOption
  @OptionGroup var memory: MemoryOption
  @Argument(parsing: .allUnrecognized, help: "--PARAMETER VALUE of the filter.") var parameters: [String] = []

  /// What `lumen filter NAME --help` and `lumen help filter NAME` print; nil when something else is asked for.
  static func help(for arguments: [String]) -> String? {
    let words = arguments.filter { !["--help", "-h", "help"].contains($0) }
    guard words.count < arguments.count, words.count == 2, words[0] == configuration.commandName,
      let entry = Catalogue.filters.first(where: { $0.name == words[1] })
    else { return nil }
    let parameters = entry.parameterList.map {
      "  --\($0.name) \($0.default)\n      \($0.help) [\($0.range)]"
    }
    return """
      \(entry.name): \(entry.summary)
      Source: \(entry.source)

      PARAMETERS, with defaults and [ranges]
      \(parameters.isEmpty ? "  none" : parameters.joined(separator: "\n"))

      USAGE
        lumen filter \(entry.name) IMAGE -o OUTPUT\(entry.parameterList.first.map { " --\($0.name) \($0.default)" } ?? "")
        lumen filter --help: the other options
      """
  }

  func run() throws {
    try threads.apply()
    try requireFolder(of: out.output)
    try ImageFile.requireExtension(out.output)
    let steps: [Step]
    if name.contains("(") || name.contains(",") {
      guard parameters.isEmpty else { throw ValidationError("Unexpected argument '\(parameters[0])'") }
      steps = try Step.parse(name)
    } else {
      if (Catalogue.segmentations + Catalogue.maskOperations).contains(where: { $0.name == name }) {
        throw ImageError(.invalidParameter, "\(name) makes a mask, it is no filter", hint: "lumen segment --steps")
      }
      _ = try Catalogue.entry(name, of: "filter", in: Catalogue.filters)
      steps = [try Step(name, try pairs(parameters))]
    }
    for note in try steps.filter(input, to: out.output, reading.options, memory: memory.bytes) {
      warn("\(input): \(note)")
    }
  }

  private func pairs(_ words: [String]) throws -> [(name: String, value: String)] {
    var pairs: [(name: String, value: String)] = []
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--"), word.count > 2 else { throw ValidationError("Unexpected argument '\(word)'") }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1)
      if parts.count == 2 {
        pairs.append((String(parts[0]), String(parts[1])))
      } else {
        guard let value = rest.popFirst() else { throw ValidationError("Missing value for '\(word)'") }
        pairs.append((String(word.dropFirst(2)), value))
      }
    }
    return pairs
  }
}

struct SegmentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segment", abstract: "Find a region: filters, one segmentation, mask operations.",
    discussion: """
      EXAMPLE
        lumen segment ct/ --steps 'median(radius=1), otsu, largest-component, fill-holes' -o mask.nii.gz
        lumen segment ct/ -o mask.dcm      a DICOM Segmentation in the study of ct/

      SEGMENTATIONS and MASK OPERATIONS and their parameters, with defaults and [ranges]
      \(Catalogue.help(Catalogue.segmentations + Catalogue.maskOperations))

      Filters before the segmentation: lumen filter --help.

      \(exitCodesNote)
      """)
  @Argument(help: "An image file or the folder of one series.") var input: String
  @Option(help: "Steps in order.") var steps: String = "otsu, largest-component, fill-holes"
  @Option(help: "Name of the region in a DICOM file.") var name = "region"
  @OptionGroup var out: OutputOption
  @OptionGroup var reading: ReadingOptions
  @OptionGroup var threads: ThreadsOption
  @OptionGroup var format: JSONOption

  func run() throws {
    try threads.apply()
    let image = try reading.read(input)
    let mask = try Step.parse(steps).mask(of: image.volume)
    try MaskCommand.write([(name, mask)], of: image, to: out.output)
    if format.json { sayJSON(["voxels": mask.count, "volume_mm3": mask.volume]) }
  }
}
