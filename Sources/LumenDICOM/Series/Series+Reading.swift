// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Which values of a pixel are wanted.
public enum PixelValues: String, Sendable, CaseIterable, Codable {
  /// After the Modality LUT or Rescale Slope and Intercept: Hounsfield units, Bq/ml …; Gy for RT Dose.
  case modality
  /// As stored in the file.
  case stored
  /// After the Real World Value Mapping, in the units that it states.
  case realWorld
  /// Uptake normalised by body weight, g/ml.
  case suvBodyWeight
  /// Uptake normalised by lean body mass after Janmahasatian 2005, g/ml.
  case suvLeanBodyMass
  /// Uptake normalised by lean body mass after James 1976, g/ml.
  case suvLeanBodyMassJames
  /// Uptake normalised by body surface after Du Bois 1916, cm²/ml.
  case suvBodySurface
  /// Uptake normalised by ideal body weight after Zasadny and Wahl 1993, g/ml.
  case suvIdealBodyWeight
}

/// A series as one image with honest geometry.
public struct SeriesImage: Sendable, Equatable {
  /// The image itself.
  public enum Pixels: Sendable, Equatable {
    /// Grey slices as one volume.
    case grey(AnyVolume)
    /// One picture a slice.
    case colour([ColourImage])
  }
  /// The image itself.
  public var pixels: Pixels
  /// Size, spacing, origin and direction; the volume carries the same.
  public var geometry: Geometry
  /// What there is to know about the slices; with ``GeometryPolicy/error`` nothing that makes them irregular.
  public var findings: [GeometryFinding]
  /// Which values they are.
  public var values: PixelValues

  /// The grey volume.
  ///
  /// - Throws: `unsupported` for colour.
  public var grey: AnyVolume {
    get throws(ImageError) {
      guard case .grey(let volume) = pixels else {
        throw ImageError(.unsupported, "the series is colour, expected grey values")
      }
      return volume
    }
  }
}

extension Series {
  /// Decodes every slice into one image; parallel over files and over the frames of one file.
  ///
  /// ``GeometryPolicy/resample`` gives a grid of the first slice's orientation, with the median gap as spacing and as
  /// many columns and rows more as the slices are shifted against each other: values are interpolated linearly between
  /// the two nearest slices (also across gaps) and in the plane. Voxels outside the slices are the Pixel Padding Value,
  /// or the smallest value of the image (air) without one; the finding ``GeometryFinding/Kind/resampled`` names it.
  ///
  /// - Units: modality values m = stored · Rescale Slope + Rescale Intercept, slice by slice, or those of the Modality
  ///   LUT Sequence; for RT Dose stored · Dose Grid Scaling. They keep the stored type where nothing changes; else they
  ///   are Int16, UInt16 or Int32 (the first that holds them) where slopes and intercepts or the table are whole
  ///   numbers, and Float where not. SUV and other real-world values are Float. MONOCHROME1 is not inverted.
  /// - Throws: `malformed` naming the first irregularity unless the policy accepts it, a missing attribute that uptake
  ///   needs, or damaged pixels with their file; `unsupported` for a transfer syntax or a pixel format that is not read,
  ///   for irregularities that cannot be resampled, and for several runs under ``GeometryPolicy/split``;
  ///   `limitExceeded`.
  /// - Source: PS3.3 C.7.6.2, C.11.1, C.7.6.16.2.11; uptake: ``PETUptake``.
  public func read(
    policy: GeometryPolicy = .error, values: PixelValues = .modality, limits: Limits = .standard
  ) throws(ImageError) -> SeriesImage {
    let layout = try layout(limits)
    if layout.findings.contains(where: \.isError) {
      switch policy {
      case .accept: break
      case .error: throw refusal(layout, limits)
      case .resample: try requireResampling(layout)
      case .split:
        let runs = try split(limits: limits)
        guard runs.count == 1, let run = runs.first else {
          throw ImageError(
            .unsupported, "falls into \(runs.count) regular runs of slices, expected one",
            place: "series of \(layout.slices.count) slices",
            hint: "read them one by one: slices \(runs.map { "\($0.size.slices)" }.joined(separator: " + "))")
        }
        return try run.read(policy: .error, values: values, limits: limits)
      }
    }
    if isColour {
      guard policy != .resample || !layout.findings.contains(where: \.isError) else {
        throw ImageError(.unsupported, "colour slices are not resampled", hint: "geometry policy accept keeps them")
      }
      return SeriesImage(
        pixels: .colour(try colour(layout, limits)), geometry: layout.geometry, findings: layout.findings,
        values: values)
    }
    let maps = try valueMaps(layout.slices, values, limits)
    var image = SeriesImage(
      pixels: .grey(try grey(layout, maps, limits)), geometry: layout.geometry, findings: layout.findings,
      values: values)
    image.compareDuplicates()
    if policy == .resample, image.findings.contains(where: \.isError) {
      image = try resampled(image, layout, maps, limits)
    }
    return image
  }

