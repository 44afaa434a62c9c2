// SPDX-License-Identifier: Apache-2.0
public import LumenCore
public import LumenRadiomics
import Yams

extension PyRadiomics {
  /// What a PyRadiomics parameter file (YAML or JSON) asks for: imageType, featureClass, setting, voxelSetting.
  ///
  /// - Throws: `notFound`, `malformed` for text that is not YAML, `invalidParameter` naming an unknown key with those
  ///   there are, or a value that does not suit.
  /// - Source: PyRadiomics 3.0.1, `schemas/paramSchema.yaml`.
  public init(contentsOf path: String) throws(ImageError) {
    let bytes = try Files.read(path)
    do { try self.init(yaml: String(decoding: bytes, as: UTF8.self)) } catch { throw error.at(path) }
  }

  /// The same from text.
  public init(yaml: String) throws(ImageError) {
    let root: Node?
    do { root = try Yams.compose(yaml: yaml) } catch {
      throw ImageError(.malformed, "not YAML: \(error)".split(separator: "\n").joined(separator: " "))
    }
    var sections: [String: [PythonValue.Entry]] = [:]
    let known = ["imageType", "featureClass", "setting", "voxelSetting"]
    if let root, root.null == nil {
      for (key, node) in try root.entries("the parameter file") {
        guard known.contains(key) else {
          let isRecipe = ["name", "features", "segment", "mask", "read", "prepare", "response"].contains(key)
          let error = unknownName(key, kind: "section", known: known)
          throw ImageError(
            .invalidParameter, error.what, place: root.line(namedIn: error.what),
            hint: isRecipe ? "is this a recipe? give it with -r" : error.hint)
        }
        sections[key] =
          try node.null != nil
          ? []
          : node.entries(key).map { key, node throws(ImageError) in
            PythonValue.Entry(key, try node.python(depth: 0))
          }
      }
    }
    do throws(ImageError) {
      try self.init(
        imageTypes: sections["imageType"] ?? [], featureClasses: sections["featureClass"] ?? [],
        settings: sections["setting"] ?? [], voxelSettings: sections["voxelSetting"] ?? [])
    } catch { throw root?.line(namedIn: error.what).map(error.at) ?? error }
    software = "Lumen \(Software.version)"
  }

  /// The same with settings written as `name:value`, lists with commas, as PyRadiomics' command line takes them.
  ///
  /// - Throws: `invalidParameter` for an unknown name or a value that does not suit.
  public func with(overrides: [String]) throws(ImageError) -> PyRadiomics {
    var entries: [PythonValue.Entry] = []
    for text in overrides {
      guard let colon = text.firstIndex(of: ":") else {
        throw ImageError(.invalidParameter, "\"\(text)\" has no colon, expected name:value")
      }
      let name = String(text[..<colon]), value = String(text[text.index(after: colon)...])
      let isList = ["resampledPixelSpacing", "distances", "resegmentRange", "sigma"].contains(name)
      let yaml = isList && !value.hasPrefix("[") ? "[\(value)]" : value
      let node: Node?
      do { node = try Yams.compose(yaml: yaml) } catch {
        throw ImageError(.invalidParameter, "the value of \(name) is \"\(value)\", which cannot be read")
      }
      entries.append(.init(name, try node?.python(depth: 0) ?? .none))
    }
    return try with(settings: entries)
  }
}

extension Node {
  /// The line of the first key or word that an error's text quotes or begins with.
  fileprivate func line(namedIn text: String, depth: Int = 0) -> String? {
    guard depth < 16 else { return nil }
    if let scalar {
      let isNamed = text.contains("\"\(scalar.string)\"") || text.hasPrefix("\(scalar.string) is ")
      return isNamed ? mark.map { "line \($0.line)" } : nil
    }
    for node in sequence.map(Array.init) ?? mapping?.flatMap({ [$0.key, $0.value] }) ?? [] {
      if let line = node.line(namedIn: text, depth: depth + 1) { return line }
    }
    return nil
  }

  fileprivate func entries(_ place: String) throws(ImageError) -> [(String, Node)] {
    guard let mapping else {
      throw ImageError(
        .invalidParameter, "\(place) is no mapping of names to values", place: mark.map { "line \($0.line)" })
    }
    var found: [(String, Node)] = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string else {
        throw ImageError(.invalidParameter, "a key of \(place) is no word", place: key.mark.map { "line \($0.line)" })
      }
      found.append((name, value))
    }
    return found
  }

  /// As Python's YAML reader types it.
  fileprivate func python(depth: Int) throws(ImageError) -> PythonValue {
    guard depth < 16 else { throw ImageError(.limitExceeded, "the parameter file is nested more than 16 deep") }
    if let sequence {
      var items: [PythonValue] = []
      for node in sequence { items.append(try node.python(depth: depth + 1)) }
      return .list(items)
    }
    if mapping != nil {
      var all: [PythonValue.Entry] = []
      for (key, node) in try entries("a mapping") { all.append(.init(key, try node.python(depth: depth + 1))) }
      return .dictionary(all)
    }
    guard let scalar else { return .none }
    let isPlain = scalar.style == .any || scalar.style == .plain
    guard isPlain else { return .text(scalar.string) }
    if null != nil { return .none }
    if let flag = bool { return .bool(flag) }
    if let whole = int { return .integer(whole) }
    // Words like infinity are numbers to Swift, not to Python's reader.
    if let real = float, scalar.string.first?.isLetter != true { return .real(real) }
    return .text(scalar.string)
  }
}
