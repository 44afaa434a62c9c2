// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// A picture to check a mask by: the three index planes through the middle of the region, with its outline.
///
/// - Shape: one panel a plane, side by side; pixels are square in millimetres, at least `panel` high. The head is up in
///   upright planes; letters name the patient's directions (R L A P H F).
public struct QCPicture: Sendable {
  /// Values shown as black and white; nil: the 1st and 99th percentile of the planes shown.
  public var window: ClosedRange<Double>?
  /// Show small values bright (MONOCHROME1).
  public var inverted = false
  /// Longer side of a panel, pixels.
  public var panel = 320

  /// A picture with its display window.
  public init(window: ClosedRange<Double>? = nil) { self.window = window }

  /// Draws the picture. A 2-D image has one panel.
  public func callAsFunction(_ image: Volume<Float>, mask: Mask) -> ColourImage {
    let size = image.size
    let centre = Self.centre(mask)
    var planes: [Plane] = [Plane(image, mask, u: 0, v: 1, at: centre.z)]
    if size.slices > 1 {
      planes.append(Plane(image, mask, u: 0, v: 2, at: centre.y))
      planes.append(Plane(image, mask, u: 1, v: 2, at: centre.x))
    }
    let range = window ?? Self.percentiles(planes)
    let tiles = planes.map { $0.draw(window: range, inverted: inverted, longest: panel) }
    let gap = 4
    let columns = tiles.reduce(gap * (tiles.count - 1)) { $0 + $1.columns }
    let rows = tiles.map(\.rows).max() ?? 1
    var samples = [UInt16](repeating: 24, count: columns * rows * 3)
    var left = 0
    for tile in tiles {
      let top = (rows - tile.rows) / 2
      for y in 0..<tile.rows {
        let to = ((y + top) * columns + left) * 3
        samples.replaceSubrange(
          to..<to + tile.columns * 3, with: tile.samples[y * tile.columns * 3..<(y + 1) * tile.columns * 3])
      }
      left += tile.columns + gap
    }
    return ColourImage(columns: columns, rows: rows, samples: samples)
  }

  /// The slice along each axis that holds most of the region; the middle of the image when it is empty.
  private static func centre(_ mask: Mask) -> (x: Int, y: Int, z: Int) {
    let s = mask.size
    var x = [Int](repeating: 0, count: s.columns), y = [Int](repeating: 0, count: s.rows)
    var z = [Int](repeating: 0, count: s.slices)
    mask.voxels.withVoxels { m in
      for k in 0..<s.slices {
        for j in 0..<s.rows {
          for i in 0..<s.columns where m[s.offset(i, j, k)] != 0 {
            x[i] += 1
            y[j] += 1
            z[k] += 1
          }
        }
      }
    }
    func widest(_ counts: [Int]) -> Int {
      guard let most = counts.max(), most > 0 else { return counts.count / 2 }
      return counts.firstIndex(of: most) ?? counts.count / 2
    }
    return (widest(x), widest(y), widest(z))
  }

  private static func percentiles(_ planes: [Plane]) -> ClosedRange<Double> {
    let values = planes.flatMap(\.values).filter(\.isFinite).sorted()
    guard let first = values.first, let last = values.last, first < last else {
      let v = Double(values.first ?? 0)
      return (v - 0.5)...(v + 0.5)
    }
    let low = values[values.count / 100], high = values[values.count - 1 - values.count / 100]
    return low < high ? Double(low)...Double(high) : Double(first)...Double(last)
  }
}

/// One index plane with its values, mask and scale.
private struct Plane {
  let columns: Int, rows: Int
  let spacing: (u: Double, v: Double)
  let values: [Float]
  let inside: [Bool]
  /// Letters at left, right, top, bottom.
  let letters: (Character, Character, Character, Character)

  init(_ image: Volume<Float>, _ mask: Mask, u: Int, v: Int, at n: Int) {
    let g = image.geometry, s = g.size
    columns = s[u]
    rows = s[v]
    spacing = (g.spacing[u], g.spacing[v])
    // Upright planes are drawn with the head up: rows in reverse when the slice axis points to the head.
    let upright = v == 2 && g.direction[2].z >= 0
    let w = 3 - u - v
    var values: [Float] = [], inside: [Bool] = []
    for y in 0..<rows {
      for x in 0..<columns {
        var index = [0, 0, 0]
        index[u] = x
        index[v] = upright ? rows - 1 - y : y
        index[w] = n
        let offset = s.offset(index[0], index[1], index[2])
        values.append(image.withVoxels { $0[offset] })
        inside.append(mask.voxels.withVoxels { $0[offset] != 0 })
      }
    }
    self.values = values
    self.inside = inside
    let (du, dv) = (g.direction[u], g.direction[v] * (upright ? -1 : 1))
    letters = (Self.letter(-du), Self.letter(du), Self.letter(-dv), Self.letter(dv))
  }

