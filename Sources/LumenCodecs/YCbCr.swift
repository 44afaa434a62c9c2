// SPDX-License-Identifier: Apache-2.0

/// Full-range YCbCr as in JFIF and DICOM's YBR_FULL.
///
///     R = Y + 1.402 Cr,  G = Y − 0.344136 Cb − 0.714136 Cr,  B = Y + 1.772 Cb
///
/// - Source: ITU-R BT.601 with full range; PS3.3 C.7.6.3.1.2.
public enum YCbCr {
  /// Converts interleaved samples of `bits` bits in place, rounded to nearest.
  public static func toRGB(_ samples: inout [UInt16], bits: Int) {
    samples.withUnsafeMutableBufferPointer { toRGB($0, bits: bits) }
  }

  static func toRGB(_ samples: UnsafeMutableBufferPointer<UInt16>, bits: Int) {
    precondition(1...16 ~= bits, "samples of up to 16 bits")
    let half = Double(1 << (bits - 1)), top = Double(1 << bits) - 1
    func value(_ x: Double) -> UInt16 { UInt16(min(max((x + 0.5).rounded(.down), 0), top)) }
    for i in stride(from: 0, to: samples.count - 2, by: 3) {
      let (y, b, r) = (Double(samples[i]), Double(samples[i + 1]) - half, Double(samples[i + 2]) - half)
      samples[i] = value(y + 1.402 * r)
      samples[i + 1] = value(y - 0.344136 * b - 0.714136 * r)
      samples[i + 2] = value(y + 1.772 * b)
    }
  }
}
