// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Conversion of display colours: DICOM keeps CIELab under illuminant D50, screens want sRGB.
///
///     L* = 116 f(Y) − 16,  a* = 500 (f(X) − f(Y)),  b* = 200 (f(Y) − f(Z)),  XYZ relative to D50
///
/// - Source: PS3.3 C.10.7.1.1; CIE 15; sRGB IEC 61966-2-1 with the Bradford adaptation to D50 (ICC profile of sRGB).
enum DisplayColour {
  private static let white = SIMD3(0.96422, 1, 0.82521)
  private static let toXYZ = [
    SIMD3(0.4360747, 0.3850649, 0.1430804), SIMD3(0.2225045, 0.7168786, 0.0606169),
    SIMD3(0.0139322, 0.0971045, 0.7141733),
  ]
  private static let toRGB = [
    SIMD3(3.1338561, -1.6168667, -0.4906146), SIMD3(-0.9787684, 1.9161415, 0.0334540),
    SIMD3(0.0719453, -0.2289914, 1.4052427),
  ]

  /// Three words of Recommended Display CIELab Value as sRGB.
  static func sRGB(_ words: [UInt16]) -> SIMD3<UInt8>? {
    guard words.count == 3 else { return nil }
    let l = Double(words[0]) * 100 / 65_535
    let a = Double(words[1]) * 255 / 65_535 - 128, b = Double(words[2]) * 255 / 65_535 - 128
    let y = (l + 16) / 116
    func inverse(_ t: Double) -> Double { t > 6.0 / 29 ? t * t * t : (t - 4.0 / 29) * 108 / 841 }
    let xyz = SIMD3(inverse(y + a / 500), inverse(y), inverse(y - b / 200)) * white
    func encode(_ row: SIMD3<Double>) -> UInt8 {
      let v = (row * xyz).sum()
      let e = v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055
      return UInt8((min(max(e, 0), 1) * 255).rounded())
    }
    return SIMD3(encode(toRGB[0]), encode(toRGB[1]), encode(toRGB[2]))
  }

  /// A colour as three words of Recommended Display CIELab Value.
  static func cieLab(_ colour: SIMD3<UInt8>) -> [UInt16] {
    func decode(_ v: UInt8) -> Double {
      let e = Double(v) / 255
      return e <= 0.04045 ? e / 12.92 : pow((e + 0.055) / 1.055, 2.4)
    }
    let rgb = SIMD3(decode(colour.x), decode(colour.y), decode(colour.z))
    func f(_ axis: Int) -> Double {
      let t = (toXYZ[axis] * rgb).sum() / white[axis]
      return t > 216.0 / 24_389 ? cbrt(t) : t * 841 / 108 + 4.0 / 29
    }
    let (x, y, z) = (f(0), f(1), f(2))
    func word(_ v: Double, _ low: Double, _ range: Double) -> UInt16 {
      UInt16((min(max((v - low) / range, 0), 1) * 65_535).rounded())
    }
    return [word(116 * y - 16, 0, 100), word(500 * (x - y), -128, 255), word(200 * (y - z), -128, 255)]
  }
}
