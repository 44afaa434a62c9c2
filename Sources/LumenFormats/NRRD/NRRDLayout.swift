// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// What the fields of a NRRD header say about the samples: which axes are space and where the grid lies.
struct NRRDLayout {
  var samples: SampleLayout
  /// Lengths of all axes, fastest first.
  var sizes: [Int]

  /// Reads the fields and holds the sizes against the limits.
  init(_ header: NRRDHeader, limits: Limits) throws(ImageError) {
    let dimension = try header.integer("dimension", 0)
    guard 1...16 ~= dimension else {
      throw ImageError(.malformed, "NRRD dimension is \(dimension), expected 1 … 16")
    }
    let sizes = try HeaderText.integers(header.required("sizes"), "NRRD sizes")
    self.sizes = sizes
    guard sizes.count == dimension else {
      throw ImageError(.malformed, "NRRD sizes has \(sizes.count) numbers, expected \(dimension)")
    }
    if let wrong = sizes.first(where: { $0 < 1 || $0 > limits.dimension }) {
      throw ImageError(
        wrong < 1 ? .malformed : .limitExceeded, "NRRD axis of \(wrong) samples, expected 1 … \(limits.dimension)")
    }
    let type = try Self.type(header.required("type"))
    let axes = try Axes(header, sizes)
    let (size, chunks) = try SampleLayout.check(
      size: axes.space.map { sizes[$0] }, components: axes.components, chunks: axes.further.map { sizes[$0] },
      type: type, limits: limits)
    samples = SampleLayout(
      format: .nrrd, type: type, geometry: try axes.geometry(header, size, dimension), components: axes.components,
      isColour: axes.isColour && [3, 4].contains(axes.components) && [.uint8, .uint16].contains(type), chunks: chunks)
  }

  /// - Source: section 5, "type".
  private static func type(_ name: Substring) throws(ImageError) -> SampleType {
    let words = HeaderText.words(name.lowercased()).joined(separator: " ")
    switch words {
    case "signed char", "int8", "int8_t": return .int8
    case "uchar", "unsigned char", "uint8", "uint8_t": return .uint8
    case "short", "short int", "signed short", "signed short int", "int16", "int16_t": return .int16
    case "ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t": return .uint16
    case "int", "signed int", "int32", "int32_t": return .int32
    case "uint", "unsigned int", "uint32", "uint32_t": return .uint32
    case "longlong", "long long", "long long int", "signed long long", "signed long long int", "int64", "int64_t":
      return .int64
    case "ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t": return .uint64
    case "float": return .float32
    case "double": return .float64
    case "block": throw ImageError(.unsupported, "NRRD samples of type block have no numbers")
    default: throw HeaderText.wrong("NRRD type", name, "an integer of 8 to 64 bits, float or double")
    }
  }
}

/// The axes by their roles.
private struct Axes {
  /// One to three axes of space.
  var space: [Int] = []
  /// Axes slower than space.
  var further: [Int] = []
  /// Product of the axes faster than space.
  var components = 1
  var isColour = false
  /// Steps along the axes; nil along those that are not space.
  private var directions: [SIMD3<Double>?]?

  init(_ header: NRRDHeader, _ sizes: [Int]) throws(ImageError) {
    let dimension = sizes.count
    let kinds = header.fields["kinds"].map { HeaderText.words($0.lowercased()).map(String.init) }
    if let kinds, kinds.count != dimension {
      throw ImageError(.malformed, "NRRD field \"kinds\" has \(kinds.count) words, expected \(dimension)")
    }
    if let kinds, kinds.contains(where: { $0 == "complex" }) {
      throw ImageError(.unsupported, "NRRD samples are complex numbers", hint: "store the magnitude")
    }
    let vectors = try header.vectors("spacedirections", dimension, dimension: Self.spaceDimension(header) ?? 3)
    if let vectors {
      directions = []
      for vector in vectors {
        // The fourth number is time: an axis along it is none of space.
        guard let vector, vector.w == 0 || vector == SIMD4(0, 0, 0, vector.w) else {
          if vector != nil { throw ImageError(.unsupported, "NRRD axis with a direction in space and time") }
          directions?.append(nil)
          continue
        }
        directions?.append(vector.w == 0 ? SIMD3(vector.x, vector.y, vector.z) : nil)
      }
    }
    for axis in 0..<dimension {
      let isSpace =
        if let directions { directions[axis] != nil } else if let kind = kinds?[axis] {
          ["domain", "space", "???", "none"].contains(kind)
        } else { true }
      if isSpace && space.count < 3 { space.append(axis) }
    }
    guard let first = space.first, let last = space.last else {
      throw ImageError(.malformed, "NRRD file without an axis of space")
    }
    guard last > first else { throw ImageError(.unsupported, "NRRD file with one axis of space, 2 or 3 are read") }
    for axis in 0..<dimension where !space.contains(axis) && sizes[axis] > 1 {
      if axis < first {
        let (product, overflow) = components.multipliedReportingOverflow(by: sizes[axis])
        components = overflow ? .max : product
        isColour = ["3-color", "rgb-color", "4-color", "rgba-color"].contains(kinds?[axis] ?? "")
      } else if axis > last {
        further.append(axis)
      } else {
        throw ImageError(
          .unsupported,
          "NRRD axis \(axis)\((kinds?[axis]).map { " (\(HeaderText.printable($0)))" } ?? "") of \(sizes[axis]) lies "
            + "between axes of space",
          hint: "permute the axes so that space comes first")
      }
    }
  }

