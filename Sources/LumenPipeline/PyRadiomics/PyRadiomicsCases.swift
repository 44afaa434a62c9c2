// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore
import LumenFormats
public import LumenRadiomics

/// Cases as PyRadiomics' command line takes them: one image and mask, or a CSV file with a row for each.
public struct PyRadiomicsCases: Sendable {
  /// One of them.
  public struct Case: Sendable {
    /// The columns of its row in order, `Image` and `Mask` among them.
    public var columns: [PythonValue.Entry]
    let image: String, mask: String, label: Int?, channel: Int?
  }

  /// How results are written.
  public enum Format: String, Sendable, CaseIterable {
    /// `Case-1_name: value`, one value a line.
    case txt
    /// A header line and a line for each case.
    case csv
    /// A list of dictionaries.
    case json
  }

  /// The cases in order.
  public let cases: [Case]

  /// How images are read.
  public var reading = InputImage.Options()
  /// Whether DICOM regions in another frame of reference, or without position in the patient, are drawn all the same.
  public var anyFrame = false

  /// One image and mask: one case, or one for each of these labels.
  public init(image: String, mask: String, labels: [Int] = []) {
    let columns: [PythonValue.Entry] = [
      .init("Image", .text(Self.absolute(image))), .init("Mask", .text(Self.absolute(mask))),
    ]
    cases =
      labels.isEmpty
      ? [Case(columns: columns, image: image, mask: mask, label: nil, channel: nil)]
      : labels.map {
        Case(columns: columns + [.init("Label", .integer($0))], image: image, mask: mask, label: $0, channel: nil)
      }
  }

  /// The rows of a CSV file with the columns Image and Mask, perhaps Label and Label_channel; other columns are copied.
  /// Paths start at the file's folder.
  ///
  /// - Throws: `notFound` for a missing column, `malformed`, `invalidParameter` for a label that is no whole number.
  public init(batch path: String) throws(ImageError) {
    do throws(ImageError) {
      let csv = try CSV(String(decoding: try Files.read(path), as: UTF8.self))
      let image = try csv.index(of: "Image"), mask = try csv.index(of: "Mask")
      let label = csv.header.firstIndex(of: "Label"), channel = csv.header.firstIndex(of: "Label_channel")
      let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
      func resolve(_ p: String) -> String {
        p.hasPrefix("/") ? p : path.contains("/") ? "\(folder)/\(p)" : p
      }
      var cases: [Case] = []
      for (n, row) in csv.rows.enumerated() {
        func whole(_ column: Int?) throws(ImageError) -> Int? {
          guard let column, !row[column].isEmpty else { return nil }
          guard let value = Int(row[column]) else {
            throw ImageError(
              .invalidParameter,
              "record \(n + 2) has \"\(row[column])\" as \(csv.header[column]), expected a whole number")
          }
          return value
        }
        var columns: [PythonValue.Entry] = []
        for (name, value) in zip(csv.header, row) { columns.append(.init(name, .text(value))) }
        columns[image].value = .text(Self.absolute(resolve(row[image])))
        columns[mask].value = .text(Self.absolute(resolve(row[mask])))
        cases.append(
          Case(
            columns: columns, image: resolve(row[image]), mask: resolve(row[mask]), label: try whole(label),
            channel: try whole(channel)))
      }
      self.cases = cases
    } catch { throw error.place == nil ? error.at(path) : error }
  }

  /// What one case gave: its columns with the features behind them, or with the error.
  public struct Outcome: Sendable {
    /// Columns and features.
    public var entries: [PythonValue.Entry]
    /// Why there are no features; nil where there are.
    public var error: ImageError?
    /// What was left out.
    public var warnings: [String]
  }

  /// Measures a case; an error becomes part of the outcome.
  public func measure(_ item: Case, _ extraction: PyRadiomics) -> Outcome {
    do throws(ImageError) {
      let (image, mask, notes) = try read(item, extraction)
      let result = try extraction(image, mask: mask, label: item.label)
      return Outcome(entries: item.columns + result.entries, error: nil, warnings: notes + result.warnings)
    } catch { return Outcome(entries: item.columns, error: error, warnings: []) }
  }

