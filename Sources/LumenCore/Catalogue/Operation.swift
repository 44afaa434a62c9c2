// SPDX-License-Identifier: Apache-2.0

/// An algorithm as a value: a struct of parameters that can be stored, compared and run.
///
/// Its ``catalogue`` entry is the only place that knows the parameters' names, ranges, units and help. Recipes, command
/// line, docs and provenance are generated from it.
public protocol Operation: Sendable, Equatable {
  /// The defaults.
  init()
  /// Name, summary, source and parameters.
  static var catalogue: Entry<Self> { get }
}

/// Image → image.
public protocol Filter: Operation {
  /// Runs the filter. The result has the input's geometry, unless changing it is what the filter is for.
  func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume
  /// How many slices on each side a slice of the result depends on: what a slab of a volume needs around it to be
  /// filtered by itself. Nil when it depends on the whole volume.
  func reach(_ geometry: Geometry) throws(ImageError) -> Int?
  /// Bytes that it takes at most for an image of a grid, besides the image as 32-bit floats and the result.
  func scratch(_ geometry: Geometry) -> Int
}

extension Filter {
  /// The whole volume.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { nil }
  /// A volume of 32-bit floats.
  public func scratch(_ geometry: Geometry) -> Int { geometry.bytes(ofFloats: 1) }
}

/// Image → mask.
public protocol Segmentation: Operation {
  /// Finds the region. The mask has the image's geometry.
  func callAsFunction(_ image: AnyVolume) throws(ImageError) -> Mask
}

/// Mask → mask.
public protocol MaskOperation: Operation {
  /// Changes the region. The result has the input's geometry.
  func callAsFunction(_ mask: Mask) throws(ImageError) -> Mask
}

/// One parameter of an operation: declared once, read by everything that sets, prints or documents it.
public struct Parameter<Op>: Sendable {
  /// Its name in recipes and on the command line.
  public let name: String
  /// What it means.
  public let help: String
  /// What it may be: "0.1mm … 50mm", "mirror | zero".
  public let range: String
  /// Parses, checks the range and assigns.
  public let set: @Sendable (inout Op, String) throws(ImageError) -> Void
  /// The value as text that ``set`` reads back.
  public let get: @Sendable (Op) -> String

  private init<Value>(
    _ path: any WritableKeyPath<Op, Value> & Sendable, _ name: String, _ range: String, _ help: String,
    parse: @escaping @Sendable (String) -> Value?, print: @escaping @Sendable (Value) -> String
  ) {
    self.name = name
    self.help = help
    self.range = range
    set = { (op: inout Op, text: String) throws(ImageError) in
      guard let value = parse(text) else {
        throw ImageError(.invalidParameter, "\(name) is \"\(text)\", expected \(range)")
      }
      op[keyPath: path] = value
    }
    get = { print($0[keyPath: path]) }
  }

  /// A length within a range.
  public init(
    _ path: any WritableKeyPath<Op, Length> & Sendable, _ name: String, _ range: ClosedRange<Length>, _ help: String
  ) {
    self.init(
      path, name, "\(range.lowerBound) … \(range.upperBound)", help,
      parse: { Length($0).flatMap { range.contains($0) ? $0 : nil } }, print: { $0.description })
  }

  /// A number within a range.
  public init(
    _ path: any WritableKeyPath<Op, Double> & Sendable, _ name: String, _ range: ClosedRange<Double>, _ help: String
  ) {
    self.init(
      path, name, "\(shortest(range.lowerBound)) … \(shortest(range.upperBound))", help,
      parse: { Double($0).flatMap { range.contains($0) ? $0 : nil } }, print: { shortest($0) })
  }

  /// A whole number within a range.
  public init(
    _ path: any WritableKeyPath<Op, Int> & Sendable, _ name: String, _ range: ClosedRange<Int>, _ help: String
  ) {
    self.init(
      path, name, "\(range.lowerBound) … \(range.upperBound)", help,
      parse: { Int($0).flatMap { range.contains($0) ? $0 : nil } }, print: { String($0) })
  }

  /// Yes or no.
  public init(_ path: any WritableKeyPath<Op, Bool> & Sendable, _ name: String, _ help: String) {
    self.init(
      path, name, "true | false", help,
      parse: { ["true", "yes"].contains($0) ? true : ["false", "no"].contains($0) ? false : nil },
      print: { String($0) })
  }

  /// A value that is written as text of its own kind; `range` says what it may be.
  public init<Value: LosslessStringConvertible & SendableMetatype>(
    text path: any WritableKeyPath<Op, Value> & Sendable, _ name: String, _ range: String, _ help: String
  ) {
    self.init(path, name, range, help, parse: { Value($0) }, print: { $0.description })
  }

