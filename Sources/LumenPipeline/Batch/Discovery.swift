// SPDX-License-Identifier: Apache-2.0
public import LumenCore
public import LumenDICOM
public import LumenFormats

/// One image to measure: a DICOM series or an image file.
public struct ImageSource: Sendable {
  /// Where the voxels are.
  public enum Content: Sendable {
    /// The instances of one volume.
    case series(Series)
    /// A file of another format.
    case file(ImageFormat)
  }

  /// Series Instance UID (with "#2" … for further volumes of one series), or the path below the input.
  public let key: String
  /// Name of the case in tables and file names: a digest of the key, so that it shows no name or number.
  public let id: String
  /// The file, or the folder of the series' first instance.
  public let path: String
  /// Its path below the input that held it.
  public let source: String
  /// Where the voxels are.
  public let content: Content
  /// DICOM files that hold regions drawn on this series, where they were asked for.
  public internal(set) var regionFiles: [String] = []

  /// The header of the first slice; nil for files that are not DICOM.
  public var header: InstanceHeader? { if case .series(let series) = content { series.instances.first } else { nil } }

  /// DICOM modality ("CT"); "" for other files.
  public var modality: String { header?.modality ?? "" }

  init(key: String, path: String, source: String, content: Content) {
    self.key = key
    id = Self.id(ofKey: key)
    self.path = path
    self.source = source
    self.content = content
  }

  /// The case name of a key.
  public static func id(ofKey key: String) -> String { String(sha256(key.utf8).prefix(12)) }

  /// "DICOM", "PNG", …
  public var format: String {
    switch content {
    case .series: "DICOM"
    case .file(let format): format.name
    }
  }

  /// Number of files it is made of.
  public var files: Int { if case .series(let series) = content { series.instances.count } else { 1 } }

  /// Reads the voxels: modality values for DICOM, scaled values for NIfTI, stored values otherwise.
  ///
  /// - Returns: the grey image and what was noticed about its geometry.
  /// - Throws: what the reader throws; `unsupported` for colour images under ``ColourPolicy/refuse``.
  public func read(
    _ rules: ReadingRules = ReadingRules(), limits: Limits = .standard
  ) throws(ImageError) -> (AnyVolume, [String]) {
    func grey(_ picture: ColourImage) throws(ImageError) -> AnyVolume {
      guard rules.colour == .luminance else {
        throw ImageError(
          .unsupported, "the image is in colour, radiomics needs one channel",
          hint: "read: {colour: luminance} in the recipe measures its luminance")
      }
      return picture.luminance
    }
    switch content {
    case .file(let format):
      // The resolution tags of TIFF are optional, and colour has no spacing.
      func notes(_ volume: AnyVolume?) -> [String] {
        switch format {
        case .png, .jpeg, .jpegLS, .jpeg2000, .jpegXL: ["\(format.name) states no spacing: 1 mm assumed"]
        case .tiff where volume.map { $0.geometry.spacing.x == 1 && $0.geometry.spacing.y == 1 } ?? true:
          ["the spacing of the TIFF file is taken as 1 mm"]
        default: []
        }
      }
      switch try ImageFile.read(path, limits: limits) {
      case .grey(let volume): return (volume, notes(volume))
      case .colour(let picture): return (try grey(picture), notes(nil))
      }
    case .series(let series):
      let image = try series.read(policy: rules.geometry, values: rules.values, limits: limits)
      let findings = image.findings.map(\.description)
      switch image.pixels {
      case .grey(let volume): return (volume, findings)
      case .colour(let pictures):
        guard pictures.allSatisfy({ $0.columns == image.geometry.size.columns && $0.rows == image.geometry.size.rows })
        else { throw ImageError(.malformed, "the frames differ in size") }
        var slices: [AnyVolume] = []
        for picture in pictures { slices.append(try grey(picture)) }
        return (stacked(slices, image.geometry), findings)
      }
    }
  }

  /// The same, decoded by a worker where there are workers.
  func read(_ rules: ReadingRules, workers: WorkerPool?) throws(ImageError) -> (AnyVolume, [String]) {
    if let workers { return try workers.read(self, rules) }
    return try read(rules)
  }
}

/// One-slice images of one stored type (8 or 16 bits) as the slices of a volume.
private func stacked(_ slices: [AnyVolume], _ geometry: Geometry) -> AnyVolume {
  if slices.count == 1 { return slices[0].with(geometry) }
  return .u16(
    Volume(geometry) { out in
      for (n, slice) in slices.enumerated() {
        guard case .u16(let plane) = slice.converted(to: .uint16) else { continue }
        plane.withVoxels { (out.baseAddress! + n * geometry.size.plane).update(from: $0.baseAddress!, count: $0.count) }
      }
    })
}

/// What was found below the inputs: images, and every other file with the reason why it is none.
public struct Discovery: Sendable {
  /// The images, in the order of their paths.
  public var images: [ImageSource] = []
  /// DICOM objects without an image: regions, reports …; each is among the others too.
  public var objects: [InstanceHeader] = []
  /// Every other file with its reason, in the order of the paths.
  public var others: [(path: String, error: ImageError)] = []