  /// Values of every slice, or of the tiles of a mosaic.
  private func grey(
    _ layout: SeriesLayout, _ maps: [ValueMap], _ limits: Limits
  ) throws(ImageError) -> AnyVolume {
    guard !layout.tiles.isEmpty else {
      return try SliceDecoding(self, layout.slices, layout.geometry, limits).values(maps)
    }
    let whole = Geometry(size: Size(columns: instances[0].columns, rows: instances[0].rows))
    let picture = try SliceDecoding(self, layout.slices, whole, limits).values(maps)
    return picture.accept(
      Tiles(tiles: layout.tiles, grid: whole.size.columns / layout.geometry.size.columns, geometry: layout.geometry))
  }

  private func colour(_ layout: SeriesLayout, _ limits: Limits) throws(ImageError) -> [ColourImage] {
    var wanted = [[(frame: Int, slice: Int)]](repeating: [], count: instances.count)
    for (z, pick) in layout.slices.enumerated() { wanted[pick.instance].append((pick.frame, z)) }
    let frames = wanted
    let read = [Result<[ColourImage], ImageError>](unsafeUninitializedCapacity: instances.count) { buffer, count in
      nonisolated(unsafe) let slots = buffer
      parallelForUneven(instances.count) { range in
        for i in range {
          let images = Result { () throws(ImageError) -> [ColourImage] in
            if frames[i].isEmpty { return [] }
            guard case .colour(let images) = try DICOMFile.storedPixels(instances[i].path, limits: limits).pixels,
              images.count == instances[i].frames
            else { throw ImageError(.malformed, "is not the colour image that it was", place: instances[i].path) }
            return images
          }
          slots.initializeElement(at: i, to: images)
        }
      }
      count = instances.count
    }
    var out = [ColourImage?](repeating: nil, count: layout.slices.count)
    for (i, images) in read.enumerated() {
      let images = try images.get()
      for (frame, z) in frames[i] { out[z] = images[frame] }
    }
    return out.compactMap { $0 }
  }

  /// The error that ``GeometryPolicy/error`` gives.
  private func refusal(_ layout: SeriesLayout, _ limits: Limits) -> ImageError {
    var finding = layout.findings.first(where: \.isError) ?? GeometryFinding(.variableSpacing)
    if finding.kind == .duplicatePositions, let z = finding.slice, !isColour,
      let two = try? SliceDecoding(self, Array(layout.slices[z...z + 1]), layout.geometry.slices(2), limits).stored(),
      two.slicesAreEqual(0, 1)
    {
      finding = GeometryFinding(.identicalSlices, slice: z, found: finding.found, expected: finding.expected)
    }
    let spacing = shortest((layout.geometry.spacing.z * 1000).rounded() / 1000)
    return ImageError(
      .malformed, "\(finding)", place: "series of \(layout.slices.count) slices",
      hint:
        "geometry policy accept keeps the slices, on their mean spacing of \(spacing) mm; resample interpolates them")
  }
}

extension SeriesImage {
  /// Tells apart duplicates with the same pixels from those with others.
  mutating func compareDuplicates() {
    guard case .grey(let volume) = pixels else { return }
    for (i, f) in findings.enumerated() where f.kind == .duplicatePositions {
      if let z = f.slice, z + 1 < volume.size.slices, volume.slicesAreEqual(z, z + 1) {
        findings[i] = GeometryFinding(.identicalSlices, slice: z, found: f.found, expected: f.expected)
      }
    }
  }
}

extension Geometry {
  /// The same with another number of slices.
  func slices(_ n: Int) -> Geometry {
    var copy = self
    copy.size.slices = n
    return copy
  }
}

extension AnyVolume {
  /// Whether two slices hold the same values.
  func slicesAreEqual(_ a: Int, _ b: Int) -> Bool { accept(SlicesAreEqual(a: a, b: b)) }
}

private struct SlicesAreEqual: AnyVolume.Visitor {
  typealias Failure = Never
  let a: Int, b: Int
  func visit<Element: Voxel>(_ volume: Volume<Element>) -> Bool {
    let n = volume.size.plane
    return volume.withVoxels { v in v[a * n..<(a + 1) * n].elementsEqual(v[b * n..<(b + 1) * n]) }
  }
}

/// Tiles of one picture as slices.
private struct Tiles: AnyVolume.Visitor {
  typealias Failure = Never
  let tiles: [Int], grid: Int
  let geometry: Geometry

  func visit<Element: Voxel>(_ picture: Volume<Element>) -> AnyVolume {
    let size = geometry.size, width = picture.size.columns
    return Element.erase(
      Volume(geometry) { out in
        picture.withVoxels { p in
          guard let source = p.baseAddress, var to = out.baseAddress else { return }
          for tile in tiles {
            let corner = tile / grid * size.rows * width + tile % grid * size.columns
            for y in 0..<size.rows {
              to.update(from: source + corner + y * width, count: size.columns)
              to += size.columns
            }
          }
        }
      })
  }
}