  /// One of a set of words.
  public init<Choice: CaseIterable & RawRepresentable<String> & SendableMetatype>(
    _ path: any WritableKeyPath<Op, Choice> & Sendable, _ name: String, _ help: String
  ) {
    self.init(
      path, name, Choice.allCases.map(\.rawValue).joined(separator: " | "), help,
      parse: { Choice(rawValue: $0) }, print: { $0.rawValue })
  }
}

/// An operation's line in the catalogue.
public struct Entry<Op: Operation>: Sendable {
  /// Its name in recipes and on the command line, lower case with hyphens.
  public let name: String
  /// What it is, in a phrase.
  public let summary: String
  /// The paper, book or standard it follows.
  public let source: String
  /// Its parameters, in the order of importance.
  public let parameters: [Parameter<Op>]

  /// A catalogue line.
  public init(_ name: String, summary: String, source: String, parameters: [Parameter<Op>] = []) {
    self.name = name
    self.summary = summary
    self.source = source
    self.parameters = parameters
  }
}

/// A catalogue line whose operation type is not known to the caller.
public protocol CatalogueEntry: Sendable {
  /// Its name in recipes and on the command line.
  var name: String { get }
  /// What it is, in a phrase.
  var summary: String { get }
  /// The paper, book or standard it follows.
  var source: String { get }
  /// Name, range, help and default of every parameter.
  var parameterList: [(name: String, range: String, help: String, default: String)] { get }
  /// The operation with these parameters, the defaults for the rest.
  ///
  /// - Throws: `invalidParameter` naming the parameter, what was given and its range; for one that is given twice or
  ///   that another one changes.
  func make(_ values: [(name: String, value: String)]) throws(ImageError) -> any Operation
  /// Every parameter of an operation of this entry's type as text.
  func values(of operation: any Operation) -> [(name: String, value: String)]
}

// swift-format-ignore: AllPublicDeclarationsHaveDocumentation
extension Entry: CatalogueEntry {
  public var parameterList: [(name: String, range: String, help: String, default: String)] {
    let defaults = Op()
    return parameters.map { ($0.name, $0.range, $0.help, $0.get(defaults)) }
  }

  public func make(_ values: [(name: String, value: String)]) throws(ImageError) -> any Operation {
    var operation = Op()
    var given: [(parameter: Parameter<Op>, text: String)] = []
    for (name, value) in values {
      guard let parameter = parameters.first(where: { $0.name == name }) else {
        throw unknownName(name, kind: "parameter of \(self.name)", known: parameters.map(\.name))
      }
      guard !given.contains(where: { $0.parameter.name == name }) else {
        throw ImageError(.invalidParameter, "\(name) is given twice", place: self.name)
      }
      do { try parameter.set(&operation, value) } catch { throw error.at(self.name) }
      given.append((parameter, parameter.get(operation)))
    }
    // Parameters may be views of the same values, as a window's ends, centre and width: none may undo another.
    let scale = given.compactMap { number($0.text)?.magnitude }.max() ?? 0
    for (parameter, text) in given {
      let now = parameter.get(operation)
      if now == text { continue }
      if let a = number(text), let b = number(now), (a - b).magnitude <= 1e-9 * scale { continue }
      throw ImageError(
        .invalidParameter, "\(parameter.name) is \(text), but the other parameters make it \(now)", place: self.name,
        hint: "they set the same values: leave some of them out")
    }
    return operation
  }

  public func values(of operation: any Operation) -> [(name: String, value: String)] {
    guard let operation = operation as? Op else { return [] }
    return parameters.map { ($0.name, $0.get(operation)) }
  }
}

/// A number or a length in millimetres.
private func number(_ text: String) -> Double? { Length(text)?.millimetres }

/// The error for a name that does not exist, naming the nearest one that does, where one is near, and all there are.
public func unknownName(_ name: String, kind: String, known: [String]) -> ImageError {
  let distances = known.map { (name: $0, distance: editDistance($0.lowercased(), name.lowercased())) }
  // A name that shares less than half of its letters is another word, not a slip.
  let nearest = distances.min { $0.distance < $1.distance }.flatMap { $0.distance <= (name.count + 1) / 2 ? $0 : nil }
  let list = known.isEmpty ? "it has none" : "Known: \(known.joined(separator: ", "))"
  return ImageError(
    .invalidParameter, "unknown \(kind): \"\(name)\"",
    hint: (nearest.map { "did you mean \"\($0.name)\"? " } ?? "") + list)
}

/// Levenshtein distance.
func editDistance(_ a: String, _ b: String) -> Int {
  let b = Array(b)
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let cost = min(diagonal + (x == y ? 0 : 1), row[j] + 1, row[j + 1] + 1)
      diagonal = row[j + 1]
      row[j + 1] = cost
    }
  }
  return row[b.count]
}
