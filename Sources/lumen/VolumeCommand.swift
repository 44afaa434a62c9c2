// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import LumenCore
import LumenDICOM
import LumenFormats
import LumenPipeline

struct VolumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "volume", abstract: "Make a volume of a DICOM series.",
    discussion: """
      Irregular slices are an error that names the first irregularity, unless --geometry says otherwise. --raw writes the \
      stored values of the slices as they are, in increasing order along the slice normal, without a header; what is \
      irregular is said on standard error.

      EXAMPLE
        lumen volume pet/ --values suvBodyWeight -o suv.nii.gz
        lumen volume fmri/ --volume all -o fmri.nii.gz      writes fmri-1.nii.gz, fmri-2.nii.gz …
      """)
  @Argument(help: "The folder of a series, or one file of several frames.") var input: String
  @Option(name: [.customShort("o"), .long], help: "File to write (.nii, .nii.gz, .nrrd, .mha).") var output: String?
  @Option(help: "File of stored values to write.") var raw: String?
  @Option(help: "What is done with slices off a regular grid (default: error, with --raw accept).") var geometry:
    GeometryPolicy?
  @Option(help: "Values of DICOM pixels (default: modality, with --raw stored).")
  var values: PixelValues?
  @Option(help: "Which volume of several, from 1; or all.") var volume: String?
  @OptionGroup var threads: ThreadsOption

  func run() throws {
    try threads.apply()
    guard (output != nil) != (raw != nil) else { throw ValidationError("Give either -o FILE or --raw FILE.") }
    var inventory = Inventory.scan(try Files.list([input]))
    if geometry == .split { inventory = try inventory.splitting() }
    for (path, error) in inventory.rejected where error.isDamage { warn("\(path): \(error.what)") }
    guard volume == "all" else {
      let number = try volume.map { text throws(ImageError) -> Int in
        guard let n = Int(text) else {
          throw ImageError(.invalidParameter, "--volume is \"\(text)\", expected a number from 1, or all")
        }
        return n
      }
      let (series, note) = try inventory.choose(number)
      if let note { warn("\(input): \(note)") }
      return try write(series, numbered: nil)
    }
    for (n, series) in inventory.series.enumerated() { try write(series, numbered: n + 1) }
  }

  private func write(_ series: Series, numbered number: Int?) throws {
    let policy = geometry ?? (raw == nil ? .error : .accept)
    let image = try series.read(policy: policy, values: values ?? (raw == nil ? .modality : .stored))
    for finding in image.findings { warn("\(input): \(finding)") }
    if let raw { return try RawExport.write(image, to: Self.numbered(raw, number)) }
    if let output { try ImageFile.write(image.grey, to: Self.numbered(output, number)) }
  }

  /// "a.nii.gz" → "a-2.nii.gz".
  static func numbered(_ path: String, _ number: Int?) -> String {
    guard let number else { return path }
    var folders = path.split(separator: "/", omittingEmptySubsequences: false)
    let name = folders.removeLast()
    let dot = name.firstIndex(of: ".") ?? name.endIndex
    return (folders + ["\(name[..<dot])-\(number)\(name[dot...])"]).joined(separator: "/")
  }
}

struct StatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats", abstract: "Say smallest, largest and mean value of an image.",
    discussion: """
      DICOM: after the Modality LUT, over all frames of the file; colour: over the stored samples. NaN and infinity are \
      left out.

      EXAMPLE
        lumen stats ct.dcm --json

      \(exitCodesNote)
      """)
  @Argument(help: "An image file or the folder of one series.") var input: String
  @OptionGroup var format: JSONOption

  func run() throws {
    let (low, high, mean): (Double, Double, Double)
    if Files.isFolder(input) {
      let image = try InputImage(contentsOf: input), range = image.volume.valueRange
      for note in image.notes { warn("\(input): \(note)") }
      (low, high, mean) = (range.minimum, range.maximum, range.mean)
    } else if DICOMFile.isDICOM(try Files.head(input, ImageFormat.headBytes)) {
      let s = try DICOMFile.statistics(input)
      (low, high, mean) = (s.min, s.max, s.mean)
    } else {
      let range = try AnyVolume(contentsOf: input).valueRange
      (low, high, mean) = (range.minimum, range.maximum, range.mean)
    }
    if format.json { return sayJSON(["min": number(low), "max": number(high), "mean": number(mean)]) }
    printTable(["smallest", "largest", "mean"], [[shortest(low), shortest(high), shortest(mean)]])
  }
}

struct DumpCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dump", abstract: "Print a DICOM data set, an attribute a line.",
    discussion: """
      Tag, VR, bytes, number of values, keyword, value. Of a damaged file: what comes before the damage, and exit 65.

      EXAMPLE
        lumen dump ct.dcm --hide-identity
      """)
  @Argument(help: "A DICOM file.") var input: String
  @Flag(help: "Show no names, ids, dates, descriptions, private attributes or UIDs of the patient.")
  var hideIdentity = false

  func run() throws {
    let dump = try DICOMFile.dump(input, hidingIdentity: hideIdentity)
    for line in dump.lines { say(line) }
    if let damage = dump.damage { throw damage }
  }
}