  static func letter(_ d: SIMD3<Double>) -> Character {
    let a = SIMD3(abs(d.x), abs(d.y), abs(d.z))
    if a.x >= a.y && a.x >= a.z { return d.x > 0 ? "L" : "R" }
    if a.y >= a.z { return d.y > 0 ? "P" : "A" }
    return d.z > 0 ? "H" : "F"
  }

  func draw(window: ClosedRange<Double>, inverted: Bool, longest: Int) -> ColourImage {
    let (mmU, mmV) = (Double(columns) * spacing.u, Double(rows) * spacing.v)
    let scale = Double(longest) / max(mmU, mmV)
    let w = max(16, min(4 * longest, Int((mmU * scale).rounded())))
    let h = max(16, min(4 * longest, Int((mmV * scale).rounded())))
    var samples = [UInt16](repeating: 0, count: w * h * 3)
    func source(_ x: Int, _ y: Int) -> Int {
      min(rows - 1, (2 * y + 1) * rows / (2 * h)) * columns + min(columns - 1, (2 * x + 1) * columns / (2 * w))
    }
    let span = max(window.upperBound - window.lowerBound, .leastNormalMagnitude)
    for y in 0..<h {
      for x in 0..<w {
        let i = source(x, y)
        let shade = UInt16(max(0, min(255, (bilinear(x, y, w, h) - window.lowerBound) / span * 255)).rounded())
        let grey = inverted ? 255 - shade : shade
        let edge =
          inside[i]
          && (x == 0 || y == 0 || x == w - 1 || y == h - 1 || !inside[source(x - 1, y)] || !inside[source(x + 1, y)]
            || !inside[source(x, y - 1)] || !inside[source(x, y + 1)])
        let p = (y * w + x) * 3
        (samples[p], samples[p + 1], samples[p + 2]) = edge ? (255, 64, 32) : (grey, grey, grey)
      }
    }
    stamp(letters.0, 3, h / 2 - 5, &samples, w, h)
    stamp(letters.1, w - 13, h / 2 - 5, &samples, w, h)
    if h < 60 { return ColourImage(columns: w, rows: h, samples: samples) }
    stamp(letters.2, w / 2 - 5, 3, &samples, w, h)
    stamp(letters.3, w / 2 - 5, h - 17, &samples, w, h)
    return ColourImage(columns: w, rows: h, samples: samples)
  }

  /// The value at the centre of a screen pixel, interpolated; 0 where a neighbour is not finite.
  private func bilinear(_ x: Int, _ y: Int, _ w: Int, _ h: Int) -> Double {
    let u = max(0, min(Double(columns - 1), (Double(x) + 0.5) * Double(columns) / Double(w) - 0.5))
    let v = max(0, min(Double(rows - 1), (Double(y) + 0.5) * Double(rows) / Double(h) - 0.5))
    let (i, j) = (Int(u), Int(v))
    let (i1, j1) = (min(i + 1, columns - 1), min(j + 1, rows - 1))
    let (a, b) = (u - Double(i), v - Double(j))
    func at(_ i: Int, _ j: Int) -> Double { Double(values[j * columns + i]) }
    let value = (1 - b) * ((1 - a) * at(i, j) + a * at(i1, j)) + b * ((1 - a) * at(i, j1) + a * at(i1, j1))
    return value.isFinite ? value : 0
  }

  private static let glyphs: [Character: [UInt8]] = [
    "R": [0x1E, 0x11, 0x11, 0x1E, 0x14, 0x12, 0x11], "L": [0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x1F],
    "A": [0x0E, 0x11, 0x11, 0x1F, 0x11, 0x11, 0x11], "P": [0x1E, 0x11, 0x11, 0x1E, 0x10, 0x10, 0x10],
    "H": [0x11, 0x11, 0x11, 0x1F, 0x11, 0x11, 0x11], "F": [0x1F, 0x10, 0x10, 0x1E, 0x10, 0x10, 0x10],
  ]

  private func stamp(_ letter: Character, _ left: Int, _ top: Int, _ samples: inout [UInt16], _ w: Int, _ h: Int) {
    for (j, bits) in (Self.glyphs[letter] ?? []).enumerated() {
      for i in 0..<5 where bits >> (4 - i) & 1 == 1 {
        for (x, y) in [(0, 0), (1, 0), (0, 1), (1, 1)].map({ (left + 2 * i + $0.0, top + 2 * j + $0.1) })
        where 0..<w ~= x && 0..<h ~= y {
          let p = (y * w + x) * 3
          (samples[p], samples[p + 1], samples[p + 2]) = (250, 210, 60)
        }
      }
    }
  }
}
