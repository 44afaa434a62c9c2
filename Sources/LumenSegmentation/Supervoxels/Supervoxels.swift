// SPDX-License-Identifier: Apache-2.0
import Glibc
public import LumenCore
import LumenFilters

/// An image divided into compact pieces of similar intensity: k-means on intensity and place, each centre looking at its
/// surroundings only.
///
///     D² = ((v − vₖ) / compactness)² + |p − pₖ|² / S²,  v in 0 … 1, p in mm, S the grid step in voxels
///
/// - Shape: one label a voxel, from 1, in the memory order of first voxels; every piece is connected across faces.
/// - Units: `sigma` in millimetres; places are weighed in millimetres against a step in voxels, as scikit-image does.
/// - Range: intensities from the smallest to the largest finite one become 0 … 1; NaN becomes 0, infinity the end.
/// - Accuracy: labels of scikit-image `slic` without smoothing; smoothing in single precision. The same labels for any
///   number of threads.
/// - Cost: 64 distances a voxel and iteration; 28 bytes of scratch a voxel.
/// - Throws: `invalidParameter` for settings that are not positive and finite.
/// - Source: Achanta et al., IEEE TPAMI 2012;34:2274-2282; oracle scikit-image 0.26 `slic`.
public struct Supervoxels: Sendable, Equatable {
  /// About how many pieces.
  public var count = 100
  /// How much place counts against intensity.
  public var compactness = 0.05
  /// Standard deviation of the Gaussian that smooths the image first; 0 mm: none.
  public var sigma = Length.mm(0)
  /// Most rounds of k-means.
  public var iterations = 10

  /// A hundred pieces.
  public init() {}
  /// About `count` pieces.
  public init(count: Int, compactness: Double = 0.05, sigma: Length = .mm(0)) {
    self.count = count
    self.compactness = compactness
    self.sigma = sigma
  }

  /// The label of every voxel, from 1.
  public func callAsFunction(_ image: Volume<Float>) throws(ImageError) -> Volume<UInt32> {
    guard count >= 1, iterations >= 1 else {
      throw ImageError(.invalidParameter, "supervoxels need at least 1 piece and 1 iteration")
    }
    guard compactness > 0, compactness.isFinite else {
      throw ImageError(.invalidParameter, "compactness is \(shortest(compactness)), expected a finite number above 0")
    }
    guard image.count < Int(Int32.max) else {
      throw ImageError(.limitExceeded, "supervoxels of \(image.size) voxels, the limit is 2³¹: crop the image")
    }
    let grid = SupervoxelGrid(image.size, pieces: count)
    let labels = KMeans(
      values: try scaled(image), size: image.size, spacing: image.geometry.spacing, grid: grid, iterations: iterations
    ).labels()
    return Volume(image.geometry) { out in
      connected(labels, image.size, pieces: grid.count, into: out)
    }
  }

  /// Intensities as 0 … 1 over the compactness.
  private func scaled(_ image: Volume<Float>) throws(ImageError) -> [Double] {
    let (low, high) = image.withVoxels { v in
      v.reduce((Float.infinity, -Float.infinity)) { $1.isFinite ? (min($0.0, $1), max($0.1, $1)) : $0 }
    }
    let span = Double(high) - Double(low), factor = 1 / compactness
    @Sendable func unit(_ v: Float) -> Double {
      guard span > 0, !v.isNaN else { return 0 }
      return (Double(min(max(v, low), high)) - Double(low)) / span
    }
    guard sigma > .mm(0) else { return image.withVoxels { $0.map { unit($0) * factor } } }
    let smooth = try Gaussian(sigma: sigma)(image.map { Float(unit($0)) })
    return smooth.withVoxels { $0.map { Double($0) * factor } }
  }
}

/// Where the centres start: a regular grid of about as many places as pieces are asked for, in steps of whole voxels that
/// are as equal as the sides of the image allow.
///
/// - Source: scikit-image `regular_grid`.
struct SupervoxelGrid {
  /// First place and distance of places along columns, rows and slices.
  let starts: SIMD3<Int>, steps: SIMD3<Int>
  /// Centres as voxel indices, slices outermost.
  let places: [SIMD3<Int>]
  var count: Int { places.count }

