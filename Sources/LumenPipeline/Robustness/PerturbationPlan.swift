// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Which perturbations are made: the product of all levels of all kinds.
///
///     rotate(-6, 6) translate(0.25, 0.75) noise(2) volume(-0.1, 0.1) contour(3)
///
/// Numbers are lists or ranges `from..to/step`. `translate` combines its fractions along the axes (`axes=xy` leaves the
/// slices), `noise(n)` and `contour(n)` are repetitions with random numbers of their own. What is left out stays as it is.
///
/// - Source: Zwanenburg et al., Sci Rep 2019;9:614.
public struct PerturbationPlan: Sendable, Equatable {
  /// Angles in degrees; empty: none.
  public var rotations: [Double] = []
  /// Fractions of the voxel along the axes that are translated; empty: none.
  public var translations: [Double] = []
  /// Axes that are translated: 0 columns, 1 rows, 2 slices.
  public var translatedAxes = [0, 1, 2]
  /// Repetitions of the noise; 0: none.
  public var noise = 0
  /// Standard deviation of the noise; nil: estimated from each image.
  public var noiseLevel: Double?
  /// Changes of the volume; empty: none.
  public var volumes: [Double] = []
  /// Repetitions of the contour; 0: none.
  public var contours = 0

  /// Most combinations of a plan.
  static let limit = 10_000

  /// No perturbation.
  public init() {}

  /// The plan used when none is given: 16 combinations of the chain that Zwanenburg et al. found to let the fewest
  /// features pass that are not robust (noise, translation, volume, contour).
  public static let standard = "translate(0.25, 0.75) noise(1) volume(-0.1, 0.1) contour(1)"

  /// A plan from text: kinds with their levels, separated by blanks, commas or ×.
  ///
  /// - Throws: `invalidParameter` for what it does not understand, a kind that is there twice, a number out of range, or
  ///   more than 10 000 combinations.
  public init(_ text: String) throws(ImageError) {
    var rest = Substring(text), seen: Set<String> = []
    while let start = rest.firstIndex(where: { !$0.isWhitespace && !",×*".contains($0) }) {
      rest = rest[start...]
      guard let open = rest.firstIndex(of: "("), let close = rest.firstIndex(of: ")"), open < close else {
        throw ImageError(
          .invalidParameter, "the perturbation \"\(rest.trimmed)\" is not of the form kind(levels)", hint: Self.standard
        )
      }
      let kind = rest[..<open].trimmed
      guard seen.insert(kind).inserted else {
        throw ImageError(
          .invalidParameter, "\(kind) is there twice", hint: "give all its levels in one pair of brackets")
      }
      do { try read(kind, rest[rest.index(after: open)..<close]) } catch { throw error.at("perturbation \(kind)") }
      rest = rest[rest.index(after: close)...]
    }
    guard count <= Self.limit else {
      throw ImageError(.invalidParameter, "\(count) combinations, at most \(Self.limit)", hint: "take fewer levels")
    }
  }

  private mutating func read(_ kind: String, _ levels: Substring) throws(ImageError) {
    var items: [String] = [], options: [String: String] = [:]
    for part in levels.split(separator: ",") {
      let pair = part.split(separator: "=", maxSplits: 1).map(\.trimmed)
      if pair.count == 2 { options[pair[0]] = pair[1] } else { items.append(part.trimmed) }
    }
    func known(_ names: [String]) throws(ImageError) {
      for name in options.keys.sorted() where !names.contains(name) {
        throw unknownName(name, kind: "option", known: names)
      }
    }
    switch kind {
    case "rotate":
      try known([])
      rotations = try Self.numbers(items, -360...360)
    case "translate":
      try known(["axes"])
      translations = try Self.numbers(items, -1...1)
      if let axes = options["axes"] {
        translatedAxes = axes.compactMap { Array("xyz").firstIndex(of: $0) }
        guard !axes.isEmpty, translatedAxes.count == axes.count, Set(axes).count == axes.count else {
          throw ImageError(.invalidParameter, "axes is \"\(axes)\", expected letters of xyz")
        }
      }
    case "noise":
      try known(["level"])
      noise = try Self.repetitions(items)
      if let level = options["level"] {
        guard let value = Double(level), value >= 0, value.isFinite else {
          throw ImageError(.invalidParameter, "level is \"\(level)\", expected a number from 0")
        }
        noiseLevel = value
      }
    case "volume":
      try known([])
      volumes = try Self.numbers(items, -0.99...10)
    case "contour":
      try known([])
      contours = try Self.repetitions(items)
    default:
      throw unknownName(kind, kind: "perturbation", known: ["rotate", "translate", "noise", "volume", "contour"])
    }
  }

