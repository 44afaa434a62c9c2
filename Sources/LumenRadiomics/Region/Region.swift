// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// A region of interest cut to its bounding box, with the morphological and the intensity mask of IBSI 1.
struct Region: Sendable {
  /// First column, row and slice of the box in the image.
  let start: (column: Int, row: Int, slice: Int)
  /// Size of the whole image.
  let imageSize: Size
  /// The mask as given, 0 or 1.
  let morphological: Volume<UInt8>
  /// Voxels whose intensities are measured, 0 or 1.
  private(set) var intensityMask: Volume<UInt8>
  /// Intensities of the intensity mask in memory order.
  private(set) var intensities: [Double]
  /// Index of each slice's first intensity; one more than slices.
  private(set) var sliceStarts: [Int]
  /// Voxels of the intensity mask.
  var count: Int { sliceStarts.last ?? 0 }

  var geometry: Geometry { morphological.geometry }
  var size: Size { morphological.size }

  /// Nil when the mask is empty.
  init?(_ mask: Mask, of image: AnyVolume, rounded: Bool, within range: ClosedRange<Double>?) {
    guard let box = mask.boundingBox else { return nil }
    imageSize = mask.geometry.size
    start = (box.columns.lowerBound, box.rows.lowerBound, box.slices.lowerBound)
    let isWhole = box.columns.count == imageSize.columns && box.rows.count == imageSize.rows
    morphological =
      isWhole && box.slices.count == imageSize.slices
      ? mask.voxels : mask.voxels.cropped(columns: box.columns, rows: box.rows, slices: box.slices)
    let collected = image.specialised(
      Collect(start: start, inside: morphological, rounded: rounded, range: range ?? -.infinity ... .infinity))
    intensityMask = collected.mask
    intensities = collected.values
    sliceStarts = collected.starts
  }

  /// Gives the intensities away: what follows needs their memory.
  mutating func takeIntensities() -> [Double] {
    defer { intensities = [] }
    return intensities
  }

  /// Takes the intensities of another image on the same grid; voxels where it is NaN or infinite leave the mask.
  mutating func measure(_ response: AnyVolume) {
    let collected = response.specialised(
      Collect(start: start, inside: intensityMask, rounded: false, range: -.infinity ... .infinity))
    intensityMask = collected.mask
    intensities = collected.values
    sliceStarts = collected.starts
  }

  /// Takes intensities outside mean ± kσ (σ with 1/N) or outside a range out of the intensity mask. Mean and σ are those
  /// of the mask before: methods of resegmentation combine by the intersection of their ranges.
  mutating func removeOutliers(sigma k: Double, within range: ClosedRange<Double>?) {
    let n = Double(intensities.count)
    guard n > 0 else { return }
    let mean = blockSum(intensities) / n
    let deviation = (blockSum(intensities, .square(from: mean)) / n).squareRoot()
    let lower = max(mean - k * deviation, range?.lowerBound ?? -.infinity)
    let upper = min(mean + k * deviation, range?.upperBound ?? .infinity)
    var kept: [Double] = [], starts = [0], next = 0
    kept.reserveCapacity(intensities.count)
    let (plane, slices, before) = (size.plane, size.slices, intensities)
    intensityMask.withMutableVoxels { mask in
      for z in 0..<slices {
        for i in z &* plane..<(z &+ 1) &* plane where mask[i] != 0 {
          let value = before[next]
          next &+= 1
          if value >= lower && value <= upper { kept.append(value) } else { mask[i] = 0 }
        }
        starts.append(kept.count)
      }
    }
    intensities = kept
    sliceStarts = starts
  }
}

/// Finds the finite voxels inside the mask and the range, and their intensities.
private struct Collect: AnyVolume.Visitor {
  typealias Failure = Never
  let start: (column: Int, row: Int, slice: Int)
  let inside: Volume<UInt8>
  let rounded: Bool
  let range: ClosedRange<Double>

