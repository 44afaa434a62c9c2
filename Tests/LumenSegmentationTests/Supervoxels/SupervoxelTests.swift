// SPDX-License-Identifier: Apache-2.0
import LumenCore
import Testing

@testable import LumenSegmentation

@Suite("Supervoxels")
struct SupervoxelTests {
  /// Sums of 3 × 3 × 3 hashed numbers with a bright ball, as the oracle makes them.
  static func image(_ size: Size, _ spacing: SIMD3<Double>, seed: UInt64, _ levels: UInt64) -> Volume<Float> {
    var random = SplitMix64(seed: seed)
    let noise = (0..<size.count).map { _ in Int(random.next() % levels) }
    return Volume(Geometry(size: size, spacing: spacing)) { out in
      for z in 0..<size.slices {
        for y in 0..<size.rows {
          for x in 0..<size.columns {
            var sum = 0
            for n in 0..<27 {
              let i = min(max(x + n % 3 - 1, 0), size.columns - 1), j = min(max(y + n / 3 % 3 - 1, 0), size.rows - 1)
              sum += noise[size.offset(i, j, min(max(z + n / 9 - 1, 0), size.slices - 1))]
            }
            let (a, b, c) = (2 * x - size.columns, 2 * y - size.rows, 2 * z - size.slices)
            if a * a + b * b + c * c < size.columns * size.columns / 3 { sum += 400 }
            out[size.offset(x, y, z)] = Float(sum)
          }
        }
      }
    }
  }

  static func digest(_ values: some Sequence<Int>) -> Int {
    values.enumerated().reduce(0) { $0 + $1.element * ($1.offset % 1009) }
  }

  /// scikit-image 0.26 `slic(…, compactness=0.05, sigma=0, enforce_connectivity=True)`: number of labels and Σ label · (i
  /// mod 1009); the same of the image shows that both saw the same one.
  @Test(arguments: [
    (Size(columns: 30, rows: 26, slices: 18), SIMD3<Double>(1, 1, 1), 3, 50, 60, 39, 133_871_660, 5_201_852_172),
    (Size(columns: 33, rows: 20, slices: 9), SIMD3(0.75, 1.25, 2.5), 4, 7, 40, 41, 61_678_312, 710_677_578),
    (Size(columns: 20, rows: 20, slices: 1), SIMD3(1, 1, 1), 8, 20, 12, 4, 208_945, 29_673_879),
  ])
  func labelsOfScikitImage(
    _ size: Size, _ spacing: SIMD3<Double>, _ seed: Int, _ levels: Int, _ count: Int, _ most: Int, _ digest: Int,
    _ imageDigest: Int
  ) throws {
    let image = Self.image(size, spacing, seed: UInt64(seed), UInt64(levels))
    #expect(Self.digest(image.withVoxels { $0.map { Int($0) } }) == imageDigest)
    let labels = try Supervoxels(count: count)(image).withVoxels { $0.map { Int($0) } }
    #expect(labels.min() == 1 && labels.max() == most)
    #expect(Self.digest(labels) == digest)
  }

  @Test func threadsDoNotMatter() throws {
    let image = Self.image(Size(columns: 21, rows: 22, slices: 23), [1, 1, 1], seed: 1, 99)
    let width = Parallel.width
    defer { Parallel.width = width }
    Parallel.width = 1
    let one = try Supervoxels(count: 30, sigma: .mm(1))(image)
    Parallel.width = 2
    #expect(try Supervoxels(count: 30, sigma: .mm(1))(image) == one)
  }

  @Test(arguments: [Float.nan, .infinity, 3])
  func imagesWithoutContrastFallIntoPlaces(_ value: Float) throws {
    for size in [Size(columns: 1, rows: 1), Size(columns: 6, rows: 5, slices: 4)] {
      let labels = try Supervoxels(count: 8, sigma: .mm(1))(Volume(Geometry(size: size), repeating: value))
      #expect(labels.withVoxels { $0.min() } == 1)
    }
  }

  @Test func badSettingsAreRefused() {
    let image = Volume<Float>(Geometry(size: Size(columns: 3, rows: 3)), repeating: 1)
    for bad in [
      Supervoxels(count: 0), Supervoxels(count: 3, compactness: 0), Supervoxels(count: 3, compactness: .nan),
    ] { #expect(throws: ImageError.self) { try bad(image) } }
  }
}
