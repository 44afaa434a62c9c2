// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// One operation of a recipe with its parameters.
public struct Step: Sendable {
  let entry: any CatalogueEntry
  /// The operation, ready to run.
  public let operation: any Operation

  /// A step by its catalogue name.
  ///
  /// - Throws: `invalidParameter` for an unknown name or a parameter out of range.
  public init(_ name: String, _ parameters: [(name: String, value: String)] = []) throws(ImageError) {
    entry = try Catalogue.entry(name)
    operation = try entry.make(parameters)
  }

  /// Name and every parameter: `gaussian(sigma=2mm, boundary=mirror)`. Part of the recipe's hash.
  public var canonical: String {
    let values = entry.values(of: operation).map { "\($0.name)=\($0.value)" }
    return "\(entry.name)(\(values.joined(separator: ", ")))"
  }

  /// Steps from one line: `median(radius=1), otsu, largest-component, fill-holes`.
  ///
  /// - Throws: `invalidParameter` for a bracket that stays open, nothing between two commas, an unknown name, or a
  ///   parameter that is out of range or given twice.
  public static func parse(_ line: String) throws(ImageError) -> [Step] {
    var steps: [Step] = []
    var rest = Substring(line).trimmed[...]
    if rest.isEmpty { return [] }
    while true {
      let end = rest.firstIndex { $0 == "," || $0 == "(" } ?? rest.endIndex
      let name = rest[..<end].trimmed
      guard !name.isEmpty else {
        throw ImageError(
          .invalidParameter, "step \(steps.count + 1) of \"\(line)\" has no name",
          hint: "name(parameter=value, …), name")
      }
      rest = rest[end...]
      var parameters: [(name: String, value: String)] = []
      if rest.first == "(" {
        guard let close = rest.firstIndex(of: ")") else {
          throw ImageError(.invalidParameter, "the bracket after \"\(name)\" stays open")
        }
        let inside = rest[rest.index(after: rest.startIndex)..<close]
        parameters = try Self.parameters(inside, of: name)
        rest = rest[rest.index(after: close)...].trimmed[...]
      }
      steps.append(try Step(name, parameters))
      if rest.isEmpty { return steps }
      guard rest.first == "," else {
        throw ImageError(.invalidParameter, "\"\(rest)\" follows \(name)(…), expected a comma")
      }
      rest = rest.dropFirst()
    }
  }

  private static func parameters(_ text: Substring, of name: String) throws(ImageError) -> [(
    name: String, value: String
  )] {
    if text.trimmed.isEmpty { return [] }
    var parameters: [(name: String, value: String)] = []
    for pair in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(\.trimmed)
      guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
        throw ImageError(.invalidParameter, "\"\(pair.trimmed)\" in \(name)(…) is not of the form name=value")
      }
      parameters.append((parts[0], parts[1]))
    }
    return parameters
  }
}

extension Substring {
  var trimmed: String {
    var s = self
    while s.first?.isWhitespace == true { s = s.dropFirst() }
    while s.last?.isWhitespace == true { s = s.dropLast() }
    return String(s)
  }
}

extension [Step] {
  /// Throws unless the steps are filters only.
  func requireFilters(_ place: String) throws(ImageError) {
    for step in self where !(step.operation is any Filter) {
      throw ImageError(
        .invalidParameter, "\(step.entry.name) does not give an image",
        place: place, hint: "filters: \(Catalogue.filters.map(\.name).joined(separator: ", "))")
    }
  }

  /// Throws unless the steps are filters, then one segmentation, then mask operations.
  func requireSegmentation(_ place: String) throws(ImageError) {
    guard let at = firstIndex(where: { $0.operation is any Segmentation }) else {
      throw ImageError(
        .invalidParameter, "no step makes a mask", place: place,
        hint: "segmentations: \(Catalogue.segmentations.map(\.name).joined(separator: ", "))")
    }
    try Array(self[..<at]).requireFilters(place)
    for step in self[(at + 1)...] where !(step.operation is any MaskOperation) {
      throw ImageError(
        .invalidParameter, "\(step.entry.name) cannot follow \(self[at].entry.name): it does not take a mask",
        place: place, hint: "mask operations: \(Catalogue.maskOperations.map(\.name).joined(separator: ", "))")
    }
  }

  /// Runs filters in order; an error names its step.
  public func filtered(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    try requireFilters("filters")
    var image = image
    for step in self {
      guard let filter = step.operation as? any Filter else { continue }
      do { image = try filter(image) } catch { throw error.at(step.entry.name) }
    }
    return image
  }

  /// Runs filters, a segmentation and mask operations in order; an error names its step.
  public func mask(of image: AnyVolume) throws(ImageError) -> Mask {
    try requireSegmentation("segmentation")
    var image = image
    var mask: Mask?
    for step in self {
      do {
        if let filter = step.operation as? any Filter {
          image = try filter(image)
        } else if let segmentation = step.operation as? any Segmentation {
          mask = try segmentation(image)
        } else if let operation = step.operation as? any MaskOperation, let current = mask {
          mask = try operation(current)
        }
      } catch { throw error.at(step.entry.name) }
    }
    guard let mask else { throw ImageError(.invalidParameter, "no step makes a mask") }
    return mask
  }
}
