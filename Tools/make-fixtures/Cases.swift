// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenDICOM

/// How the files of a case lie in its folder.
enum Layout: String { case flat, nested, shuffled, reversed, bare }

/// One series of the cohort.
struct CaseSpec {
  let number: Int, patient: Int
  /// 0 the first study of the patient, 1 the next.
  let study: Int
  let isHeterogeneous: Bool
  let syntax: TransferSyntax
  let layout: Layout
  /// Pixel spacing, mm; the field of view and with it the patient are 128 times as large.
  let spacing: Double
  /// Nominal diameter, mm, and mean, HU, of the lesion.
  let diameter: Double, mean: Double
  /// −1 right lung, 1 left lung.
  let side: Double
  /// Of the lesion from the middle of the lung, mm.
  let offset: SIMD3<Double>
  let texture: Texture
  /// Standard deviation of the scanner's noise, HU.
  let noise: Double
  /// What is subtracted from stored values, as many scanners do.
  var intercept = 0.0
  var direction = Direction.identity

  var folder: String { "case-" + (number < 10 ? "0" : "") + "\(number)" }
  var patientSeed: UInt64 { random(20_240_229, UInt64(patient)) }
  var seriesSeed: UInt64 { random(patientSeed, 10 + UInt64(study)) }
  var className: String { isHeterogeneous ? "heterogeneous" : "homogeneous" }
  var isBroken: Bool { number == 15 }

  var patientID: String { "FIXTURE-" + (patient < 10 ? "0" : "") + "\(patient)" }
  var patientName: String {
    let names = [
      "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve", "Thirteen",
    ]
    return "Fixture^\(names[patient - 1])"
  }
  var studyDate: String {
    let day = 10 + patient
    return study == 0 ? "201901\(day)" : "201907\(day)"
  }
  var studyUID: String { uid(seriesSeed, 1) }
  var seriesUID: String { uid(seriesSeed, 2) }
  var frameUID: String { uid(seriesSeed, 3) }
  func instanceUID(_ slice: Int) -> String { uid(seriesSeed, 100 + UInt64(slice)) }

  /// The file of a slice below the case's folder.
  func path(_ slice: Int) -> String {
    func padded(_ n: Int) -> String { String("0000\(n)".suffix(4)) }
    switch layout {
    case .flat, .reversed: return "IM\(padded(slice + 1)).dcm"
    case .nested: return "STUDY\(study + 1)/SERIES0\(number % 3 + 1)/\(padded(slice + 1)).dcm"
    case .shuffled: return String(random(seriesSeed, 500 + UInt64(slice)), radix: 16) + ".dcm"
    case .bare: return "DICOM/I\(padded(slice + 1))"
    }
  }

  static let cohort: [CaseSpec] = {
    /// Fine and weak; the borderline case is coarser and stronger.
    func even(_ deviation: Double, _ grain: Double = 2.2) -> Texture {
      Texture(deviation: deviation, grain: grain, core: 0)
    }
    /// Coarse and strong, most with a necrotic core.
    func uneven(_ deviation: Double, _ grain: Double, core: Double) -> Texture {
      Texture(deviation: deviation, grain: grain, core: core)
    }
    func spec(
      _ number: Int, _ patient: Int, _ isHeterogeneous: Bool, _ syntax: TransferSyntax, _ layout: Layout,
      _ spacing: Double, _ diameter: Double, _ mean: Double, _ side: Double, _ offset: SIMD3<Double>,
      _ texture: Texture,
      study: Int = 0, noise: Double, intercept: Double = 0, direction: Direction = .identity
    ) -> CaseSpec {
      CaseSpec(
        number: number, patient: patient, study: study, isHeterogeneous: isHeterogeneous, syntax: syntax,
        layout: layout,
        spacing: spacing, diameter: diameter, mean: mean, side: side, offset: offset, texture: texture, noise: noise,
        intercept: intercept, direction: direction)
    }
    // Turned by the angle of the triangle 20, 99, 101: direction cosines without a sine.
    let turned = Direction(x: [99.0 / 101, 20.0 / 101, 0], y: [-20.0 / 101, 99.0 / 101, 0], z: [0, 0, 1])
    return [
      spec(1, 1, false, .explicitVRLittleEndian, .flat, 1.3, 26, 38, -1, [-1, 6, -8], even(6), noise: 11),
      spec(2, 2, true, .jpegLSLossless, .nested, 1.25, 24, 34, -1, [1, 2, 9], uneven(27, 6, core: 0.8), noise: 12),
      spec(3, 3, false, .rleLossless, .flat, 1.2, 21, 29, -1, [0, 8, -4], even(7), noise: 12),
      spec(
        4, 4, true, .jpegLosslessSV1, .shuffled, 1.4, 33, 46, 1, [2, 12, 8], uneven(30, 7, core: 1), noise: 13,
        intercept: -1024),
      spec(5, 5, false, .jpegLSLossless, .nested, 1.4, 31, 52, 1, [2, 10, 10], even(8), noise: 13),
      spec(
        6, 6, true, .implicitVRLittleEndian, .flat, 1.35, 28, 25, -1, [-2, -6, 5], uneven(24, 5.5, core: 0.6), noise: 11
      ),
      spec(7, 7, false, .deflatedExplicitVRLittleEndian, .bare, 1.3, 28, 44, -1, [0, -8, 2], even(12, 3.6), noise: 12),
      spec(8, 8, true, .jpegLSLossless, .flat, 1.35, 23, 40, -1, [1, 4, -6], uneven(28, 6, core: 0.9), noise: 12),
      spec(9, 9, false, .jpegLSLossless, .reversed, 1.25, 23, 33, 1, [2, 9, 7], even(5), noise: 10),
      spec(
        10, 10, true, .jpegLSLossless, .flat, 1.3, 27, 55, -1, [-1, 5, 4], uneven(17, 4.6, core: 0), noise: 12,
        direction: turned),
      spec(
        11, 11, false, .explicitVRBigEndian, .flat, 1.35, 32, 24, -1, [0, 0, 0], even(7), noise: 12, intercept: -1024),
      spec(12, 12, true, .jpegLSLossless, .nested, 1.2, 21, 31, 1, [2, 10, 9], uneven(33, 5, core: 0.7), noise: 11),
      spec(13, 3, false, .jpegLSLossless, .flat, 1.2, 27, 31, -1, [0, 8, -4], even(7), study: 1, noise: 11),
      spec(
        14, 8, true, .jpegLSLossless, .nested, 1.35, 31, 36, -1, [1, 4, -6], uneven(30, 6.5, core: 1), study: 1,
        noise: 12),
      spec(15, 13, false, .jpegLSLossless, .flat, 1.3, 25, 40, -1, [0, 2, 0], even(7), noise: 12),
    ]
  }()
}