  /// Measures the neighbourhoods of all voxels of a case; the maps become NRRD files in `folder`, named as PyRadiomics
  /// names them.
  public func measureVoxels(_ item: Case, number: Int, _ extraction: PyRadiomics, folder: String) -> Outcome {
    do throws(ImageError) {
      let (image, mask, notes) = try read(item, extraction)
      let (result, maps) = try extraction.maps(image, mask: mask, label: item.label)
      var entries = item.columns + result.entries
      for map in maps {
        let path = "\(folder)/Case-\(number)_\(map.name).nrrd"
        try ImageFile.write(.f64(map.volume), to: path)
        entries.append(.init(map.name, .text(path)))
      }
      return Outcome(entries: entries, error: nil, warnings: notes + result.warnings)
    } catch { return Outcome(entries: item.columns, error: error, warnings: []) }
  }

  private func read(
    _ item: Case, _ extraction: PyRadiomics
  ) throws(ImageError) -> (image: AnyVolume, mask: Volume<UInt32>, notes: [String]) {
    let input = try InputImage(contentsOf: item.image, reading), image = input.volume
    if try RegionSource.isRegionObject(item.mask) {
      let source = try RegionSource(contentsOf: item.mask)
      let number = item.label ?? extraction.label
      guard let region = source.listing.regions.first(where: { $0.number == number }) else {
        throw ImageError(.notFound, "no region has the number \(number)", place: item.mask)
      }
      let placing = RegionSource.Placing(on: input.series, anyFrame: anyFrame)
      let (mask, notes) = try source.mask(region, on: image.geometry, placing)
      return (image, mask.voxels.map { $0 == 0 ? 0 : UInt32(clamping: number) }, input.notes + notes)
    }
    let maps = try ImageFile.labelMaps(item.mask), channel = item.channel ?? extraction.labelChannel
    guard maps.indices.contains(channel) else {
      throw ImageError(
        .notFound, "label_channel is \(channel), the mask has \(maps.count) channels from 0", place: item.mask)
    }
    return (image, maps[channel].voxels, input.notes)
  }

  private static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let folder = getcwd(nil, 0) else { return path }
    defer { free(folder) }
    return "\(String(cString: folder))/\(path)"
  }

  /// The columns of all outcomes: those of the first in its order, then the others by name; an error has its own.
  private static func header(_ outcomes: [Outcome]) -> [String] {
    var names = outcomes.first.map { $0.entries.map(\.key) } ?? []
    var seen = Set(names), more: [String] = []
    for outcome in outcomes.dropFirst() {
      for entry in outcome.entries where seen.insert(entry.key).inserted { more.append(entry.key) }
    }
    names += more.sorted()
    return outcomes.contains { $0.error != nil } ? names + ["error"] : names
  }

  /// The outcomes as text in a format of PyRadiomics.
  public static func text(_ outcomes: [Outcome], _ format: Format) -> String {
    let complete = outcomes.map { o in
      o.entries + (o.error.map { [PythonValue.Entry("error", .text($0.description))] } ?? [])
    }
    switch format {
    case .txt:
      return complete.enumerated().map { n, entries in
        entries.map { "Case-\(n + 1)_\($0.key): \($0.value.description)\n" }.joined()
      }.joined()
    case .json:
      let items = complete.map { entries in
        "  {\n" + entries.map { "    \(PythonValue.text($0.key).json): \($0.value.json)" }.joined(separator: ",\n")
          + "\n  }"
      }
      return "[\n" + items.joined(separator: ",\n") + "\n]\n"
    case .csv:
      let header = header(outcomes)
      var text = csvLine(header)
      for entries in complete {
        let values = Dictionary(entries.map { ($0.key, $0.value.description) }) { $1 }
        text += csvLine(header.map { values[$0] ?? "" })
      }
      return text
    }
  }
}
