// SPDX-License-Identifier: Apache-2.0
import LumenCodecs
public import LumenCore

/// NRRD ("nearly raw raster data") images with an attached or a detached header.
///
/// - Shape: axes of space are one volume; a faster axis (list, vector, colour) holds its components, slower axes count
///   volumes. RGB of one slice is a picture. The measurement frame is not applied.
/// - Units: millimetres; other metric units are converted. RAS and LAS become LPS; scanner-xyz and the nameless
///   3-D spaces are taken as LPS, as ITK does.
/// - Range: integers stay as stored; 64-bit integers become the first of int32, uint32 and float64 that holds every
///   sample exactly.
/// - Source: teem, "Definition of NRRD File Format", NRRD0001 to NRRD0005; encodings raw, gzip, text and hex.
public enum NRRD {
  /// Decodes a file with an attached header.
  ///
  /// - Parameter volume: the number of the volume, from 1; needed for a file with several.
  /// - Throws: `malformed` for contradictions and cut files; `invalidParameter` for several volumes and none chosen;
  ///   `unsupported` for bzip2, blocks, complex numbers, sheared grids and a detached header, which is read by its
  ///   path (``ImageFile``); `limitExceeded` before the samples are allocated.
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
    let header = try NRRDHeader(contents.head(limits), limits: limits)
    let layout = try NRRDLayout(header, limits: limits)
    var samples = layout.samples
    let encoding = try Encoding(header, samples.type)
    samples.isSwapped = encoding.isSwapped
    let total = samples.chunkBytes.multipliedSaturating(samples.chunks)
    let stream: any ByteStream
    if header.fields["datafile"] != nil {
      guard let path else {
        throw ImageError(
          .unsupported, "NRRD header whose samples are in another file", hint: "open the header by its path")
      }
      let (names, share) = try Self.files(header, layout, total)
      var paths: [String] = []
      for name in names { paths.append(try Files.beside(path, named: name)) }
      // A single file gets its errors and its skips right away.
      if paths.count == 1 {
        do throws(ImageError) {
          stream = try encoding.stream(FileContents(file: paths[0], limits: limits), from: 0, total, limits)
        } catch {
          throw error.place == nil ? error.at(paths[0]) : error
        }
      } else {
        stream = try FileSequence(
          paths, share: share, expansion: encoding.expansion(limits)
        ) { file throws(ImageError) in
          try encoding.stream(FileContents(file: file, limits: limits), from: 0, share, limits)
        }
      }
    } else {
      stream = try encoding.stream(contents, from: header.end, total, limits)
    }
    return SampleFile(layout: samples, stream: stream, limits: limits, segments: segments(header, samples))
  }

  /// The paths of the files that hold the samples of a detached header; none for an attached one.
  static func dataFiles(_ head: [UInt8], path: String, limits: Limits) throws(ImageError) -> [String] {
    let header = try NRRDHeader(head, limits: limits)
    guard header.fields["datafile"] != nil else { return [] }
    let names = try files(header, NRRDLayout(header, limits: limits), 0).names
    return try names.map { name throws(ImageError) in try Files.beside(path, named: name) }
  }

  /// Names of the data files and the bytes of samples in each.
  ///
  /// - Source: section 3, "Detached headers".
  private static func files(
    _ header: NRRDHeader, _ layout: NRRDLayout, _ total: Int
  ) throws(ImageError) -> (names: [String], share: Int) {
    let value = try header.required("datafile")
    let words = HeaderText.words(value)
    var names: [String], subdimension: Int?
    if words.first == "LIST" {
      names = header.list
      if words.count > 1, let axes = try HeaderText.integers(words[1], "NRRD data file LIST").first {
        subdimension = axes
      }
    } else if words.count >= 4, words[0].contains("%") {
      let numbers = try HeaderText.integers(words[1...].joined(separator: " "), "NRRD data file numbers")
      guard numbers.count <= 4 else { throw HeaderText.wrong("NRRD data file", value, "pattern min max step") }
      names = try HeaderText.names(
        pattern: words[0], from: numbers[0], to: numbers[1], step: numbers[2], most: 1 << 16)
      if numbers.count == 4 { subdimension = numbers[3] }
    } else {
      return ([String(value)], total)
    }
    // Every file holds a slab of the slowest axes.
    let slab = subdimension ?? layout.sizes.count - 1
    guard 1...layout.sizes.count ~= slab else {
      throw ImageError(.malformed, "NRRD data files have \(slab) axes, expected 1 … \(layout.sizes.count)")
    }
    let slabs = layout.sizes[slab...].reduce(1) { $0.multipliedSaturating($1) }
    guard !names.isEmpty, names.count <= 1 << 16,
      names.count == slabs || subdimension == nil && slabs % names.count == 0
    else {
      throw ImageError(
        .malformed, "NRRD header names \(names.count) data files, expected \(slabs) of \(slab) axes each")
    }
    return (names, total / names.count)
  }

  /// Segments that 3D Slicer names: older files have one component a segment, newer ones labels in layers.
  private static func segments(_ header: NRRDHeader, _ layout: SampleLayout) -> [SampleFile.Segment] {
    var segments: [SampleFile.Segment] = []
    while segments.count < 1 << 16, let name = header.keys["Segment\(segments.count)_Name"] {
      let k = segments.count
      let label = header.keys["Segment\(k)_LabelValue"].flatMap { UInt32($0) }
      let layer = header.keys["Segment\(k)_Layer"].flatMap { Int($0) }
      segments.append(.init(name: name, label: label ?? 1, layer: layer ?? (label == nil ? k : 0)))
    }
    return segments
  }
}

