// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// The largest or the smallest value over a structuring element around every voxel: dilation and erosion.
///
/// Both are one computation on keys (``RankKey``): the smallest is the complement of the largest complement. NaN counts
/// as larger than every number. An element reaches, with every offset, all offsets nearer to the centre along each
/// axis, so the nearest and the mirrored boundary both amount to leaving out what lies outside the image.
struct Extremum<T: GreyVoxel>: Sendable {
  typealias Key = T.Key
  typealias Lanes = T.Key.Lanes

  let size: Size, boundary: BoundaryCondition, largest: Bool
  let shape: StructuringElement.Shape, lines: [StructuringElement.Line]
  /// Voxels on each side of the centre.
  let half: (x: Int, y: Int, z: Int)

  init(
    _ element: StructuringElement, planar: Bool, boundary: BoundaryCondition, largest: Bool, on geometry: Geometry
  ) throws(ImageError) {
    size = geometry.size
    (self.boundary, self.largest, shape) = (boundary, largest, element.shape)
    half = try element.halfWidths(on: geometry, planar: planar)
    // A box is taken apart into its axes and needs no lines.
    lines = shape == .box ? [] : try element.lines(on: geometry, planar: planar)
    if shape != .box {
      let scratch = ExtremumTiles(self).ringBytes
      guard scratch <= 1 << 29 else {
        throw ImageError(
          .invalidParameter,
          "the radius spans \(half.x) × \(half.y) × \(half.z) voxels, which takes \(scratch) bytes of scratch",
          hint: "filter slice by slice (planar), or use a box")
      }
    }
  }

  /// Whether the element is the voxel itself.
  var isIdentity: Bool { half.x == 0 && half.y == 0 && half.z == 0 }

  func callAsFunction(_ volume: Volume<T>) -> Volume<T> {
    if isIdentity { return volume }
    return Volume(volume.geometry) { out in volume.withVoxels { run($0, out) } }
  }

  func run(_ from: UnsafeBufferPointer<T>, _ to: UnsafeMutableBufferPointer<T>) {
    guard let source = from.baseAddress, let target = to.baseAddress else { return }
    if isIdentity { return target.update(from: source, count: from.count) }
    // A voxel and its key have the same size; only the bits are moved.
    source.withMemoryRebound(to: Key.self, capacity: from.count) { source in
      target.withMemoryRebound(to: Key.self, capacity: to.count) { target in
        if shape == .box { runBox(source, target) } else { runLines(source, target) }
      }
    }
  }

  /// Voxels `first ..< first + count` of a row as keys in whole registers, beyond the image what the boundary has
  /// there; a row of zeros where `y` or `z` is nil.
  @inline(__always)
  func fetch(
    _ source: UnsafePointer<Key>, _ y: Int?, _ z: Int?, first: Int, count: Int, to row: UnsafeMutablePointer<Key>
  ) {
    if let y, let z {
      let from = source + size.offset(0, y, z), n = size.columns
      let low = max(0, first), high = min(n, first &+ count)
      (row + (low &- first)).update(from: from + low, count: high &- low)
      var x = first
      while x < low {
        row[x &- first] = boundary.index(x, count: n).map { from[$0] } ?? 0
        x &+= 1
      }
      x = high
      while x < first &+ count {
        row[x &- first] = boundary.index(x, count: n).map { from[$0] } ?? 0
        x &+= 1
      }
    } else {
      row.update(repeating: 0, count: count)
    }
    if largest && T.self == Key.self { return }
    forEachRegister(count) { c in store(key(load(row + c)), row + c) }
  }

  /// Keys of voxels, so that the largest is wanted.
  @inline(__always)
  func key(_ bits: Lanes) -> Lanes {
    let key = T.keys(bits)
    return largest ? key : Key.complement(key)
  }

  /// Voxels of keys.
  @inline(__always)
  func voxel(_ key: Lanes) -> Lanes { T.voxels(largest ? key : Key.complement(key)) }

  /// Writes `count` voxels of keys to a row of the result.
  @inline(__always)
  func emit(count: Int, to out: UnsafeMutablePointer<Key>, _ keys: (Int) -> Lanes) {
    let lanes = Lanes.scalarCount
    var c = 0
    while c &+ lanes <= count {
      store(voxel(keys(c)), out + c)
      c &+= lanes
    }
    if c == count { return }
    let last = voxel(keys(c))
    for i in c..<count { out[i] = last[i &- c] }
  }

  /// Runs `body` at 0, L, 2L … below `count`.
  @inline(__always)
  func forEachRegister(_ count: Int, _ body: (Int) -> Void) {
    var c = 0
    while c < count {
      body(c)
      c &+= Lanes.scalarCount
    }
  }
}

