// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// MetaImage files of ITK: `.mha`, and `.mhd` with the samples in other files.
///
/// - Shape: two or three axes are one volume, a fourth counts volumes; ElementNumberOfChannels holds the components of a
///   voxel.
/// - Units: millimetres, LPS, as ITK reads them; DistanceUnits and AnatomicalOrientation are not applied.
/// - Range: values as stored, ElementToIntensityFunction is not applied; 64-bit integers become the first of int32,
///   uint32 and float64 that holds every sample exactly.
/// - Source: ITK, "MetaIO" and `MetaImageIO`; binary and text samples, zlib compression.
public enum MetaImage {
  /// Decodes a file that holds its samples itself.
  ///
  /// - Parameter volume: the number of the volume, from 1; needed for a file with several.
  /// - Throws: `malformed` for contradictions and cut files; `invalidParameter` for several volumes and none chosen;
  ///   `unsupported` for sheared grids and for samples in another file, which are read by the header's path
  ///   (``ImageFile``); `limitExceeded` before the samples are allocated.
  public static func read(
    _ bytes: [UInt8], volume: Int? = nil, limits: Limits = .standard
  ) throws(ImageError) -> AnyVolume {
    try open(.memory(bytes), limits: limits).volume(volume)
  }

  /// Decodes every volume of a file.
  ///
  /// - Throws: as ``read(_:volume:limits:)``; `limitExceeded` when they do not fit the limits together.
  public static func volumes(_ bytes: [UInt8], limits: Limits = .standard) throws(ImageError) -> [AnyVolume] {
    try open(.memory(bytes), limits: limits).volumes()
  }

  /// Reads the header; the samples follow it or lie in the files beside `path`.
  static func open(_ contents: FileContents, path: String? = nil, limits: Limits) throws(ImageError) -> SampleFile {
    let header = try MetaImageHeader(contents.head(limits), limits: limits)
    let axes = try header.integer("NDims", absent: 0)
    guard 1...10 ~= axes else { throw ImageError(.malformed, "MetaImage NDims is \(axes), expected 1 … 10") }
    guard 2...4 ~= axes else {
      throw ImageError(.unsupported, "MetaImage of \(axes) dimensions, 2 to 4 are read")
    }
    let sizes = try HeaderText.integers(header.text("DimSize") ?? "", "MetaImage DimSize")
    guard sizes.count == axes else {
      throw ImageError(.malformed, "MetaImage DimSize has \(sizes.count) numbers, expected \(axes)")
    }
    let type = try type(header.text("ElementType"))
    let (size, chunks) = try SampleLayout.check(
      size: Array(sizes.prefix(3)), components: header.integer("ElementNumberOfChannels", absent: 1),
      chunks: Array(sizes.dropFirst(3)), type: type, limits: limits)
    let components = try header.integer("ElementNumberOfChannels", absent: 1)
    let isBinary = try header.flag("BinaryData", absent: false)
    let isBig = try header.flag("BinaryDataByteOrderMSB", "ElementByteOrderMSB", absent: false)
    let layout = SampleLayout(
      format: .metaImage, type: type, isSwapped: isBinary && isBig,
      geometry: try geometry(header, axes, size), components: components,
      isColour: [3, 4].contains(components) && [.uint8, .uint16].contains(type) && size.slices == 1, chunks: chunks)
    let encoding = Encoding(
      type: type, isBinary: isBinary, isCompressed: try header.flag("CompressedData", absent: false),
      skip: try header.integer("HeaderSize", absent: 0))
    guard encoding.skip >= -1 else {
      throw ImageError(.malformed, "MetaImage HeaderSize is \(encoding.skip), expected −1 or more")
    }
    let total = layout.chunkBytes.multipliedSaturating(layout.chunks)
    return SampleFile(
      layout: layout, stream: try stream(contents, header, encoding, sizes, total, path, limits), limits: limits)
  }

  private static func stream(
    _ contents: FileContents, _ header: MetaImageHeader, _ encoding: Encoding, _ sizes: [Int], _ total: Int,
    _ path: String?,
    _ limits: Limits
  ) throws(ImageError) -> any ByteStream {
    if isLocal(header) {
      return try encoding.stream(contents, from: header.end, total, limits)
    }
    guard let path else {
      throw ImageError(
        .unsupported, "MetaImage header whose samples are in another file", hint: "open the header by its path")
    }
    let (names, slab) = try names(header, sizes)
    guard 1...sizes.count ~= slab else {
      throw ImageError(.malformed, "MetaImage data files have \(slab) axes, expected 1 … \(sizes.count)")
    }
    let slabs = sizes[slab...].reduce(1) { $0.multipliedSaturating($1) }
    guard names.count == slabs, slabs <= 1 << 16 else {
      throw ImageError(
        .malformed, "MetaImage header names \(names.count) data files, expected \(slabs) of \(slab) axes each")
    }
    var paths: [String] = []
    for name in names { paths.append(try Files.beside(path, named: name)) }
    let share = total / slabs
    if paths.count == 1 {
      do throws(ImageError) {
        return try encoding.stream(FileContents(file: paths[0], limits: limits), from: 0, share, limits)
      } catch {
        throw error.place == nil ? error.at(paths[0]) : error
      }
    }
    return try FileSequence(paths, share: share, expansion: encoding.expansion(limits)) { file throws(ImageError) in
      try encoding.stream(FileContents(file: file, limits: limits), from: 0, share, limits)
    }
  }

