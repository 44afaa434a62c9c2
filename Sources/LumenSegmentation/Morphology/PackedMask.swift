// SPDX-License-Identifier: Apache-2.0
import LumenCore
import LumenFilters

/// A mask with one bit a voxel, so that one instruction works on hundreds of voxels.
///
/// Rows are padded with zeros to whole registers. An erosion is the dilation of the complement.
struct PackedMask: Sendable {
  typealias Line = StructuringElement.Line
  let size: Size
  /// Words of a row, a multiple of four.
  let stride: Int
  private(set) var bits: [UInt64]

  /// The voxels of a mask, or those outside it.
  init(_ mask: Mask, complement: Bool) {
    let size = mask.size, stride = (size.columns + 255) / 256 * 4
    self.size = size
    self.stride = stride
    bits = Self.rows(size, stride) { out in
      mask.voxels.withVoxels { voxels in
        guard let first = voxels.baseAddress else { return }
        nonisolated(unsafe) let (from, out) = (first, out)
        parallelFor(size.rows * size.slices, grain: Self.grain(size)) { rows in
          for row in rows {
            Self.pack(from + row &* size.columns, size.columns, complement ? .max : 0, out + row &* stride, stride)
          }
        }
      }
    }
  }

  private init(size: Size, stride: Int, bits: [UInt64]) {
    self.size = size
    self.stride = stride
    self.bits = bits
  }

  /// The voxels that are not in the set.
  var complement: PackedMask {
    let size = size, stride = stride, whole = size.columns / 64
    let rest = UInt64.max &>> UInt64(64 - size.columns & 63)
    let result = Self.rows(size, stride) { out in
      bits.withUnsafeBufferPointer { bits in
        nonisolated(unsafe) let (bits, out) = (bits, out)
        parallelFor(size.rows * size.slices, grain: Self.grain(size)) { rows in
          for row in rows {
            let first = row &* stride
            for w in first..<first &+ whole { out[w] = ~bits[w] }
            for w in first &+ whole..<first &+ stride { out[w] = 0 }
            if size.columns & 63 != 0 { out[first &+ whole] = ~bits[first &+ whole] & rest }
          }
        }
      }
    }
    return PackedMask(size: size, stride: stride, bits: result)
  }

  /// Uninitialised rows that `body` writes, all of them.
  private static func rows(_ size: Size, _ stride: Int, _ body: (UnsafeMutablePointer<UInt64>) -> Void) -> [UInt64] {
    let count = size.rows * size.slices * stride
    return [UInt64](unsafeUninitializedCapacity: count) { buffer, n in
      if let base = buffer.baseAddress { body(base) }
      n = count
    }
  }

  private static func grain(_ size: Size) -> Int { max(1, (1 << 18) / size.columns) }

  /// Eight bytes of 0 or 1 become eight bits, the first the lowest.
  @inline(__always)
  private static func pack(
    _ voxels: UnsafePointer<UInt8>, _ columns: Int, _ flip: UInt64, _ words: UnsafeMutablePointer<UInt64>, _ count: Int
  ) {
    let raw = UnsafeRawPointer(voxels), whole = columns &>> 6
    for w in 0..<whole {
      var word: UInt64 = 0
      for k in 0..<8 {
        let bytes = raw.loadUnaligned(fromByteOffset: w &* 64 &+ k &* 8, as: UInt64.self)
        word |= ((UInt64(littleEndian: bytes) &* 0x0102_0408_1020_4080) &>> 56) &<< UInt64(k &* 8)
      }
      words[w] = word ^ flip
    }
    for w in whole..<count {
      var word: UInt64 = 0
      for x in w &* 64..<max(w &* 64, min(columns, w &* 64 &+ 64)) {
        word |= (UInt64(voxels[x]) ^ (flip & 1)) &<< UInt64(x & 63)
      }
      words[w] = word
    }
  }

  /// The voxels of the bits on a grid of this size, or those of their complement.
  func mask(_ geometry: Geometry, complement: Bool) -> Mask {
    let size = size, stride = stride, flip: UInt64 = complement ? .max : 0
    return Mask(geometry) { out in
      bits.withUnsafeBufferPointer { bits in
        guard let bits = bits.baseAddress, let out = out.baseAddress else { return }
        nonisolated(unsafe) let (from, to) = (bits, out)
        parallelFor(size.rows * size.slices, grain: Self.grain(size)) { rows in
          for row in rows {
            let words = from + row &* stride, voxels = to + row &* size.columns
            let raw = UnsafeMutableRawPointer(voxels)
            for w in 0..<size.columns &>> 6 {
              let word = words[w] ^ flip
              for k in 0..<8 {
                let bits = (word &>> UInt64(k &* 8) & 0xff) &* 0x0101_0101_0101_0101 & 0x8040_2010_0804_0201
                let bytes = (bits &+ 0x7f7f_7f7f_7f7f_7f7f) &>> 7 & 0x0101_0101_0101_0101
                raw.storeBytes(of: bytes.littleEndian, toByteOffset: w &* 64 &+ k &* 8, as: UInt64.self)
              }
            }
            for x in size.columns & ~63..<size.columns {
              voxels[x] = UInt8((words[x &>> 6] ^ flip) &>> UInt64(x & 63) & 1)
            }
          }
        }
      }
    }
  }

