// SPDX-License-Identifier: Apache-2.0
public import LumenCore
import LumenDICOM
import LumenLearning
import LumenRadiomics
import Yams

extension Recipe {
  /// A recipe file.
  ///
  /// - Throws: `notFound`, `malformed` with the line for bad YAML, `invalidParameter` naming an unknown key or a value
  ///   out of range.
  public init(contentsOf path: String, needsRegions: Bool = true) throws(ImageError) {
    let bytes = try Files.read(path)
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    do {
      try self.init(
        yaml: String(decoding: bytes, as: UTF8.self), folder: folder.isEmpty ? "." : folder, needsRegions: needsRegions)
    } catch { throw error.at(path) }
  }

  /// A recipe from YAML text; `folder` is where the paths in it start.
  ///
  /// - Parameter needsRegions: whether one that says nothing of regions (`segment`, `mask`) is an error.
  public init(yaml: String, folder: String = ".", needsRegions: Bool = true) throws(ImageError) {
    self.init()
    let root: Node?
    do { root = try Yams.compose(yaml: yaml) } catch {
      throw ImageError(.malformed, "not YAML: \(error)".split(separator: "\n").joined(separator: " "))
    }
    guard let root else { throw ImageError(.malformed, "the recipe is empty") }
    try root.each("recipe") { key, node throws(ImageError) in
      switch key {
      case "name": name = try node.text(key)
      case "roi": roi = try node.text(key)
      case "mask": mask = try node.text(key)
      case "regions": regions = try node.texts(key)
      case "resample-mask": resampleMask = try node.flag(key)
      case "any-frame": anyFrame = try node.flag(key)
      case "read":
        try node.each(key) { option, value throws(ImageError) in
          switch option {
          case "geometry": reading.geometry = try value.word(option)
          case "colour": reading.colour = try value.word(option)
          case "values": reading.values = try value.word(option)
          default: throw unknownName(option, kind: "key of read", known: ["geometry", "colour", "values"])
          }
        }
      case "results": results = try node.list(key).map { node throws(ImageError) in try node.word(key) }
      case "prepare":
        prepare = try node.steps(key)
        try prepare.requireFilters(key)
      case "interpolate":
        let settings = try node.pairs(key).map { pair throws(ImageError) in
          (name: pair.0, value: try pair.1.text(pair.0))
        }
        interpolate = try Step("resample", settings)
      case "response":
        response = try node.steps(key)
        try response.requireFilters(key)
      case "segment":
        segment = try node.steps(key)
        try segment.requireSegmentation(key)
      case "features": try readFeatures(node)
      case "cluster": cluster = try Self.readCluster(node)
      case "diagnose":
        try node.each(key) { option, value throws(ImageError) in
          guard option == "model" else { throw unknownName(option, kind: "key of diagnose", known: ["model"]) }
          try setModel(Self.resolve(try value.text(option), in: folder))
        }
      case "imageType", "featureClass", "setting", "voxelSetting":
        throw ImageError(
          .invalidParameter, "unknown recipe key: \"\(key)\"",
          hint: "is this a PyRadiomics parameter file? lumen features takes it with -p")
      default:
        throw unknownName(
          key, kind: "recipe key",
          known: [
            "name", "roi", "read", "prepare", "interpolate", "response", "segment", "mask", "regions", "resample-mask",
            "any-frame", "results",
            "features", "cluster", "diagnose",
          ])
      }
    }
    guard (mask == nil) != segment.isEmpty || !needsRegions && mask == nil else {
      throw ImageError(
        .invalidParameter, mask == nil ? "the recipe has neither segment nor mask" : "the recipe has segment and mask",
        hint: "give one of them")
    }
  }

  /// Sets the model that gives each case a finding.
  public mutating func setModel(_ path: String) throws(ImageError) {
    let loaded = try ModelFile.read(path)
    model = (path, loaded.hash, loaded.model)
  }

  private static func resolve(_ path: String, in folder: String) -> String {
    path.hasPrefix("/") ? path : "\(folder)/\(path)"
  }