  init(_ size: Size, pieces: Int) {
    // Short axes first; of equal ones the outer first, so that ties fall as they do for z, y, x.
    let order = [2, 1, 0].sorted { size[$0] < size[$1] }
    let sides = order.map { Double(size[$0]) }
    var starts = SIMD3<Int>(), steps = SIMD3<Int>(1, 1, 1)
    if size.count > pieces {
      var step = [Double](repeating: pow(Double(size.count) / Double(pieces), 1.0 / 3), count: 3)
      if (0..<3).contains(where: { sides[$0] < step[$0] }) {
        for axis in 0..<3 {
          step[axis] = sides[axis]
          let rest = sides[(axis + 1)...].reduce(1, *), left = 2 - axis
          for other in axis + 1..<max(3, axis + 1) { step[other] = pow(rest / Double(pieces), 1 / Double(left)) }
          if (0..<3).allSatisfy({ sides[$0] >= step[$0] }) { break }
        }
      }
      for (n, axis) in order.enumerated() {
        starts[axis] = Int((step[n] / 2).rounded(.down))
        steps[axis] = max(1, Int(step[n].rounded(.toNearestOrEven)))
      }
    }
    self.starts = starts
    self.steps = steps
    var places: [SIMD3<Int>] = []
    for z in stride(from: starts.z, to: size.slices, by: steps.z) {
      for y in stride(from: starts.y, to: size.rows, by: steps.y) {
        for x in stride(from: starts.x, to: size.columns, by: steps.x) { places.append(SIMD3(x, y, z)) }
      }
    }
    self.places = places
  }
}

/// The rounds of assigning voxels to centres and moving these to the means.
private struct KMeans {
  let values: [Double], size: Size, spacing: SIMD3<Double>, grid: SupervoxelGrid, iterations: Int

  /// Half of what a centre looks at on each side: the steps of a grid for as many pieces as there are, which may be others
  /// than were asked for (scikit-image).
  private var window: SIMD3<Int> { SupervoxelGrid(size, pieces: grid.count).steps }

  struct Centre {
    var place: SIMD3<Double>, value: Double
    var isEmpty = false
  }

  /// The centre of every voxel, from 0.
  func labels() -> [Int32] {
    // A centre starts without an intensity: 0, as in scikit-image.
    var centres = grid.places.map { Centre(place: SIMD3(Double($0.x), Double($0.y), Double($0.z)), value: 0) }
    var labels = [Int32](repeating: 0, count: size.count)
    for _ in 0..<iterations {
      assign(centres, &labels)
      move(&centres, labels)
    }
    return labels
  }

  private func assign(_ centres: [Centre], _ labels: inout [Int32]) {
    let size = size, step = Double(grid.steps.max()), weight = 1 / (step * step), window = window
    labels.withUnsafeMutableBufferPointer { labels in
      values.withUnsafeBufferPointer { values in
        guard let to = labels.baseAddress, let from = values.baseAddress else { return }
        nonisolated(unsafe) let (labels, values) = (to, from)
        parallelFor(size.slices) { slices in
          let first = slices.lowerBound &* size.plane, count = slices.count &* size.plane
          // Distances, the numbers of the centres that they are to, and squared distances along x from one centre.
          let scratch = UnsafeMutablePointer<Double>.allocate(capacity: 2 &* count &+ size.columns)
          defer { scratch.deallocate() }
          let (distances, nearest, alongX) = (scratch, scratch + count, scratch + 2 &* count)
          distances.update(repeating: .greatestFiniteMagnitude, count: count)
          nearest.update(repeating: 0, count: count)
          for (k, centre) in centres.enumerated() where !centre.isEmpty {
            let x = Self.surroundings(centre, 0, window, size), y = Self.surroundings(centre, 1, window, size)
            let z = Self.surroundings(centre, 2, window, size).clamped(to: slices)
            if z.isEmpty { continue }
            for column in x {
              let dx = spacing.x * (centre.place.x - Double(column))
              alongX[column &- x.lowerBound] = dx * dx
            }
            for slice in z {
              let dz = spacing.z * (centre.place.z - Double(slice))
              for row in y {
                let dy = spacing.y * (centre.place.y - Double(row))
                let line = size.offset(x.lowerBound, row, slice)
                compare(
                  values + line, alongX, x.count, dz * dz + dy * dy, weight, centre.value, Double(k),
                  distances + (line &- first), nearest + (line &- first))
              }
            }
          }
          // A voxel that no centre looked at stays where it is.
          for i in 0..<count where distances[i] < .greatestFiniteMagnitude {
            labels[first &+ i] = Int32(nearest[i])
          }
        }
      }
    }
  }