  /// The voxels whose neighbourhood touches the set; outside the image there is nothing.
  ///
  /// For every row the lines that reach furthest are united first, the union is widened by what they reach further than
  /// the next ones, which join it, and so on (Horner's scheme: dilations distribute over unions).
  func dilated(by lines: [Line]) -> PackedMask {
    let size = size, stride = stride
    let lines = lines.sorted { $0.reach > $1.reach }
    let (depth, height) = (lines.map { abs($0.dz) }.max() ?? 0, lines.map { abs($0.dy) }.max() ?? 0)
    let offsets = lines.map { ($0.dz * size.rows + $0.dy) * stride }
    // The lines of one reach, and how far their union is widened before the next ones join.
    var groups: [(end: Int, widening: Int)] = []
    for (i, line) in lines.enumerated() {
      let next = i + 1 < lines.count ? lines[i + 1].reach : 0
      if next != line.reach || i + 1 == lines.count { groups.append((i + 1, line.reach - next)) }
    }
    let last = UInt64.max &>> UInt64((64 - size.columns & 63) & 63), lastWord = (size.columns - 1) / 64
    let plan = groups
    let result = Self.rows(size, stride) { out in
      bits.withUnsafeBufferPointer { bits in
        guard let bits = bits.baseAddress else { return }
        nonisolated(unsafe) let (from, out) = (bits, out)
        parallelFor(size.rows * size.slices, grain: max(1, Self.grain(size) / (4 + lines.count))) { rows in
          withUnsafeTemporaryAllocation(of: UnsafePointer<UInt64>.self, capacity: lines.count) { reached in
            withUnsafeTemporaryAllocation(of: UInt64.self, capacity: stride) { scratch in
              guard let scratch = scratch.baseAddress else { return }
              for row in rows {
                let (y, z) = (row % size.rows, row / size.rows)
                let inner =
                  y >= height && y &+ height < size.rows && z >= depth && z &+ depth < size.slices
                let here = from + row &* stride, to = out + row &* stride
                to.update(repeating: 0, count: stride)
                var first = 0
                for group in plan {
                  var n = 0
                  for l in first..<group.end {
                    if !inner {
                      let (j, k) = (y &+ lines[l].dy, z &+ lines[l].dz)
                      if j < 0 || j >= size.rows || k < 0 || k >= size.slices { continue }
                    }
                    reached[n] = here + offsets[l]
                    n &+= 1
                  }
                  first = group.end
                  unite(reached.baseAddress, n, to, stride)
                  if group.widening > 0 { widen(to, lastWord &+ 1, group.widening, scratch) }
                }
                to[lastWord] &= last
                for w in lastWord &+ 1..<max(stride, lastWord &+ 1) { to[w] = 0 }
              }
            }
          }
        }
      }
    }
    return PackedMask(size: size, stride: stride, bits: result)
  }
}

/// out |= the union of rows.
@inline(__always)
private func unite(
  _ rows: UnsafePointer<UnsafePointer<UInt64>>?, _ n: Int, _ out: UnsafeMutablePointer<UInt64>, _ count: Int
) {
  guard let rows else { return }
  var w = 0
  while w < count {
    let to = UnsafeMutableRawPointer(out + w)
    var sum = UnsafeRawPointer(to).loadUnaligned(as: SIMD4<UInt64>.self)
    for l in 0..<n { sum |= UnsafeRawPointer(rows[l] + w).loadUnaligned(as: SIMD4<UInt64>.self) }
    to.storeBytes(of: sum, as: SIMD4<UInt64>.self)
    w &+= 4
  }
}

/// Adds the bits up to `distance` places from those of a row.
///
/// A step is no longer than what is reached plus one, so that every place is reached by steps in one direction and none
/// is missed where the row ends.
@inline(__always)
private func widen(
  _ row: UnsafeMutablePointer<UInt64>, _ count: Int, _ distance: Int, _ scratch: UnsafeMutablePointer<UInt64>
) {
  var reached = 0
  while reached < distance {
    let step = min(reached &+ 1, distance &- reached), words = step &>> 6, bits = UInt64(step & 63)
    scratch.update(from: row, count: count)
    // A shift by 64 − 0 must give 0, hence in two parts.
    for w in 0..<count {
      var sum = row[w]
      if w >= words { sum |= scratch[w &- words] &<< bits }
      if w >= words &+ 1 { sum |= (scratch[w &- words &- 1] &>> 1) &>> (63 &- bits) }
      if w &+ words < count { sum |= scratch[w &+ words] &>> bits }
      if w &+ words &+ 1 < count { sum |= (scratch[w &+ words &+ 1] &<< 1) &<< (63 &- bits) }
      row[w] = sum
    }
    reached &+= step
  }
}

extension StructuringElement {
  /// The element as dilations to be done one after another: a large box is taken apart into its axes.
  func passes(on geometry: Geometry, planar: Bool) throws(ImageError) -> [[Line]] {
    let lines = try lines(on: geometry, planar: planar)
    if shape != .box || lines.count <= 9 { return [lines] }
    return [lines.filter { $0.dz == 0 }, lines.filter { $0.dy == 0 }.map { Line(dy: 0, dz: $0.dz, reach: 0) }]
  }
}

extension Mask {
  /// The dilation (`grow`) or erosion by an element.
  func morphed(_ element: StructuringElement, planar: Bool, grow: Bool) throws(ImageError) -> Mask {
    let passes = try element.passes(on: geometry, planar: planar)
    return passes.reduce(PackedMask(self, complement: !grow)) { $0.dilated(by: $1) }.mask(geometry, complement: !grow)
  }
}
