// SPDX-License-Identifier: Apache-2.0

/// A colour picture for display and conversion; never an input of radiomics as it stands.
///
/// - Shape: rows × columns × 3, red, green, blue interleaved, 1 to 16 bits a sample, stored as they are.
public struct ColourImage: Sendable, Equatable {
  /// Pixels a row.
  public let columns: Int
  /// Number of rows.
  public let rows: Int
  /// Bits of a sample, 1 … 16.
  public let bits: Int
  /// Interleaved RGB; values up to 2^bits − 1.
  public var samples: [UInt16]

  /// A picture from its samples; their number is columns × rows × 3.
  public init(columns: Int, rows: Int, bits: Int = 8, samples: [UInt16]) {
    precondition(samples.count == columns * rows * 3 && 1...16 ~= bits, "RGB samples for every pixel")
    self.columns = columns
    self.rows = rows
    self.bits = bits
    self.samples = samples
  }

  /// Grey image Y = 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), rounded, not scaled: uint8 for up to 8 bits, else uint16.
  public var luminance: AnyVolume {
    let geometry = Geometry(size: Size(columns: columns, rows: rows))
    func grey(_ i: Int) -> Double {
      0.299 * Double(samples[3 * i]) + 0.587 * Double(samples[3 * i + 1]) + 0.114 * Double(samples[3 * i + 2])
    }
    return bits <= 8
      ? .u8(Volume(geometry) { out in for i in 0..<out.count { out[i] = .rounding(grey(i)) } })
      : .u16(Volume(geometry) { out in for i in 0..<out.count { out[i] = .rounding(grey(i)) } })
  }
}