  /// Components of a vector in space; nil without a space.
  static func spaceDimension(_ header: NRRDHeader) throws(ImageError) -> Int? {
    if let name = header.fields["space"]?.lowercased() {
      guard let space = named(name) else {
        throw HeaderText.wrong("NRRD space", name, "a space of the format's definition")
      }
      return space.dimension
    }
    guard header.fields["spacedimension"] != nil else { return nil }
    let n = try header.integer("spacedimension", 0)
    guard 2...4 ~= n else {
      throw ImageError(n < 1 ? .malformed : .unsupported, "NRRD space dimension is \(n), 2 to 4 are read")
    }
    return n
  }

  /// Signs that turn a space into LPS, and its dimension; nil for an unknown one. Spaces without anatomy are taken as
  /// LPS.
  private static func named(_ space: String) -> (turn: SIMD3<Double>, dimension: Int)? {
    switch space {
    case "right-anterior-superior", "ras": ([-1, -1, 1], 3)
    case "left-anterior-superior", "las": ([1, -1, 1], 3)
    case "left-posterior-superior", "lps": ([1, 1, 1], 3)
    case "scanner-xyz", "3d-right-handed", "3d-left-handed": ([1, 1, 1], 3)
    case "right-anterior-superior-time", "rast": ([-1, -1, 1], 4)
    case "left-anterior-superior-time", "last": ([1, -1, 1], 4)
    case "left-posterior-superior-time", "lpst": ([1, 1, 1], 4)
    case "scanner-xyz-time", "3d-right-handed-time", "3d-left-handed-time": ([1, 1, 1], 4)
    default: nil
    }
  }

  /// Millimetres a unit; 1 for words that are no metric length.
  private static func millimetres(_ unit: String) -> Double {
    switch unit.lowercased() {
    case "m", "meter", "metre", "meters", "metres": 1000
    case "cm", "centimeter", "centimetre": 10
    case "um", "µm", "μm", "micron", "microns", "micrometer", "micrometre": 0.001
    case "nm", "nanometer", "nanometre": 1e-6
    default: 1
    }
  }

  func geometry(_ header: NRRDHeader, _ size: Size, _ dimension: Int) throws(ImageError) -> Geometry {
    let turn = header.fields["space"].flatMap { Self.named($0.lowercased())?.turn } ?? SIMD3(1, 1, 1)
    var steps = [SIMD3<Double>](repeating: .zero, count: 3)
    var origin = SIMD3<Double>.zero
    if let directions {
      for (i, axis) in space.enumerated() { steps[i] = directions[axis] ?? .zero }
    } else {
      let spacings = try header.reals("spacings", dimension)
      let units = header.quoted("units")
      let lows = try header.reals("axismins", dimension), highs = try header.reals("axismaxs", dimension)
      let centers = (header.fields["centers"] ?? header.fields["centerings"])
        .map { HeaderText.words($0.lowercased()).map(String.init) }
      for (i, axis) in space.enumerated() {
        // Samples are at the middle of cells unless the header says that they are at nodes.
        let isNode = centers.map { axis < $0.count && $0[axis] == "node" } ?? false
        let low = lows?[axis] ?? .nan, high = highs?[axis] ?? .nan
        let intervals = Double(isNode ? size[i] - 1 : size[i])
        var step = spacings?[axis] ?? .nan
        if step.isNaN && (high - low).isFinite && intervals > 0 { step = (high - low) / intervals }
        if step.isNaN { step = 1 }
        let unit = units.flatMap { axis < $0.count ? Self.millimetres($0[axis]) : nil } ?? 1
        steps[i][i] = step * unit
        if low.isFinite { origin[i] = (isNode ? low : low + step / 2) * unit }
      }
      if space.count == 2 { steps[2] = .zero }
    }
    if header.fields["spaceorigin"] != nil {
      let n = try Self.spaceDimension(header) ?? 3
      guard let stated = try header.vectors("spaceorigin", 1, dimension: n)?[0] else {
        throw ImageError(.malformed, "NRRD space origin is no vector")
      }
      origin = SIMD3(stated.x, stated.y, stated.z)
    }
    if header.fields["space"] != nil || header.fields["spacedimension"] != nil, let units = header.quoted("spaceunits")
    {
      let scale = SIMD3<Double>((0..<3).map { $0 < units.count ? Self.millimetres(units[$0]) : 1 })
      steps = steps.map { $0 * scale }
      origin *= scale
    }
    return try Geometry(
      axes: steps.map { $0.flipped(turn) }, origin: origin.flipped(turn), size: size, source: "NRRD grid")
  }
}