  private mutating func readFeatures(_ node: Node) throws(ImageError) {
    try node.each("features") { key, value throws(ImageError) in
      switch key {
      case "families": features.families = try value.list(key).map { node throws(ImageError) in try node.word(key) }
      case "aggregations":
        features.aggregations = try value.list(key).map { node throws(ImageError) in try node.word(key) }
      case "without": features.leftOut = Set(try value.list(key).map { node throws(ImageError) in try node.tag(key) })
      case "distance": features.distance = try value.whole(key, 1...256)
      case "weighting": features.weighting = try value.word(key)
      case "coarseness": features.coarseness = try value.whole(key, 0...65_535)
      case "round": features.roundIntensities = try value.flag(key)
      case "outliers": features.outlierSigma = try value.number(key, 0.1...100)
      case "resegment":
        let ends = try value.list(key).map { node throws(ImageError) in try node.bound(key) }
        guard ends.count == 2, ends[0] <= ends[1] else {
          throw ImageError(.invalidParameter, "resegment takes [lower, upper]; an end may be -.inf or .inf")
        }
        features.resegmentationRange = ends[0]...ends[1]
      case "discretisation":
        features.discretisation = try value.discretisation(key)
      case "ivh": features.ivhDiscretisation = try value.discretisation(key)
      default:
        throw unknownName(
          key, kind: "key of features",
          known: [
            "families", "without", "discretisation", "ivh", "resegment", "outliers", "aggregations", "distance",
            "weighting",
            "coarseness", "round",
          ])
      }
    }
    try Self.requireSome(features.families, "families")
    try Self.requireSome(features.aggregations, "aggregations")
    guard !features.columns.isEmpty else {
      throw ImageError(.invalidParameter, "without names every feature of the families, expected that one is left")
    }
  }

  private static func requireSome(_ list: [some Any], _ key: String) throws(ImageError) {
    if list.isEmpty { throw ImageError(.invalidParameter, "\(key) is an empty list, expected at least one") }
  }

  private static func readCluster(_ node: Node) throws(ImageError) -> KMeans {
    var cluster = KMeans()
    try node.each("cluster") { key, value throws(ImageError) in
      switch key {
      case "k": cluster.k = try value.whole(key, 1...1000)
      case "restarts": cluster.restarts = try value.whole(key, 1...1000)
      case "iterations": cluster.maximumIterations = try value.whole(key, 1...100_000)
      case "seed": cluster.seed = UInt64(try value.whole(key, 0...Int.max))
      default: throw unknownName(key, kind: "key of cluster", known: ["k", "restarts", "iterations", "seed"])
      }
    }
    return cluster
  }
}

extension Node {
  fileprivate func bad(_ key: String, _ expected: String) -> ImageError {
    let found = scalar.map { "\"\($0.string)\"" } ?? (sequence != nil ? "a list" : "a mapping")
    return ImageError(
      .invalidParameter, "\(key) is \(found), expected \(expected)", place: mark.map { "line \($0.line)" })
  }

  fileprivate func pairs(_ key: String) throws(ImageError) -> [(String, Node)] {
    guard let mapping else { throw bad(key, "name: value pairs") }
    var result: [(String, Node)] = []
    for (k, v) in mapping { result.append((try k.text(key), v)) }
    return result
  }

  /// Hands out the pairs; an error says the line of its key unless it has one.
  fileprivate func each(_ key: String, _ body: (String, Node) throws(ImageError) -> Void) throws(ImageError) {
    guard let mapping else { throw bad(key, "name: value pairs") }
    for (name, value) in mapping {
      do throws(ImageError) { try body(try name.text(key), value) } catch {
        guard let line = name.mark?.line, error.place?.contains("line ") != true else { throw error }
        throw error.at("line \(line)")
      }
    }
  }

  fileprivate func list(_ key: String) throws(ImageError) -> [Node] {
    guard let sequence else { throw bad(key, "a list") }
    return Array(sequence)
  }

