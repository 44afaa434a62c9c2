// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// An object drawn into its box, one byte a voxel, with a voxel of background around it.
struct ObjectBitmap {
  private var voxels: [UInt8] = [], codes: [UInt8] = []
  private var stack: [Int] = []
  private var width = 0, height = 0, depth = 0
  /// Whether there is more than one slice; then slices have background before and after them too.
  private var isSolid = false

  mutating func draw(_ runs: UnsafeBufferPointer<LabelRuns.Run>, _ shape: ObjectShape, _ size: Size) {
    isSolid = size.slices > 1
    width = shape.columns + 2
    height = shape.rows + 2
    depth = isSolid ? shape.slices + 2 : 1
    // Eight more bytes, so that words may be read up to the end.
    let n = width * height * depth + 8
    if voxels.count < n {
      voxels = [UInt8](repeating: 0, count: n)
      codes = voxels
    }
    voxels.withUnsafeMutableBufferPointer { voxels in
      voxels.baseAddress!.update(repeating: 0, count: n)
      for run in runs {
        let (y, z) = isSolid ? (Int(run.row) % size.rows, Int(run.row) / size.rows) : (Int(run.row), 0)
        let row = ((isSolid ? z - shape.first.z + 1 : 0) * height + y - shape.first.y + 1) * width
        (voxels.baseAddress! + row + Int(run.first) - shape.first.x + 1)
          .update(repeating: 1, count: Int(run.last - run.first) + 1)
      }
    }
  }

  /// Length of the border: pixels with a 4-neighbour outside, weighted by the pattern of border pixels around them.
  ///
  /// - Source: Benkrid and Crookes, Design and FPGA implementation of a perimeter estimator.
  mutating func perimeter() -> Double {
    let (w, n) = (width, width &* height)
    return voxels.withUnsafeBufferPointer { voxels in
      codes.withUnsafeMutableBufferPointer { codes in
        let (v, border) = (voxels.baseAddress!, codes.baseAddress!)
        border.update(repeating: 0, count: n &+ 8)
        for i in w..<n &- w { border[i] = v[i] & (1 ^ (v[i &- 1] & v[i &+ 1] & v[i &- w] & v[i &+ w])) }
        var (straight, diagonal, mixed) = (0, 0, 0)
        Self.forEachNonZero(border, n) { i, _ in
          let sides = border[i &- 1] &+ border[i &+ 1] &+ border[i &- w] &+ border[i &+ w]
          let corners =
            border[i &- w &- 1] &+ border[i &- w &+ 1] &+ border[i &+ w &- 1] &+ border[i &+ w &+ 1]
          switch 1 &+ 2 &* sides &+ 10 &* corners {
          case 5, 7, 15, 17, 25, 27: straight &+= 1
          case 21, 33: diagonal &+= 1
          case 13, 23: mixed &+= 1
          default: break
          }
        }
        let root = 2.0.squareRoot()
        return Double(straight) + Double(diagonal) * root + Double(mixed) * (1 + root) / 2
      }
    }
  }

  /// Perimeter by Crofton's formula: crossings of lines in four directions, from the 2 × 2 patterns of pixels.
  ///
  /// - Source: Rivollier 2010; Ohser, Nagel, Schladitz 2002.
  mutating func croftonPerimeter() -> Double {
    var counts = [Int](repeating: 0, count: 16)
    let (w, n) = (width, width &* height)
    voxels.withUnsafeBufferPointer { voxels in
      codes.withUnsafeMutableBufferPointer { codes in
        let (v, out) = (voxels.baseAddress!, codes.baseAddress!)
        out.update(repeating: 0, count: n &+ 8)
        for i in w &+ 1..<n {
          let code = v[i] | v[i &- 1] &<< 2 | v[i &- w] &<< 1 | v[i &- w &- 1] &<< 3
          // All inside counts for nothing, like all outside.
          out[i] = code == 15 ? 0 : code
        }
        Self.forEachNonZero(out, n) { _, code in counts[Int(code)] &+= 1 }
      }
    }
    let root = 2.0.squareRoot(), quarter = Double.pi / 4
    let weights = [
      0, quarter * (1 + 1 / root), quarter / root, 2 * quarter / root, 0, quarter * (1 + 1 / root), 0, quarter / root,
      quarter, 2 * quarter, quarter / root, quarter / root, quarter, 2 * quarter, 0, 0,
    ]
    return zip(weights, counts).reduce(0) { $0 + $1.0 * Double($1.1) }
  }

  @inline(__always)
  private static func forEachNonZero(_ p: UnsafePointer<UInt8>, _ n: Int, _ body: (Int, UInt8) -> Void) {
    var i = 0
    while i < n {
      if UnsafeRawPointer(p + i).loadUnaligned(as: UInt64.self) == 0 {
        i &+= 8
        continue
      }
      for k in i..<min(i &+ 8, n) where p[k] != 0 { body(k, p[k]) }
      i &+= 8
    }
  }

  /// Vertices − edges + faces − cells of the union of the closed voxels: the Euler characteristic of the object with
  /// full connectivity.
  func eulerNumber() -> Int {
    voxels.withUnsafeBufferPointer { voxels in
      let v = voxels.baseAddress!, (w, plane) = (width, width &* height)
      let below = isSolid ? plane : 0
      var total = 0
      for z in (isSolid ? 1 : 0)..<depth {
        for y in 1..<height {
          let row = v + (z &* plane &+ y &* w)
          var sum = 0
          for x in 1..<w {
            let p = row + x
            let (a, b, c, d) = (p[0], p[-1], p[-w], p[-w &- 1])
            if isSolid {
              let q = p - below
              let (e, f, g, h) = (q[0], q[-1], q[-w], q[-w &- 1])
              let (ab, ac, ae) = (a | b, a | c, a | e)
              let (abcd, abef, aceg) = (ab | c | d, ab | e | f, ac | e | g)
              sum &+= Int(abcd | e | f | g | h) &- Int(abcd) &- Int(abef) &- Int(aceg)
              sum &+= Int(ab) &+ Int(ac) &+ Int(ae) &- Int(a)
            } else {
              sum &+= Int(a | b | c | d) &- Int(a | b) &- Int(a | c) &+ Int(a)
            }
          }
          total &+= sum
        }
      }
      return total
    }
  }

  /// Voxels of the object and of what the background cannot reach from outside, corner to corner allowed.
  mutating func filled() -> Int {
    let (w, plane, n) = (width, width * height, width * height * depth)
    let (height, depth, isSolid) = (height, depth, isSolid)
    stack.removeAll(keepingCapacity: true)
    var outside = 0
    voxels.withUnsafeBufferPointer { voxels in
      codes.withUnsafeMutableBufferPointer { seen in
        seen.baseAddress!.update(from: voxels.baseAddress!, count: n)
        seen[0] = 1
        stack.append(0)
        while let i = stack.popLast() {
          outside &+= 1
          let (x, y, z) = (i % w, i % plane / w, i / plane)
          for k in (isSolid ? max(0, z &- 1) : z)...(isSolid ? min(depth &- 1, z &+ 1) : z) {
            for j in max(0, y &- 1)...min(height &- 1, y &+ 1) {
              for h in max(0, x &- 1)...min(w &- 1, x &+ 1) {
                let at = k &* plane &+ j &* w &+ h
                if seen[at] == 0 {
                  seen[at] = 1
                  stack.append(at)
                }
              }
            }
          }
        }
      }
    }
    return n - outside
  }
}