/// How an image is cut into pieces whose surroundings stay in the second-level cache.
struct ExtremumTiles {
  /// Columns and rows of a tile, slices of a piece.
  var width: Int, height: Int, depth: Int
  /// Keys from row to row of the scratch.
  let stride: Int
  /// ExtremumTiles along each axis.
  let across: Int, down: Int, deep: Int
  /// Scratch for the surroundings of a tile.
  let ringBytes: Int

  init<T: GreyVoxel>(_ e: Extremum<T>) {
    let s = e.size, half = e.half, block = 4 * T.Key.Lanes.scalarCount, bytes = MemoryLayout<T>.stride
    let layers = 2 * half.z + 1
    func up(_ n: Int) -> Int { (n + block - 1) / block * block }
    let parts = (s.columns * bytes + 2047) / max(2048, 4 * half.x * bytes)
    width = min(s.columns, up((s.columns + max(parts, 1) - 1) / max(parts, 1)))
    stride = up(width + 2 * half.x) + block
    let rows = (384 << 10) / (layers * stride * bytes) - 2 * half.y
    height = min(s.rows, max(8, min(64, rows)))
    across = (s.columns + width - 1) / width
    down = (s.rows + height - 1) / height
    // Pieces along z repeat the work on their surroundings, so they are made only where there are few tiles.
    let wanted = max(1, 16 / (across * down))
    depth = half.z == 0 ? 1 : min(s.slices, max((s.slices + wanted - 1) / wanted, 2 * layers))
    deep = (s.slices + depth - 1) / depth
    ringBytes = layers * (height + 2 * half.y) * stride * bytes
  }

  var count: Int { across * down * deep }

  /// How many tiles are worth a thread.
  var grain: Int { max(1, (1 << 14) / (width * height * depth)) }

  /// Columns, rows and slices of a tile.
  func tile(_ i: Int, _ s: Size) -> (x: Range<Int>, y: Range<Int>, z: Range<Int>) {
    let x = i % across * width, y = i / across % down * height, z = i / (across * down) * depth
    return (x..<min(s.columns, x + width), y..<min(s.rows, y + height), z..<min(s.slices, z + depth))
  }
}

/// How a running maximum over `width` voxels is composed of doublings and a last step of three terms.
struct RunningWindow {
  /// Voxels of the window. A doubling at distance d is needed at width − 2d more voxels than the result.
  let width: Int
  /// Distances at which pairs are combined, one after another.
  let doublings: [Int]
  /// Distances of the second and third term.
  let second: Int, third: Int

  init(_ width: Int) {
    var reached = 1, doublings: [Int] = []
    while 3 * reached < width {
      doublings.append(reached)
      reached *= 2
    }
    self.width = width
    self.doublings = doublings
    second = min(reached, width - reached)
    third = width - reached
  }
}

/// Dilation (`largest`) or erosion of an image of any type.
func extremum(
  of image: AnyVolume, _ element: StructuringElement, planar: Bool, boundary: BoundaryCondition, largest: Bool
) throws(ImageError) -> AnyVolume {
  func filtered<T: GreyVoxel>(_ v: Volume<T>) throws(ImageError) -> Volume<T> {
    try Extremum<T>(element, planar: planar, boundary: boundary, largest: largest, on: v.geometry)(v)
  }
  switch image {
  case .u8(let v): return .u8(try filtered(v))
  case .i8(let v): return .i8(try filtered(v))
  case .u16(let v): return .u16(try filtered(v))
  case .i16(let v): return .i16(try filtered(v))
  case .u32(let v): return .u32(try filtered(v))
  case .i32(let v): return .i32(try filtered(v))
  case .f32(let v): return .f32(try filtered(v))
  case .f64(let v): return .f64(try filtered(v))
  }
}

/// a − b voxel by voxel; of integers as the unsigned type of the same size, 0 where it is less. Both are of one type.
func excess(of a: AnyVolume, over b: AnyVolume) -> AnyVolume {
  func difference<T: GreyVoxel>(_ a: Volume<T>, _ b: Volume<T>) -> Volume<T.Difference> {
    Volume(a.geometry) { out in
      a.withVoxels { a in
        b.withVoxels { b in
          nonisolated(unsafe) let (a, b, out) = (a, b, out)
          parallelFor(out.count, grain: 1 << 16) { range in
            for i in range { out[i] = T.excess(a[i], b[i]) }
          }
        }
      }
    }
  }
  switch (a, b) {
  case (.u8(let a), .u8(let b)): return .u8(difference(a, b))
  case (.i8(let a), .i8(let b)): return .u8(difference(a, b))
  case (.u16(let a), .u16(let b)): return .u16(difference(a, b))
  case (.i16(let a), .i16(let b)): return .u16(difference(a, b))
  case (.u32(let a), .u32(let b)): return .u32(difference(a, b))
  case (.i32(let a), .i32(let b)): return .u32(difference(a, b))
  case (.f32(let a), .f32(let b)): return .f32(difference(a, b))
  case (.f64(let a), .f64(let b)): return .f64(difference(a, b))
  default: preconditionFailure("two images of one type")
  }
}
