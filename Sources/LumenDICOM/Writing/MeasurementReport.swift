// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Measurements of regions as a DICOM structured report, proposed by software and verified by nobody.
///
/// - Units: as given, UCUM.
/// - Accuracy: values are kept exactly (Floating Point Value), and rounded to 16 characters beside (Numeric Value).
/// - Source: PS3.16 TID 1500, 1411, 1501, 300; PS3.3 A.35.13 (Comprehensive 3D SR).
public struct MeasurementReport: Sendable, Equatable {
  /// Comprehensive 3D SR Storage.
  public static let sopClassUID = "1.2.840.10008.5.1.4.1.1.88.34"

  /// An instance that was measured, or that holds the region.
  public struct Reference: Sendable, Hashable {
    /// SOP Class UID.
    public var sopClassUID: String
    /// SOP Instance UID.
    public var sopInstanceUID: String
    /// Its series.
    public var seriesInstanceUID: String
    /// Its study; the report's own unless set.
    public var studyInstanceUID: String?

    /// An instance by its UIDs.
    public init(
      sopClassUID: String, sopInstanceUID: String, seriesInstanceUID: String, studyInstanceUID: String? = nil
    ) {
      self.sopClassUID = sopClassUID
      self.sopInstanceUID = sopInstanceUID
      self.seriesInstanceUID = seriesInstanceUID
      self.studyInstanceUID = studyInstanceUID
    }

    /// An instance by its header.
    public init(_ header: InstanceHeader) {
      self.init(
        sopClassUID: header.sopClassUID, sopInstanceUID: header.sopInstanceUID,
        seriesInstanceUID: header.seriesInstanceUID, studyInstanceUID: header.studyInstanceUID)
    }
  }

  /// Where the region is kept.
  public enum Region: Sendable, Equatable {
    /// A segment of a Segmentation.
    case segment(Reference, number: Int)
    /// A region of an RT Structure Set by its ROI Number.
    case structureSet(Reference, roiNumber: Int)
    /// Nowhere in DICOM (a mask of another format): the group names no region, and follows TID 1501.
    case unknown
  }

  /// One number.
  public struct Measurement: Sendable, Equatable {
    /// What was measured.
    public var name: CodedConcept
    /// The value; for NaN and infinities see ``MeasurementReport/qualifiesMissingValues``.
    public var value: Double
    /// Its unit.
    public var unit: CodedConcept
    /// How it was measured, e.g. the aggregation of a texture feature.
    public var method: CodedConcept?

    /// A measurement from its parts.
    public init(_ name: CodedConcept, _ value: Double, unit: CodedConcept, method: CodedConcept? = nil) {
      self.name = name
      self.value = value
      self.unit = unit
      self.method = method
    }

    /// A feature: the IBSI code where it has one, else its key as a code of Lumen's own.
    ///
    /// - Parameter intensityUnit: unit of the image (``UCUM/intensity(modality:units:)``).
    public init(_ feature: FeatureValue, intensityUnit: CodedConcept, method: CodedConcept? = nil) {
      let column = feature.column
      let name =
        column.code.map { CodedConcept($0, "IBSI", column.name) } ?? CodedConcept(column.key, "99LUMEN", column.name)
      self.init(name, feature.value, unit: UCUM.unit(column.unit, intensity: intensityUnit), method: method)
    }
  }

  /// Measurements of one region.
  public struct Group: Sendable, Equatable {
    /// Tracking Identifier: the region's name.
    public var name: String
    /// Tracking Unique Identifier.
    public var trackingUID: String
    /// Where the region is kept.
    public var region: Region
    /// What was found, e.g. (108369006, SCT, "Neoplasm").
    public var finding: CodedConcept?
    /// Where it was found.
    public var findingSite: CodedConcept?
    /// The numbers.
    public var measurements: [Measurement]

    /// Measurements of a region.
    public init(name: String, trackingUID: String, region: Region = .unknown, measurements: [Measurement] = []) {
      self.name = name
      self.trackingUID = trackingUID
      self.region = region
      self.measurements = measurements
    }
  }