  /// Voxels within two steps of a centre along an axis.
  private static func surroundings(
    _ centre: Centre, _ axis: Int, _ window: SIMD3<Int>, _ size: Size
  ) -> Range<Int> {
    let c = centre.place[axis], reach = Double(2 * window[axis])
    let low = Int(max(c - reach, 0)), high = Int(min(c + reach + 1, Double(size[axis])))
    return low..<max(low, high)
  }

  private func move(_ centres: inout [Centre], _ labels: [Int32]) {
    var sums = [SIMD4<Double>](repeating: .zero, count: centres.count)
    var counts = [Int](repeating: 0, count: centres.count)
    sums.withUnsafeMutableBufferPointer { sums in
      counts.withUnsafeMutableBufferPointer { counts in
        labels.withUnsafeBufferPointer { labels in
          values.withUnsafeBufferPointer { values in
            var i = 0
            for z in 0..<size.slices {
              for y in 0..<size.rows {
                for x in 0..<size.columns {
                  let k = Int(labels[i])
                  sums[k] += SIMD4(Double(x), Double(y), Double(z), values[i])
                  counts[k] &+= 1
                  i &+= 1
                }
              }
            }
          }
        }
      }
    }
    for k in centres.indices {
      centres[k].isEmpty = counts[k] == 0
      guard counts[k] > 0 else { continue }
      let mean = sums[k] / Double(counts[k])
      centres[k].place = SIMD3(mean.x, mean.y, mean.z)
      centres[k].value = mean.w
    }
  }
}

/// Gives the voxels of a row that are nearer to a centre than to any before it to that centre.
@inline(__always)
private func compare(
  _ values: UnsafePointer<Double>, _ alongX: UnsafePointer<Double>, _ count: Int, _ elsewhere: Double,
  _ weight: Double, _ value: Double, _ number: Double, _ distances: UnsafeMutablePointer<Double>,
  _ nearest: UnsafeMutablePointer<Double>
) {
  var x = 0
  while x &+ 4 <= count {
    let dv = UnsafeRawPointer(values + x).loadUnaligned(as: SIMD4<Double>.self) - value
    let place = UnsafeRawPointer(alongX + x).loadUnaligned(as: SIMD4<Double>.self) + elsewhere
    let distance = place * weight + dv * dv
    let old = UnsafeRawPointer(distances + x).loadUnaligned(as: SIMD4<Double>.self)
    let isNearer = old .> distance
    let owner = UnsafeRawPointer(nearest + x).loadUnaligned(as: SIMD4<Double>.self)
    UnsafeMutableRawPointer(distances + x).storeBytes(
      of: old.replacing(with: distance, where: isNearer), as: SIMD4<Double>.self)
    UnsafeMutableRawPointer(nearest + x).storeBytes(
      of: owner.replacing(with: number, where: isNearer), as: SIMD4<Double>.self)
    x &+= 4
  }
  while x < count {
    let dv = values[x] - value, distance = (alongX[x] + elsewhere) * weight + dv * dv
    if distances[x] > distance {
      distances[x] = distance
      nearest[x] = number
    }
    x &+= 1
  }
}

/// Relabels the connected parts of every piece, parts of less than half the usual size joined to a neighbour, larger than
/// three times cut.
private func connected(
  _ labels: [Int32], _ size: Size, pieces: Int, into out: UnsafeMutableBufferPointer<UInt32>
) {
  let usual = Double(size.count) / Double(max(pieces, 1)), least = Int(0.5 * usual), most = max(1, Int(3 * usual))
  out.update(repeating: 0)
  var next: UInt32 = 1, part: [Int32] = []
  for start in labels.indices where out[start] == 0 {
    let label = labels[start]
    var neighbour = next, visited = 0
    out[start] = next
    part.removeAll(keepingCapacity: true)
    part.append(Int32(start))
    while visited < part.count, part.count < most {
      let i = Int(part[visited]), x = i % size.columns, y = i / size.columns % size.rows, z = i / size.plane
      visited += 1
      for (inside, j) in [
        (x + 1 < size.columns, i + 1), (x > 0, i - 1), (y + 1 < size.rows, i + size.columns),
        (y > 0, i - size.columns), (z + 1 < size.slices, i + size.plane), (z > 0, i - size.plane),
      ] where inside {
        if labels[j] == label && out[j] == 0 {
          out[j] = next
          part.append(Int32(j))
          if part.count >= most { break }
        } else if out[j] > 0 && out[j] != next {
          neighbour = out[j]
        }
      }
    }
    if part.count < least {
      for i in part { out[Int(i)] = neighbour }
    } else {
      next += 1
    }
  }
}