  private static func repetitions(_ items: [String]) throws(ImageError) -> Int {
    guard items.count == 1, let n = Int(items[0]), (1...limit).contains(n) else {
      throw ImageError(
        .invalidParameter, "\"\(items.joined(separator: ", "))\" are its levels, expected one number of repetitions")
    }
    return n
  }

  /// Numbers and ranges `from..to/step` in the order given.
  private static func numbers(_ items: [String], _ range: ClosedRange<Double>) throws(ImageError) -> [Double] {
    var numbers: [Double] = []
    for item in items {
      func bad() -> ImageError {
        ImageError(
          .invalidParameter,
          "\"\(item)\" is neither a number in \(shortest(range.lowerBound)) … \(shortest(range.upperBound)) nor a range from..to/step of such"
        )
      }
      if let value = Double(item) {
        guard range.contains(value) else { throw bad() }
        numbers.append(value)
        continue
      }
      let halves = item.split(separator: "/").map(\.trimmed)
      guard halves.count == 2, let step = Double(halves[1]), step > 0, step.isFinite,
        let dots = halves[0].indices.first(where: { halves[0][$0...].hasPrefix("..") }),
        let from = Double(Substring(halves[0][..<dots]).trimmed),
        let to = Double(halves[0][dots...].dropFirst(2).trimmed), range.contains(from), range.contains(to), from <= to,
        (to - from) / step < Double(limit)
      else { throw bad() }
      // Counted, not summed up, and the last bit of the quotient is rounding.
      for k in 0...Int((to - from) / step + 1e-9) { numbers.append(from + Double(k) * step) }
    }
    guard !numbers.isEmpty else { throw ImageError(.invalidParameter, "it has no levels") }
    var unique: [Double] = []
    for number in numbers where !unique.contains(number) { unique.append(number) }
    return unique
  }

  /// Number of combinations; stops counting beyond the limit.
  public var count: Int {
    var product = 1
    let ofTranslation = translations.isEmpty ? [] : translatedAxes.map { _ in translations.count }
    for n in [rotations.count, noise, volumes.count, contours] + ofTranslation where n > 0 {
      product = min(product * n, Self.limit * Self.limit)
    }
    return product
  }

  /// Every combination: rotations outermost, contours innermost. Those of one image follow each other.
  public var combinations: [Perturbation] {
    func levels<T>(_ values: [T], _ none: T) -> [T] { values.isEmpty ? [none] : values }
    var shifts = [SIMD3<Double>()]
    if !translations.isEmpty {
      for axis in translatedAxes {
        shifts = shifts.flatMap { shift in
          translations.map { fraction in
            var next = shift
            next[axis] = fraction
            return next
          }
        }
      }
    }
    var all: [Perturbation] = []
    for rotation in levels(rotations, 0) {
      for shift in shifts {
        for noise in levels(Array(1..<self.noise + 1), 0) {
          for volume in levels(volumes, 0) {
            for contour in levels(Array(1..<contours + 1), 0) {
              var p = Perturbation()
              (p.rotation, p.translation, p.noise, p.volume, p.contour) = (rotation, shift, noise, volume, contour)
              all.append(p)
            }
          }
        }
      }
    }
    return all
  }

  /// Every setting as one line that reads back as the same plan.
  public var canonical: String {
    func list(_ numbers: [Double]) -> String { numbers.map(shortest).joined(separator: ", ") }
    var parts: [String] = []
    if !rotations.isEmpty { parts.append("rotate(\(list(rotations)))") }
    if !translations.isEmpty {
      let axes = String(translatedAxes.map { Array("xyz")[$0] })
      parts.append("translate(\(list(translations))\(axes == "xyz" ? "" : ", axes=\(axes)"))")
    }
    if noise > 0 { parts.append("noise(\(noise)\(noiseLevel.map { ", level=\(shortest($0))" } ?? ""))") }
    if !volumes.isEmpty { parts.append("volume(\(list(volumes)))") }
    if contours > 0 { parts.append("contour(\(contours))") }
    return parts.joined(separator: " ")
  }
}