  /// Patient and study, ``Attributes/init(patientAndStudyOf:)``.
  public var study: Attributes
  /// Series Instance UID of the report; not that of the images.
  public var seriesInstanceUID: String
  /// SOP Instance UID.
  public var sopInstanceUID: String
  /// Series Number.
  public var seriesNumber = 1
  /// Series Description.
  public var seriesDescription = "Lumen measurements"
  /// Instance Number.
  public var instanceNumber = 1
  /// When it was made.
  public var created: Timestamp
  /// Who measured.
  public var equipment: Equipment
  /// Modality of the measured images; gives the procedure reported.
  public var modality: String
  /// The measured instances.
  public var images: [Reference]
  /// Said at the end of the report.
  public var disclaimer =
    "Measurements proposed by research software and not verified. Not a diagnosis; not for clinical use."
  /// How a measurement that is not finite is written: by default its name stands in a comment of its group; when set, it
  /// is a measurement without value and with the reason (Numeric Value Qualifier), as the standard has it. Not every
  /// reader bears that: highdicom 0.28 then refuses the whole report.
  public var qualifiesMissingValues = false
  /// The regions.
  public var groups: [Group] = []

  /// A report on images of one series.
  ///
  /// - Parameter images: headers of the measured instances; the first gives patient, study and modality.
  /// - Throws: `invalidParameter` without images.
  public init(
    images: [InstanceHeader], seriesInstanceUID: String, sopInstanceUID: String, equipment: Equipment,
    created: Timestamp = .now
  ) throws(ImageError) {
    guard let first = images.first else {
      throw ImageError(.invalidParameter, "a measurement report needs the images that were measured")
    }
    study = Attributes(patientAndStudyOf: first)
    modality = first.modality
    self.images = images.map { Reference($0) }
    self.seriesInstanceUID = seriesInstanceUID
    self.sopInstanceUID = sopInstanceUID
    self.equipment = equipment
    self.created = created
  }
}

/// Units of measurements as codes of the Unified Code for Units of Measure.
public enum UCUM {
  /// A unit by its UCUM code.
  public static func code(_ value: String, _ meaning: String? = nil) -> CodedConcept {
    CodedConcept(value, "UCUM", meaning ?? value)
  }

  /// No unit.
  public static let one = code("1", "no units")

  /// What one step of a stored intensity stands for: Hounsfield units in CT, the image's Units in PET, else arbitrary.
  public static func intensity(modality: String, units: String = "") -> CodedConcept {
    switch (modality, units) {
    case ("CT", _): code("[hnsf'U]", "Hounsfield unit")
    case (_, "BQML"): code("Bq/ml", "Becquerels/milliliter")
    case (_, "GML"): code("g/ml{SUVbw}", "Standardized Uptake Value body weight")
    default: code("[arb'U]", "arbitrary unit")
    }
  }

  /// The unit of a feature column: "" for pure numbers, "mm³", "bit", "intensity", "intensity²" …
  public static func unit(_ text: String, intensity: CodedConcept) -> CodedConcept {
    switch text {
    case "": return one
    case "intensity": return intensity
    case "intensity²":
      // In UCUM an annotation stands after the exponent.
      let (base, annotation) = intensity.value.split(separator: "{", maxSplits: 1).pair
      let square = base.contains("/") ? "(\(base))2" : base + "2"
      return code(square + annotation, "square of \(intensity.meaning)")
    default:
      let plain = String(
        text.map { c -> Character in
          switch c {
          case "²": "2"
          case "³": "3"
          case "⁻": "-"
          case "¹": "1"
          default: c
          }
        })
      return code(plain)
    }
  }
}

extension [Substring] {
  /// The first part, and the second with its opening brace; "" where there is none.
  fileprivate var pair: (String, String) {
    (first.map(String.init) ?? "", count > 1 ? "{" + self[1] : "")
  }
}