  /// The paths of the files that hold the samples; none where they follow the header.
  static func dataFiles(_ head: [UInt8], path: String, limits: Limits) throws(ImageError) -> [String] {
    let header = try MetaImageHeader(head, limits: limits)
    if isLocal(header) { return [] }
    let sizes = try HeaderText.integers(header.text("DimSize") ?? "", "MetaImage DimSize")
    return try names(header, sizes).names.map { name throws(ImageError) in try Files.beside(path, named: name) }
  }

  private static func isLocal(_ header: MetaImageHeader) -> Bool {
    ["local", ".local", "1"].contains((header.text("ElementDataFile") ?? "").lowercased())
  }

  /// Names of the data files and the number of axes that each of them holds.
  private static func names(
    _ header: MetaImageHeader, _ sizes: [Int]
  ) throws(ImageError) -> (names: [String], slab: Int) {
    let place = header.text("ElementDataFile") ?? ""
    let words = HeaderText.words(place)
    var names = [String(place)], slab = sizes.count
    if words.first == "LIST" {
      names = header.list
      slab =
        words.count > 1 ? try HeaderText.integers(words[1].filter { $0 != "D" }, "MetaImage LIST").first ?? 0 : slab - 1
    } else if words.count >= 2, words[0].contains("%") {
      let numbers = try HeaderText.integers(words[1...].joined(separator: " "), "MetaImage ElementDataFile")
      slab -= 1
      let (last, overflow) = numbers[0].addingReportingOverflow((sizes.last ?? 1) - 1)
      guard !overflow else { throw HeaderText.wrong("MetaImage ElementDataFile", place, "a pattern and numbers") }
      names = try HeaderText.names(
        pattern: words[0], from: numbers[0], to: numbers.count > 1 ? numbers[1] : last,
        step: numbers.count > 2 ? numbers[2] : 1, most: 1 << 16)
    }
    return (names, slab)
  }

  private static func type(_ name: Substring?) throws(ImageError) -> SampleType {
    // MET_LONG had the machine's size; ITK writes it with 4 bytes where the file says so and reads it so.
    switch name?.uppercased().replacingSuffix("_ARRAY", with: "") {
    case "MET_CHAR": return .int8
    case "MET_UCHAR", "MET_ASCII_CHAR": return .uint8
    case "MET_SHORT": return .int16
    case "MET_USHORT": return .uint16
    case "MET_INT", "MET_LONG": return .int32
    case "MET_UINT", "MET_ULONG": return .uint32
    case "MET_LONG_LONG": return .int64
    case "MET_ULONG_LONG": return .uint64
    case "MET_FLOAT": return .float32
    case "MET_DOUBLE": return .float64
    default: throw HeaderText.wrong("MetaImage ElementType", name ?? "", "MET_CHAR … MET_DOUBLE")
    }
  }

  private static func geometry(_ header: MetaImageHeader, _ axes: Int, _ size: Size) throws(ImageError) -> Geometry {
    let spatial = min(axes, 3)
    let spacing =
      try header.reals("ElementSpacing", "ElementSize", count: axes) ?? Array(repeating: 1, count: axes)
    let origin =
      try header.reals("Offset", "Position", "Origin", count: axes) ?? Array(repeating: 0, count: axes)
    let matrix = try header.reals("TransformMatrix", "Rotation", "Orientation", count: axes * axes)
    var steps = [SIMD3<Double>](repeating: .zero, count: 3), first = SIMD3<Double>.zero
    for i in 0..<spatial {
      first[i] = origin[i]
      guard spacing[i] > 0 else {
        throw ImageError(.malformed, "MetaImage ElementSpacing is \(spacing[i]), expected a positive number")
      }
      // Each row of the matrix is the direction of one index axis.
      for j in 0..<spatial { steps[i][j] = (matrix.map { $0[i * axes + j] } ?? (i == j ? 1 : 0)) * spacing[i] }
    }
    return try Geometry(axes: steps, origin: first, size: size, source: "MetaImage TransformMatrix")
  }
}

/// How the samples of a MetaImage file are written.
private struct Encoding {
  let type: SampleType
  let isBinary: Bool
  let isCompressed: Bool
  /// Bytes before the samples; −1 when they are at the end of the file.
  let skip: Int

  func expansion(_ limits: Limits) -> Int { isCompressed ? limits.expansion : isBinary ? 1 : 8 }

  func stream(
    _ contents: FileContents, from offset: Int, _ count: Int, _ limits: Limits
  ) throws(ImageError) -> any ByteStream {
    let total = contents.count
    let start = skip == -1 && !isCompressed && isBinary ? total - count : offset + min(max(skip, 0), total)
    guard start >= offset, start <= total else {
      throw ImageError(
        .malformed, "MetaImage: \(count) bytes of samples expected, the file has \(total - offset)",
        hint: "the transfer was probably cut; fetch the file again")
    }
    if isCompressed { return try InflateStream(contents.stream(from: start), zlib: true, limits: limits) }
    if isBinary { return try contents.stream(from: start) }
    return MemoryStream(try HeaderText.samples(contents.bytes(from: start), type, count: count / type.bytes))
  }
}

extension String {
  fileprivate func replacingSuffix(_ suffix: String, with other: String) -> String {
    hasSuffix(suffix) ? dropLast(suffix.count) + other : self
  }
}