  /// Looks at every file below the inputs: by content, not by name.
  ///
  /// - Parameters:
  ///   - mask: name of the mask files beside the images, which are no images themselves, or ``Recipe/linkedMask``.
  ///   - excluded: a folder that is passed over, such as the one of earlier results.
  ///   - workers: processes that parse the DICOM files; nil: this one does.
  /// - Throws: `notFound` for an input that does not exist.
  public init(
    _ inputs: [String], mask: String? = nil, excluding excluded: String? = nil, workers: WorkerPool? = nil
  ) throws(ImageError) {
    let (listed, unreadable) = try Files.survey(inputs, excluding: excluded)
    let paths = listed.uniqued
    others += unreadable
    let kinds = [Result<ImageFormat, ImageError>](unsafeUninitializedCapacity: paths.count) { buffer, count in
      nonisolated(unsafe) let out = buffer.baseAddress
      parallelFor(paths.count, grain: 16) { range in
        for i in range { (out! + i).initialize(to: Self.format(paths[i])) }
      }
      count = paths.count
    }
    let masks =
      mask.flatMap { $0 == Recipe.linkedMask ? nil : $0 }.map { pattern in
        Set(paths.map { Self.maskPath(of: $0, pattern: pattern) })
      } ?? []
    var dicom: [String] = []
    var found: [(key: String, path: String, content: ImageSource.Content)] = []
    for (path, kind) in zip(paths, kinds) {
      switch kind {
      case .failure(let error): others.append((path, error))
      case .success(.dicom): dicom.append(path)
      case .success(let format):
        if masks.contains(path) {
          others.append((path, ImageError(.unsupported, "used as the mask of the image beside it")))
        } else if format.isReadable {
          found.append((Self.below(inputs, path), path, .file(format)))
        } else {
          others.append((path, ImageError(.unsupported, "\(format.name) is not read")))
        }
      }
    }
    let inventory = if let workers { Inventory(try workers.headers(dicom)) } else { Inventory.scan(dicom) }
    others += inventory.rejected
    objects = inventory.objects
    for series in inventory.series {
      guard let first = series.instances.map(\.path).min() else { continue }
      let place = series.instances.count == 1 ? first : Self.folder(of: first)
      found.append(
        (
          series.seriesInstanceUID.isEmpty ? Self.below(inputs, first) : series.seriesInstanceUID, place,
          .series(series)
        ))
    }
    // Several volumes of one series, or files of one name below different inputs, are told apart by their order.
    var seen: [String: Int] = [:]
    for (key, path, content) in found.sorted(by: { ($0.path, $0.key) < ($1.path, $1.key) }) {
      seen[key, default: 0] += 1
      let n = seen[key] ?? 1
      images.append(
        ImageSource(
          key: n == 1 ? key : "\(key)#\(n)", path: path, source: Self.below(inputs, path), content: content))
    }
    if mask == Recipe.linkedMask { try linkRegions(inventory.objects, workers) }
    others.sort { $0.path < $1.path }
  }

  /// Gives every series the region files that name it.
  private mutating func linkRegions(_ objects: [InstanceHeader], _ workers: WorkerPool?) throws(ImageError) {
    var files: [String: [String]] = [:]
    for object in objects where RegionFile.canRead(object) {
      do throws(ImageError) {
        for series in try RegionReader(workers: workers).list(object.path).series {
          files[series, default: []].append(object.path)
        }
      } catch {
        if error.kind == .io { throw error }
        if let n = others.firstIndex(where: { $0.path == object.path }) { others[n].error = error }
      }
    }
    for n in images.indices {
      guard let series = images[n].header?.seriesInstanceUID, !series.isEmpty else { continue }
      images[n].regionFiles = (files[series] ?? []).sorted()
    }
  }

  /// Files in the folder of a series that should have been images and could not be read.
  func damaged(beside image: ImageSource) -> Int {
    guard let first = image.header?.path else { return 0 }
    let folder = Self.folder(of: first)
    return others.count { $0.error.isDamage && Self.folder(of: $0.path) == folder }
  }

  private static func folder(of path: String) -> String {
    path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  }

  private static func format(_ path: String) -> Result<ImageFormat, ImageError> {
    do throws(ImageError) {
      let head = try Files.head(path, 512)
      if head.isEmpty { throw ImageError(.malformed, "the file is empty") }
      guard let format = ImageFormat.detect(head) else {
        throw ImageError(.unsupported, "not an image format that Lumen knows")
      }
      return .success(format)
    } catch { return .failure(ImageError(error.kind, error.what, hint: error.hint)) }
  }

  /// The path of a file below the input that holds it.
  static func below(_ inputs: [String], _ path: String) -> String {
    for input in inputs where Files.isFolder(input) {
      let prefix = input.hasSuffix("/") ? input : input + "/"
      if path.hasPrefix(prefix) { return String(path.dropFirst(prefix.count)) }
      if path == input { return "." }
    }
    return path.split(separator: "/").last.map(String.init) ?? path
  }

  /// The mask that belongs to an image under a pattern.
  static func maskPath(of image: String, pattern: String) -> String {
    var parts = image.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    var name = Files.isFolder(image) ? "" : parts.removeLast()
    for ending in [".gz", ".nii", ".nrrd", ".png", ".jpg", ".jpeg", ".dcm"] where name.lowercased().hasSuffix(ending) {
      name = String(name.dropLast(ending.count))
    }
    let file = pattern.split(separator: "{name}", omittingEmptySubsequences: false).joined(separator: name)
    return (parts + [file]).joined(separator: "/")
  }
}

extension [String] {
  /// Without repeats; sorted input.
  fileprivate var uniqued: [String] {
    var result: [String] = []
    for path in self where path != result.last { result.append(path) }
    return result
  }
}
