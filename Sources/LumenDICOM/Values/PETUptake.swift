// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore

/// Standardised uptake values of a PET image.
///
///     SUV = activity (Bq/ml) · size of the body / dose at the time that activity is corrected to
///     dose at time t = Radionuclide Total Dose · 2^(−(t − injection) / half-life)
///
/// - Units: g/ml, cm²/ml by body surface. Weight in g; lean body mass, ideal weight and surface from weight, size and
///   sex.
/// - Source: QIBA FDG-PET/CT profile, "vendor-neutral pseudo-code for SUV" (START, ADMIN; BQML, CNTS of Philips, GML);
///   images without decay correction (NONE) are taken at the mean time of their own frame. Lean body mass: Janmahasatian
///   et al. 2005, James 1976 (with 128 and 148); surface: Du Bois and Du Bois 1916; ideal weight: Zasadny and Wahl 1993.
public struct PETUptake: Sendable, Equatable {
  /// The body weight SUV of one unit of the image's modality values, g/ml.
  public let bodyWeightFactor: Double
  /// Dose at the time that the image is corrected to, Bq; NaN where the image needs none.
  public let decayedDose: Double
  private let weight: Double?
  private let size: Double?
  private let sex: String

  /// What the header gives.
  ///
  /// - Throws: `malformed` naming the attribute that is missing; `unsupported` for units or corrections that no uptake
  ///   can be computed from.
  public init(_ header: InstanceHeader) throws(ImageError) {
    guard let pet = header.pet else {
      throw ImageError(.unsupported, "is no PET image but \(header.modality), there is no uptake")
    }
    weight = pet.weight
    size = pet.size
    sex = header.patientSex
    // 1 where the values are activity already.
    var activity = 1.0
    switch header.units {
    case "GML":
      guard ["", "BW"].contains(pet.suvType) else {
        throw ImageError(.unsupported, "values are SUV of type \(pet.suvType) \(Tag.suvType), expected BW")
      }
      bodyWeightFactor = 1
      decayedDose = .nan
      return
    case "BQML": break
    case "CNTS":
      if let factor = pet.philipsSUVFactor {
        bodyWeightFactor = factor
        decayedDose = .nan
        return
      }
      guard let factor = pet.philipsActivityFactor else {
        throw ImageError(
          .malformed, "values are counts without a factor to SUV (7053,1000) or to Bq/ml (7053,1009)",
          hint: "only Philips' private attributes give it")
      }
      activity = factor
    default:
      throw ImageError(
        .unsupported,
        "Units \(Tag.units) is \(header.units.isEmpty ? "missing" : header.units), expected BQML, CNTS or GML")
    }
    let corrected = pet.correctedImage.split(separator: "\\").map { $0.trimmingSpaces }
    guard corrected.contains("ATTN") else {
      throw ImageError(
        .unsupported, "Corrected Image \(Tag.correctedImage) lacks ATTN: activity is not corrected for attenuation")
    }
    guard let weight = pet.weight else { throw Self.missing("Patient's Weight", .patientWeight) }
    guard let dose = pet.totalDose else { throw Self.missing("Radionuclide Total Dose", .radionuclideTotalDose) }
    switch pet.decayCorrection {
    case "ADMIN": decayedDose = dose
    case "START", "NONE":
      guard pet.decayCorrection == "NONE" || corrected.contains("DECY") else {
        throw ImageError(
          .unsupported, "Decay Correction is START, but Corrected Image \(Tag.correctedImage) lacks DECY")
      }
      guard let halfLife = pet.halfLife else { throw Self.missing("Radionuclide Half Life", .radionuclideHalfLife) }
      let time = try pet.decayCorrection == "START" ? Self.scanStart(pet, halfLife) : Self.frameTime(pet, halfLife)
      let elapsed = try Self.elapsed(pet, to: time)
      decayedDose = dose * exp2(-elapsed / halfLife)
    default:
      throw Self.missing("Decay Correction (START, ADMIN or NONE)", .decayCorrection)
    }
    bodyWeightFactor = activity * weight * 1000 / decayedDose
  }

  /// SUV of one unit of the modality values; 1 for values that are no uptake.
  ///
  /// - Throws: `malformed` naming the missing size or sex.
  public func factor(_ values: PixelValues) throws(ImageError) -> Double {
    let body: Double
    switch values {
    case .stored, .modality, .realWorld: return 1
    case .suvBodyWeight: return bodyWeightFactor
    case .suvLeanBodyMass: body = try leanBodyMass() * 1000
    case .suvLeanBodyMassJames: body = try leanBodyMassJames() * 1000
    case .suvBodySurface: body = try bodySurface() * 10_000
    case .suvIdealBodyWeight: body = try idealBodyWeight() * 1000
    }
    return bodyWeightFactor * body / (try kilograms() * 1000)
  }