  fileprivate func text(_ key: String) throws(ImageError) -> String {
    guard let scalar else { throw bad(key, "a word") }
    return scalar.string
  }

  fileprivate func texts(_ key: String) throws(ImageError) -> [String] {
    try list(key).map { node throws(ImageError) in try node.text(key) }
  }

  fileprivate func word<Choice: RawRepresentable<String> & CaseIterable>(_ key: String) throws(ImageError) -> Choice {
    guard let scalar, let choice = Choice(rawValue: scalar.string) else {
      throw bad(key, Choice.allCases.map(\.rawValue).joined(separator: " | "))
    }
    return choice
  }

  /// The tag of a feature.
  fileprivate func tag(_ key: String) throws(ImageError) -> String {
    let tag = try text(key), known = FeatureCatalogue.families.flatMap { $0.features.map(\.tag) }
    guard known.contains(tag) else { throw unknownName(tag, kind: "feature of without", known: known) }
    return tag
  }

  fileprivate func number(_ key: String, _ range: ClosedRange<Double>) throws(ImageError) -> Double {
    guard let scalar, let value = Double(scalar.string), range.contains(value) else {
      throw bad(key, "a number in \(shortest(range.lowerBound)) … \(shortest(range.upperBound))")
    }
    return value
  }

  fileprivate func whole(_ key: String, _ range: ClosedRange<Int>) throws(ImageError) -> Int {
    guard let scalar, let value = Int(scalar.string), range.contains(value) else {
      throw bad(key, "a whole number in \(range.lowerBound) … \(range.upperBound)")
    }
    return value
  }

  /// A number or, in the spelling of YAML, an infinity.
  fileprivate func bound(_ key: String) throws(ImageError) -> Double {
    switch scalar?.string {
    case ".inf", "+.inf": return .infinity
    case "-.inf": return -.infinity
    default: return try number(key, -1e9...1e9)
    }
  }

  /// `none`, `fixed-bin-number 32`, `fixed-bin-size 25` or `fixed-bin-size 25 from -1000`; without `from` bins begin at
  /// the resegmentation range.
  fileprivate func discretisation(_ key: String) throws(ImageError) -> Discretisation {
    let words = try text(key).split(separator: " ")
    let numbers = words.dropFirst().filter { $0 != "from" }.compactMap { Double($0) }.filter(\.isFinite)
    switch (words.first, numbers.first, words.count) {
    case ("none", nil, 1): return .none
    case ("fixed-bin-number", let n?, 2) where n == n.rounded() && (1...65_535).contains(n):
      return .fixedBinNumber(Int(n))
    case ("fixed-bin-size", let w?, 2) where w > 0: return .fixedBinSize(w)
    case ("fixed-bin-size", let w?, 4) where w > 0 && words[2] == "from" && numbers.count == 2:
      return .fixedBinSize(w, lowerBound: numbers[1])
    default:
      throw ImageError(
        .invalidParameter, "\(key) is \"\(words.joined(separator: " "))\"",
        hint: "none, fixed-bin-number 32, fixed-bin-size 25 or fixed-bin-size 25 from -1000")
    }
  }

  fileprivate func flag(_ key: String) throws(ImageError) -> Bool {
    guard let value = bool else { throw bad(key, "true or false") }
    return value
  }

  /// `[otsu, {median: {radius: 1}}, …]`
  fileprivate func steps(_ key: String) throws(ImageError) -> [Step] {
    var steps: [Step] = []
    for node in try list(key) {
      do {
        if let scalar = node.scalar {
          steps.append(try Step(scalar.string))
        } else {
          for (name, parameters) in try node.pairs(key) {
            var values: [(name: String, value: String)] = []
            for (parameter, value) in try parameters.pairs(name) {
              values.append((parameter, try value.text(parameter)))
            }
            steps.append(try Step(name, values))
          }
        }
      } catch {
        throw error.place?.contains("line ") == true ? error : error.at(node.mark.map { "line \($0.line)" } ?? key)
      }
    }
    return steps
  }
}
