// SPDX-License-Identifier: Apache-2.0
import LumenCore
public import LumenDICOM
public import LumenLearning
public import LumenRadiomics

/// What to do with colour images, which radiomics does not take as they stand.
public enum ColourPolicy: String, Sendable, CaseIterable, Codable {
  /// The case fails with a reason.
  case refuse
  /// Y = 0.299 R + 0.587 G + 0.114 B.
  case luminance
}

/// How images become volumes.
public struct ReadingRules: Sendable, Equatable, Codable {
  /// Whether a series with irregular geometry fails, is measured with its findings listed, or is made regular.
  public var geometry = GeometryPolicy.error
  /// Whether colour images fail or are measured as luminance.
  public var colour = ColourPolicy.refuse
  /// Which values the pixels of DICOM have.
  public var values = PixelValues.modality
  /// The defaults.
  public init() {}
}

/// What a batch does with every case, read from YAML. See the guide "Recipes" for every key.
///
/// A recipe is canonicalised (every parameter written out) and hashed; the hash is on every row that it made.
public struct Recipe: Sendable {
  /// Its name in reports.
  public var name = "unnamed"
  /// How images become volumes.
  public var reading = ReadingRules()
  /// Filters applied to the image before segmentation and features.
  public var prepare: [Step] = []
  /// The grid that features are measured on, as a resample step; nil: the image's own.
  public var interpolate: Step?
  /// Filters whose response is measured instead of the image; resegmentation looks at the image.
  public var response: [Step] = []
  /// Filters (for the segmentation alone), one segmentation, mask operations.
  public var segment: [Step] = []
  /// Where regions come from instead of a segmentation: the name of a mask file beside the image, in which `{name}`
  /// stands for the image's file name without its ending; or ``linkedMask``.
  public var mask: String?
  /// Regions of the mask file to measure, by name or number; all when empty.
  public var regions: [String] = []
  /// Whether a mask on another grid than the image's is resampled (nearest neighbour); else the case fails.
  public var resampleMask = false
  /// Whether DICOM regions in another frame of reference than the image's, or without position in the patient, are taken
  /// all the same; else the case fails.
  public var anyFrame = false
  /// Name of the region in tables and store.
  public var roi = "roi"
  /// DICOM objects to write for every case of a DICOM series.
  public var results: [DICOMResults.Kind] = []
  /// What to measure.
  public var features = FeatureExtraction()
  /// How to group the cases of the batch; nil: not at all.
  public var cluster: KMeans?
  /// The trained model that gives each case a finding, with the file's SHA-256.
  public var model: (path: String, hash: String, model: DiagnosisModel)?

  /// Every setting as one text, independent of the YAML's order and comments.
  public var canonical: String {
    var lines = [
      "name: \(name)",
      "read: geometry=\(reading.geometry.rawValue) colour=\(reading.colour.rawValue) values=\(reading.values.rawValue)",
      "prepare: \(prepare.map(\.canonical).joined(separator: ", "))",
      mask.map {
        "mask: \($0) regions=\(regions.joined(separator: "|")) resample=\(resampleMask) any-frame=\(anyFrame)"
      }
        ?? "segment: \(segment.map(\.canonical).joined(separator: ", "))", "roi: \(roi)",
      "features: \(features.canonical)",
    ]
    if let interpolate { lines.append("interpolate: \(interpolate.canonical)") }
    if !response.isEmpty { lines.append("response: \(response.map(\.canonical).joined(separator: ", "))") }
    if let cluster {
      lines.append(
        "cluster: k=\(cluster.k) iterations=\(cluster.maximumIterations) restarts=\(cluster.restarts) seed=\(cluster.seed)"
      )
    }
    if !results.isEmpty { lines.append("results: \(results.map(\.rawValue).joined(separator: ", "))") }
    if let model { lines.append("diagnose: \(model.hash)") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// As ``mask``: the DICOM Segmentations and RT Structure Sets below the inputs that refer to the image's series.
  public static let linkedMask = "linked"

  /// First 16 hexadecimal digits of the SHA-256 of the canonical text and of Lumen's version.
  public var hash: String { String(sha256("lumen \(Software.version)\n\(canonical)".utf8).prefix(16)) }

  /// The recipe used when none is given: the brightest connected object of any image, measured.
  public static let general = """
    # Any image: Otsu's threshold, largest object, statistics and texture.
    name: general
    read: {geometry: accept, colour: luminance}
    segment: [otsu, largest-component, fill-holes]
    features:
      families: [morphology, statistics, histogram, glcm]
      discretisation: fixed-bin-number 32
      aggregations: ["3D:avg", "3D:mrg"]
    cluster: {k: 3}
    """
}

extension FeatureExtraction {
  /// Every setting as one line.
  var canonical: String {
    [
      "families=\(families.map(\.rawValue).joined(separator: "+"))", "discretisation=\(discretisation.canonical)",
      "resegment=\(resegmentationRange.map { "\(shortest($0.lowerBound))…\(shortest($0.upperBound))" } ?? "none")",
      "outliers=\(outlierSigma.map(shortest) ?? "none")",
      "aggregations=\(aggregations.map(\.rawValue).joined(separator: "+"))", "distance=\(distance)",
      "weighting=\(weighting.rawValue)", "coarseness=\(coarseness)", "round=\(roundIntensities)",
      "ivh=\(ivhDiscretisation?.canonical ?? "automatic")", "without=\(leftOut.sorted().joined(separator: "+"))",
    ].joined(separator: " ")
  }
}

extension Discretisation {
  /// As the recipe key takes it.
  fileprivate var canonical: String {
    switch self {
    case .none: "none"
    case .fixedBinNumber(let n): "fixed-bin-number \(n)"
    case .fixedBinSize(let width, let lower):
      "fixed-bin-size \(shortest(width))" + (lower.map { " from \(shortest($0))" } ?? "")
    }
  }
}