  private func kilograms() throws(ImageError) -> Double {
    guard let weight else { throw Self.missing("Patient's Weight", .patientWeight) }
    return weight
  }

  private func centimetres() throws(ImageError) -> Double {
    guard let size else { throw Self.missing("Patient's Size", .patientSize) }
    guard size > 0.3, size < 3 else {
      throw ImageError(.malformed, "Patient's Size \(Tag.patientSize) is \(size), expected metres")
    }
    return size * 100
  }

  private func isFemale() throws(ImageError) -> Bool {
    guard sex == "F" || sex == "M" else {
      throw ImageError(.malformed, "Patient's Sex \(Tag.patientSex) is neither F nor M")
    }
    return sex == "F"
  }

  /// kg.
  private func leanBodyMass() throws(ImageError) -> Double {
    let w = try kilograms(), h = try centimetres() / 100, bmi = w / (h * h)
    return try isFemale() ? 9270 * w / (8780 + 244 * bmi) : 9270 * w / (6680 + 216 * bmi)
  }

  /// kg.
  private func leanBodyMassJames() throws(ImageError) -> Double {
    let w = try kilograms(), q = w / (try centimetres())
    let mass = try isFemale() ? 1.07 * w - 148 * q * q : 1.10 * w - 128 * q * q
    guard mass > 0 else {
      throw ImageError(.unsupported, "James' lean body mass is not above 0 for this weight and size")
    }
    return mass
  }

  /// m².
  private func bodySurface() throws(ImageError) -> Double {
    0.007184 * pow(try kilograms(), 0.425) * pow(try centimetres(), 0.725)
  }

  /// kg.
  private func idealBodyWeight() throws(ImageError) -> Double {
    let h = try centimetres()
    let mass = try isFemale() ? 45.5 + 0.91 * (h - 152) : 48.0 + 1.06 * (h - 152)
    guard mass > 0 else {
      throw ImageError(.unsupported, "the ideal body weight is not above 0 for this size: its formula is for adults")
    }
    return mass
  }

  /// When the scan began, to which decay is corrected: Series Date and Time unless these are later than the acquisition
  /// (a series made anew), then GE's private attribute, else the acquisition less its reference time. The acquisition
  /// is the first of the series: every slice is corrected to one time.
  private static func scanStart(_ pet: PETAcquisition, _ halfLife: Double) throws(ImageError) -> Double {
    let first = pet.firstAcquisition ?? pet.acquisitionDateTime
    if let series = pet.seriesDateTime, series <= first ?? series { return series }
    if let ge = pet.geScanDateTime { return ge }
    guard let acquisition = pet.acquisitionDateTime else { throw missing("Acquisition Time", .acquisitionTime) }
    guard let reference = pet.frameReferenceTime, reference > 0, let duration = pet.frameDuration else {
      return pet.firstAcquisition ?? acquisition
    }
    return acquisition - reference / 1000 + meanTime(duration / 1000, halfLife)
  }

  /// The time within the frame at which the activity is its mean.
  private static func frameTime(_ pet: PETAcquisition, _ halfLife: Double) throws(ImageError) -> Double {
    guard let acquisition = pet.acquisitionDateTime else { throw missing("Acquisition Time", .acquisitionTime) }
    return acquisition + (pet.frameDuration.map { meanTime($0 / 1000, halfLife) } ?? 0)
  }

  /// Seconds after the start of a frame at which the count rate is that of its mean.
  private static func meanTime(_ duration: Double, _ halfLife: Double) -> Double {
    let decay = log(2) / halfLife, during = decay * duration
    return log(during / (1 - exp(-during))) / decay
  }

  /// Seconds from injection to a time; a start time later in the day is that of the day before.
  private static func elapsed(_ pet: PETAcquisition, to time: Double) throws(ImageError) -> Double {
    let elapsed: Double
    if let start = pet.startDateTime {
      elapsed = time - start
    } else if let start = pet.startTime {
      let day = (time / 86_400).rounded(.down) * 86_400
      elapsed = time - day >= start ? time - day - start : time - day - start + 86_400
    } else {
      throw missing("Radiopharmaceutical Start Time", .radiopharmaceuticalStartTime)
    }
    guard elapsed >= 0, elapsed < 7 * 86_400 else {
      throw ImageError(
        .malformed,
        "the scan starts \(Int(max(min(elapsed, 1e12), -1e12))) s after the radiopharmaceutical, expected 0 to 7 days",
        hint: "dates were probably changed when the file was de-identified")
    }
    return elapsed
  }

  private static func missing(_ name: String, _ tag: Tag) -> ImageError {
    ImageError(.malformed, "\(name) \(tag) is missing, uptake cannot be computed")
  }
}
