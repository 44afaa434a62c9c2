// SPDX-License-Identifier: Apache-2.0

/// What the uptake of a PET image is computed from, as the header states it. Absent numbers are nil, also where the
/// header has 0 in their place.
public struct PETAcquisition: Sendable, Hashable, Codable {
  /// Patient's Weight, kg.
  public var weight: Double?
  /// The earliest acquisition of the series, where the header stands among others: ``acquisitionDateTime`` of that one.
  public var firstAcquisition: Double?
  /// Patient's Size, m.
  public var size: Double?
  /// Decay Correction: START, ADMIN or NONE.
  public var decayCorrection = ""
  /// Corrected Image, values separated by backslashes.
  public var correctedImage = ""
  /// SUV Type of images in g/ml.
  public var suvType = ""
  /// Radionuclide Total Dose, Bq.
  public var totalDose: Double?
  /// Radionuclide Half Life, s.
  public var halfLife: Double?
  /// Radiopharmaceutical Start Time, seconds of the day.
  public var startTime: Double?
  /// Radiopharmaceutical Start DateTime, seconds since 1970.
  public var startDateTime: Double?
  /// Series Date and Time, seconds since 1970.
  public var seriesDateTime: Double?
  /// Acquisition Date and Time, seconds since 1970.
  public var acquisitionDateTime: Double?
  /// Frame Reference Time, ms.
  public var frameReferenceTime: Double?
  /// Actual Frame Duration, ms.
  public var frameDuration: Double?
  /// GE: PET scan date and time (0009,100D), seconds since 1970.
  public var geScanDateTime: Double?
  /// Philips: SUV of a unit after rescale (7053,1000).
  public var philipsSUVFactor: Double?
  /// Philips: Bq/ml of a unit after rescale (7053,1009).
  public var philipsActivityFactor: Double?

  /// Nothing known.
  public init() {}

  init(_ set: DataSet) {
    func positive(_ value: Double?) -> Double? { value.flatMap { $0 > 0 ? $0 : nil } }
    weight = positive(set.number(.patientWeight))
    size = positive(set.number(.patientSize))
    decayCorrection = set.text(.decayCorrection)
    correctedImage = set.text(.correctedImage)
    suvType = set.text(.suvType)
    if let drug = set.first(.radiopharmaceuticalInformationSequence) {
      totalDose = positive(drug.number(.radionuclideTotalDose))
      halfLife = positive(drug.number(.radionuclideHalfLife))
      startTime = DICOMTime.secondsOfDay(drug.text(.radiopharmaceuticalStartTime))
      startDateTime = DICOMTime.seconds(dateTime: drug.text(.radiopharmaceuticalStartDateTime))
    }
    seriesDateTime = DICOMTime.seconds(date: set.text(.seriesDate), time: set.text(.seriesTime))
    acquisitionDateTime =
      DICOMTime.seconds(date: set.text(.acquisitionDate), time: set.text(.acquisitionTime))
      ?? DICOMTime.seconds(dateTime: set.text(.acquisitionDateTime))
    frameReferenceTime = set.number(.frameReferenceTime)
    frameDuration = positive(set.number(.actualFrameDuration))
    if set.text(Tag(0x0009, 0x0010)).hasPrefix("GEMS_PETD") {
      geScanDateTime = DICOMTime.seconds(dateTime: set.privateText(Tag(0x0009, 0x100D)))
    }
    if set.has(Tag(0x7053, 0x1000)) || set.has(Tag(0x7053, 0x1009)) {
      philipsSUVFactor = positive(set.privateNumber(Tag(0x7053, 0x1000)))
      philipsActivityFactor = positive(set.privateNumber(Tag(0x7053, 0x1009)))
    }
  }
}