/// How the samples of a NRRD file are written.
private struct Encoding {
  enum Kind { case raw, gzip, text, hex }
  let kind: Kind
  let type: SampleType
  let isSwapped: Bool
  let lineSkip: Int
  let byteSkip: Int

  init(_ header: NRRDHeader, _ type: SampleType) throws(ImageError) {
    self.type = type
    let name = try header.required("encoding").lowercased()
    switch name {
    case "raw": kind = .raw
    case "gz", "gzip": kind = .gzip
    case "txt", "text", "ascii": kind = .text
    case "hex": kind = .hex
    case "bz2", "bzip2":
      throw ImageError(.unsupported, "NRRD samples compressed with bzip2", hint: "write the file with gzip")
    default: throw HeaderText.wrong("NRRD encoding", name, "raw, gzip, text or hex")
    }
    switch header.fields["endian"]?.lowercased() {
    case "little": isSwapped = false
    case "big": isSwapped = kind != .text && type.bytes > 1
    case nil where kind == .text || type.bytes == 1: isSwapped = false
    case nil:
      throw ImageError(
        .malformed, "NRRD field \"endian\" is missing for samples of \(type.bytes) bytes",
        hint: "add endian: little or endian: big")
    case let other?: throw HeaderText.wrong("NRRD endian", other, "little or big")
    }
    lineSkip = try header.integer("lineskip", 0)
    byteSkip = try header.integer("byteskip", 0)
    guard lineSkip >= 0, byteSkip >= 0 || byteSkip == -1 && kind == .raw else {
      throw ImageError(
        .malformed, "NRRD line skip is \(lineSkip), byte skip \(byteSkip); expected 0 or more, or −1 bytes of raw")
    }
  }

  /// Most sample bytes that one byte of a file gives.
  func expansion(_ limits: Limits) -> Int {
    switch kind {
    case .raw: 1
    case .gzip: limits.expansion
    case .text: 8
    case .hex: 1
    }
  }

  /// The samples in a file from an offset on; lines are skipped before, bytes after decompression.
  func stream(
    _ contents: FileContents, from offset: Int, _ count: Int, _ limits: Limits
  ) throws(ImageError) -> any ByteStream {
    if kind == .raw && byteSkip == -1 {
      let start = contents.count - count
      guard start >= offset else {
        throw ImageError(
          .malformed, "NRRD: \(count) bytes of samples expected at the end of the file, it has \(contents.count)",
          hint: "the transfer was probably cut; fetch the file again")
      }
      return try contents.stream(from: start)
    }
    let (behind, lines) = try contents.offset(after: lineSkip, from: offset)
    guard let at = behind else {
      throw ImageError(.malformed, "NRRD line skip is \(lineSkip), the file has \(lines) lines")
    }
    guard kind == .gzip || byteSkip <= contents.count - at else {
      throw ImageError(.malformed, "NRRD byte skip is \(byteSkip), the file has \(contents.count - at) bytes")
    }
    switch kind {
    case .raw: return try contents.stream(from: at + byteSkip)
    case .hex: return MemoryStream(try HeaderText.hex(contents.bytes(from: at + byteSkip), count: count))
    case .text: return MemoryStream(try text(contents.bytes(from: at + byteSkip), count))
    case .gzip:
      let stream = try InflateStream(contents.stream(from: at), limits: limits)
      guard byteSkip <= stream.most, try stream.skip(byteSkip) == byteSkip else {
        throw ImageError(.malformed, "NRRD byte skip is \(byteSkip), the samples have fewer bytes")
      }
      return stream
    }
  }

  private func text(_ bytes: ArraySlice<UInt8>, _ count: Int) throws(ImageError) -> [UInt8] {
    try HeaderText.samples(bytes, type, count: count / type.bytes)
  }
}
