// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// How the components of a tile are cut into packets: what COD, COC and POC of the main header or of a tile's say.
///
/// - Source: ISO/IEC 15444-1 A.6.1, A.6.2, A.6.6; a later marker wins, as in OpenJPEG.
struct JPEG2000Style {
  struct Component {
    var levels = 0
    /// Whether code-blocks are those of HTJ2K (ISO/IEC 15444-15).
    var isHighThroughput = false
    /// A byte a resolution: logarithm of the width, and times 16 of the height; 15 and 15 where there is none.
    var precincts: [UInt8] = []
  }

  private(set) var components: [Component]
  private(set) var layers = 1
  private(set) var progressions = 1
  /// Whether the first three components are converted to RGB.
  private(set) var convertsColour = false
  /// Whether any code-block is one of HTJ2K.
  var isHighThroughput: Bool { components.contains(where: \.isHighThroughput) }
  /// Whether a marker that was read changed anything.
  var isOfTile = false

  init(components: Int) { self.components = [Component](repeating: Component(), count: components) }

  /// Reads the markers of a header up to `last` (SOT or SOD); the offset of that one.
  mutating func read(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, until last: Int
  ) throws(ImageError) -> Int {
    let room = UnsafeRawBufferPointer(rebasing: bytes[..<range.upperBound])
    func word(_ at: Int, _ count: Int) throws(ImageError) -> Int { try JPEG2000.word(room, at, count) }
    var at = range.lowerBound
    while true {
      let marker = try word(at, 2)
      if marker == last { return at }
      let length = try word(at + 2, 2), end = at + 2 + length
      guard marker > 0xFF00, length >= 2, end <= room.count else { throw JPEG2000.cut }
      switch marker {
      case 0xFF52:  // COD
        layers = try word(at + 6, 2)
        convertsColour = try word(at + 8, 1) == 1
        let component = try Self.component(room, at + 9, hasPrecincts: try word(at + 4, 1) & 1 != 0, end)
        for i in components.indices { components[i] = component }
        isOfTile = true
      case 0xFF53:  // COC
        let i = try word(at + 4, 1)
        guard components.indices.contains(i) else {
          throw ImageError(.malformed, "JPEG 2000 has a coding style of component \(i) of \(components.count)")
        }
        components[i] = try Self.component(room, at + 6, hasPrecincts: try word(at + 5, 1) & 1 != 0, end)
        isOfTile = true
      case 0xFF5F:  // POC
        progressions += (length - 2) / 7
        isOfTile = true
      default: break
      }
      at = end
    }
  }

  /// Levels, two bytes of the code block, style, transform, precincts.
  private static func component(
    _ bytes: UnsafeRawBufferPointer, _ at: Int, hasPrecincts: Bool, _ end: Int
  ) throws(ImageError) -> Component {
    let levels = try JPEG2000.word(bytes, at, 1)
    guard levels <= 32 else { throw ImageError(.malformed, "JPEG 2000 has \(levels) decomposition levels") }
    guard at + (hasPrecincts ? 6 + levels : 5) <= end else { throw JPEG2000.cut }
    return Component(
      levels: levels, isHighThroughput: try JPEG2000.word(bytes, at + 3, 1) & 0x40 != 0,
      precincts: hasPrecincts ? Array(bytes[at + 5...at + 5 + levels]) : [])
  }
}

/// The tiles of an image on its reference grid.
///
/// - Source: ISO/IEC 15444-1 annex B.
struct JPEG2000Grid {
  struct Axis {
    var start = 0, end = 0, tileStart = 0, tile = 1

    var tiles: Int { (end - tileStart + tile - 1) / tile }
    func range(_ i: Int) -> (Int, Int) { (max(start, tileStart + i * tile), min(end, tileStart + (i + 1) * tile)) }
  }

  var x = Axis()
  var y = Axis()
  /// Every how many pixels a component has a sample.
  var steps: [(x: Int, y: Int)] = []

  var tiles: Int { x.tiles * y.tiles }

  /// A packet has at least one byte: tiny precincts or many layers that the bytes cannot hold are a bomb. So are the
  /// places where a decoder looks for precincts when they are narrow in one resolution and low in another.
  func checkPackets(
    _ own: [Int: JPEG2000Style], otherwise main: JPEG2000Style, _ bytes: Int
  ) throws(ImageError) {
    // Counted as Double: products of hostile sizes do not overflow, those that pass are exact.
    var packets = 0.0, places = 0.0
    for tile in 0..<tiles {
      let style = own[tile] ?? main
      let (x0, x1) = x.range(tile % x.tiles), (y0, y1) = y.range(tile / x.tiles)
      var least = (x: 62, y: 62)
      for (component, step) in zip(style.components, steps) {
        for r in 0...component.levels {
          let size = r < component.precincts.count ? component.precincts[r] : 0xFF
          let (px, py, level) = (Int(size & 15), Int(size >> 4), component.levels - r)
          packets +=
            Self.precincts(x0, x1, step.x, level, px) * Self.precincts(y0, y1, step.y, level, py)
            * Double(style.layers)
          least = (min(least.x, px + level), min(least.y, py + level))
        }
      }
      places += Double((x1 - x0) >> least.x + 1) * Double((y1 - y0) >> least.y + 1) * Double(style.progressions)
      guard packets <= Double(max(bytes, 1 << 16)), places <= Double(max(bytes, 1 << 22)) else {
        throw ImageError(.malformed, "JPEG 2000 claims more packets than its \(bytes) bytes can hold")
      }
    }
  }

  /// Precincts of 2^exponent samples across one side of a tile at a level.
  private static func precincts(_ start: Int, _ end: Int, _ step: Int, _ level: Int, _ exponent: Int) -> Double {
    func down(_ v: Int) -> Int { ((v + step - 1) / step + 1 << level - 1) >> level }
    let (from, to) = (down(start), down(end))
    return to > from ? Double((to + 1 << exponent - 1) >> exponent - from >> exponent) : 0
  }
}
