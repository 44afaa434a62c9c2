// SPDX-License-Identifier: Apache-2.0
import CTIFF
public import LumenCore

/// TIFF and BigTIFF files, decoded by libtiff: grey pages are the slices of a volume.
///
/// - Shape: pages in the file's order, reduced copies and masks left out; all must have one size and type. Pages of an
///   ImageJ hyperstack with channels or frames are several volumes. Palette and RGB of one page become a picture.
///   The orientation tag is not applied; alpha is dropped.
/// - Units: the resolution tags give the spacing in millimetres, as does ImageJ's description; 1 mm where both are silent.
/// - Range: values as stored; WhiteIsZero is not inverted, 1 to 32 bits are not scaled, half floats become float32.
/// - Source: TIFF 6.0, Adobe technote 2, ImageJ's `TiffDecoder`; every compression that libtiff was built with.
public enum TIFF {
  /// Decodes a file.
  ///
  /// - Parameter volume: the number of the volume, from 1; needed for a file with several.
  /// - Throws: `malformed` for damaged or cut files, which are never filled in; `unsupported` for CMYK, CIELAB, complex
  ///   numbers, unknown compressions and pages that differ; `limitExceeded` before anything is allocated.
  public static func read(
    _ bytes: [UInt8], volume: Int? = nil, limits: Limits = .standard
  ) throws(ImageError) -> DecodedImage {
    try open(bytes, limits: limits).image(volume)
  }

  /// Decodes every volume of a file.
  ///
  /// - Throws: as ``read(_:volume:limits:)``; `limitExceeded` when they do not fit the limits together.
  public static func volumes(_ bytes: [UInt8], limits: Limits = .standard) throws(ImageError) -> [AnyVolume] {
    try open(bytes, limits: limits).volumes()
  }

  static func open(_ bytes: [UInt8], limits: Limits) throws(ImageError) -> SampleFile {
    let pages = try TIFFPages(bytes, limits: limits)
    let first = pages.first
    let description = pages.description
    let sequence = ImageJ(description)
    var slices = pages.count, chunks = 1
    if let sequence, sequence.channels * sequence.frames > 1, sequence.images == slices,
      sequence.channels * sequence.frames * sequence.slices == slices
    {
      chunks = sequence.channels * sequence.frames
      slices = sequence.slices
      pages.order = sequence.order
    }
    let components = first.kind.components
    let (size, count) = try SampleLayout.check(
      size: [Int(first.page.columns), Int(first.page.rows), slices], components: components, chunks: [chunks],
      type: first.kind.type, limits: limits)
    let layout = SampleLayout(
      format: .tiff, type: first.kind.type,
      geometry: Geometry(size: size, spacing: sequence?.spacing(first.page) ?? Self.spacing(first.page)),
      components: components, isColour: first.kind.isColour, chunks: count)
    return SampleFile(layout: layout, stream: pages, limits: limits)
  }

  /// Pixel distance that the resolution tags state.
  private static func spacing(_ page: lumen_tiff_page) -> SIMD3<Double> {
    let unit: Double? = page.unit == 2 ? 25.4 : page.unit == 3 ? 10 : nil
    func step(_ resolution: Float) -> Double {
      guard let unit, resolution > 0, (unit / Double(resolution)).isFinite else { return 1 }
      return unit / Double(resolution)
    }
    return SIMD3(step(page.x_resolution), step(page.y_resolution), 1)
  }
}

/// What ImageJ writes into the description of the first page.
private struct ImageJ {
  var images = 1, channels = 1, slices = 1, frames = 1
  var distance = 1.0
  /// Millimetres of its unit; nil for none and for pixels.
  var unit: Double?

  init?(_ description: String) {
    guard description.hasPrefix("ImageJ=") else { return nil }
    for line in description.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1).map { HeaderText.trimmed($0) }
      guard parts.count == 2 else { continue }
      func count() -> Int { min(max(Int(parts[1]) ?? 1, 1), 1 << 16) }
      switch parts[0] {
      case "images": images = count()
      case "channels": channels = count()
      case "slices": slices = count()
      case "frames": frames = count()
      case "spacing": if let d = Double(parts[1]), d.isFinite, d != 0 { distance = abs(d) }
      case "unit":
        switch parts[1].lowercased() {
        case "mm", "millimeter", "millimetre": unit = 1
        case "cm", "centimeter", "centimetre": unit = 10
        case "m", "meter", "metre": unit = 1000
        case "inch", "in": unit = 25.4
        case "um", "µm", "μm", "\\u00b5m", "micron", "microns", "micrometer": unit = 0.001
        case "nm", "nanometer": unit = 1e-6
        default: unit = nil
        }
      default: continue
      }
    }
  }

  /// Pages volume after volume: in the file channels are fastest, then slices, then frames.
  var order: [UInt32] {
    (0..<frames).flatMap { t in
      (0..<channels).flatMap { c in (0..<slices).map { z in UInt32((t * slices + z) * channels + c) } }
    }
  }

  /// The resolution tags count pixels a unit of the description; nil without a unit of length.
  func spacing(_ page: lumen_tiff_page) -> SIMD3<Double>? {
    guard let unit else { return nil }
    func step(_ resolution: Float) -> Double {
      let step = unit / Double(resolution)
      return resolution > 0 && step.isFinite ? step : unit
    }
    return SIMD3(step(page.x_resolution), step(page.y_resolution), distance * unit)
  }
}