  func visit<Element: Voxel>(
    _ image: Volume<Element>
  ) throws(Never) -> (mask: Volume<UInt8>, values: [Double], starts: [Int]) {
    let size = inside.size
    var starts = [Int](repeating: 0, count: size.slices + 1)
    let dropsSome = starts.withUnsafeMutableBufferPointer { starts in
      nonisolated(unsafe) let counts = starts.baseAddress! + 1
      return parallelReduce(size.slices, block: 1, false) { slices in
        var given = 0
        for z in slices {
          counts[z] = 0
          forEachRow(image, z) { row, inside, n in
            var (kept, all) = (0, 0)
            for x in 0..<n {
              all &+= Int(inside[x])
              kept &+= Int(keeps(row[x]) & inside[x])
            }
            counts[z] &+= kept
            given &+= all
          }
          given &-= counts[z]
        }
        return given > 0
      } combine: {
        $0 = $0 || $1
      }
    }
    var mask = inside
    if dropsSome {
      mask = Volume<UInt8>(inside.geometry) { out in
        nonisolated(unsafe) let to = out.baseAddress!
        parallelFor(size.slices) { slices in
          for z in slices {
            var line = to + size.offset(0, 0, z)
            forEachRow(image, z) { row, inside, n in
              for x in 0..<n { line[x] = keeps(row[x]) & inside[x] }
              line += n
            }
          }
        }
      }
    }
    for z in 0..<size.slices { starts[z + 1] += starts[z] }
    let offsets = starts
    let values = [Double](unsafeUninitializedCapacity: offsets[size.slices]) { out, n in
      n = offsets[size.slices]
      guard n > 0 else { return }
      adviseHugePages(out.baseAddress, count: n)
      nonisolated(unsafe) let to = out.baseAddress!
      mask.withVoxels { mask in
        nonisolated(unsafe) let kept = mask.baseAddress!
        parallelFor(size.slices) { slices in
          for z in slices {
            var next = to + offsets[z], line = kept + size.offset(0, 0, z)
            forEachRow(image, z) { row, _, n in
              var x = 0
              // Eight at once where all are inside or all outside.
              while x &+ 8 <= n {
                let eight = UnsafeRawPointer(line + x).loadUnaligned(as: UInt64.self)
                if eight == 0x0101_0101_0101_0101 {
                  for k in 0..<8 { (next + k).initialize(to: intensity(row[x &+ k])) }
                  next += 8
                } else if eight != 0 {
                  for k in x..<x &+ 8 where line[k] != 0 {
                    next.initialize(to: intensity(row[k]))
                    next += 1
                  }
                }
                x &+= 8
              }
              while x < n {
                if line[x] != 0 {
                  next.initialize(to: intensity(row[x]))
                  next += 1
                }
                x &+= 1
              }
              line += n
            }
          }
        }
      }
    }
    return (mask, values, offsets)
  }

  /// The voxels of each row of the box in one slice, with those of the mask.
  @inline(__always) private func forEachRow<Element: Voxel>(
    _ image: Volume<Element>, _ z: Int, _ body: (UnsafePointer<Element>, UnsafePointer<UInt8>, _ n: Int) -> Void
  ) {
    let size = inside.size, whole = image.size
    image.withVoxels { voxels in
      inside.withVoxels { inside in
        for y in 0..<size.rows {
          body(
            voxels.baseAddress! + whole.offset(start.column, y + start.row, z + start.slice),
            inside.baseAddress! + size.offset(0, y, z), size.columns)
        }
      }
    }
  }

  /// 1 for a finite intensity in the range.
  @inline(__always) private func keeps<Element: Voxel>(_ voxel: Element) -> UInt8 {
    let value = intensity(voxel)
    return value >= range.lowerBound && value <= range.upperBound && value.isFinite ? 1 : 0
  }

  @inline(__always) private func intensity<Element: Voxel>(_ voxel: Element) -> Double {
    rounded ? voxel.doubleValue.rounded(.toNearestOrEven) : voxel.doubleValue
  }
}

extension AnyVolume {
  /// Calls the visitor with the typed volume; compiled here once per type, so that kernels are specialised.
  func specialised<V: AnyVolume.Visitor>(_ visitor: V) throws(V.Failure) -> V.Result {
    switch self {
    case .u8(let v): try visitor.visit(v)
    case .i8(let v): try visitor.visit(v)
    case .u16(let v): try visitor.visit(v)
    case .i16(let v): try visitor.visit(v)
    case .u32(let v): try visitor.visit(v)
    case .i32(let v): try visitor.visit(v)
    case .f32(let v): try visitor.visit(v)
    case .f64(let v): try visitor.visit(v)
    }
  }
}
