// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Properties of every object of a label map in one pass over it, named and defined as scikit-image's `regionprops`.
///
///     let table = try RegionProperties([.area, .centroid, .solidity])(LabelMap(cells), image: .u16(picture))
///
/// - Shape: 2-D (one slice) or 3-D. Axes count from the slowest: row, column in 2-D, slice, row, column in 3-D.
/// - Units: the image's spacing; ``usesSpacing`` off: pixels. Hu's moments and perimeters are NaN where pixels are not
///   square.
/// - Accuracy: sums of indices in integers; the same bits for any number of threads.
/// - Cost: one pass over the voxels, then each object by itself; 16 bytes a run of voxels, and the box of the largest
///   object (one byte a voxel) for each thread.
/// - Source: scikit-image 0.26, `skimage.measure.regionprops`.
public struct RegionProperties: Sendable, Equatable {
  /// What to measure, in the order of the columns; repeated names count once. What does not exist in the image's
  /// dimensions, or needs an image where there is none, is left out.
  public var properties: [ObjectProperty]
  /// Whether lengths are in millimetres; otherwise in voxels.
  public var usesSpacing = true

  /// Everything unless told otherwise.
  public init(_ properties: [ObjectProperty] = ObjectProperty.allCases) { self.properties = properties }

  /// What the objects are measured by: one row an object.
  public struct Table: Sendable, Equatable {
    /// The label of each row, ascending.
    public let labels: [UInt32]
    /// The columns.
    public let columns: [FeatureColumn]
    /// Values of a column after the other.
    public let values: [Double]

    /// The value of a row and a column.
    public subscript(row: Int, column: Int) -> Double { values[column * labels.count + row] }

    /// The values of a column; nil when there is none of that name.
    public func column(_ key: String) -> [Double]? {
      columns.firstIndex { $0.key == key }.map { Array(values[$0 * labels.count..<($0 + 1) * labels.count]) }
    }
  }

  /// Measures every object.
  ///
  /// - Throws: `invalidParameter` when image and labels lie on different grids.
  public func callAsFunction(_ map: LabelMap, image: AnyVolume? = nil) throws(ImageError) -> Table {
    if let image { try map.voxels.geometry.requireSame(as: image.geometry, "the image") }
    let geometry = map.voxels.geometry, dimensions = geometry.size.slices == 1 ? 2 : 3
    let wanted = properties.withoutRepeats.filter {
      (image != nil || !$0.needsIntensity) && (dimensions == 2 || !$0.isPlanar)
    }
    let columns = wanted.flatMap { $0.columns(dimensions) }
    let runs = LabelRuns(map.voxels), n = runs.labels.count
    let s = usesSpacing ? geometry.spacing : SIMD3(1, 1, 1)
    let plan = Plan(
      wanted: wanted, runs: runs, size: geometry.size, dimensions: dimensions,
      spacing: dimensions == 2 ? SIMD3(s.x, s.y, 1) : s)
    var values = [Double](repeating: .nan, count: columns.count * n)
    values.withUnsafeMutableBufferPointer { out in
      guard let out = out.baseAddress else { return }
      guard let image, wanted.contains(where: \.needsIntensity) else {
        nonisolated(unsafe) let out = out
        parallelFor(n, grain: 16) { range in
          var work = ObjectMeasurement(plan)
          for k in range { work.measure(k, nil as Intensities<UInt8>?, into: out + k, stride: n) }
        }
        return
      }
      image.specialised(MeasureWithImage(plan: plan, count: n, out: out))
    }
    return Table(labels: runs.labels, columns: columns, values: values)
  }

  /// What all objects share.
  struct Plan: Sendable {
    let wanted: [ObjectProperty]
    let runs: LabelRuns
    let size: Size
    let dimensions: Int
    /// Columns, rows, slices.
    let spacing: SIMD3<Double>

    func needs(_ these: ObjectProperty...) -> Bool { wanted.contains { these.contains($0) } }
  }
}

/// Voxels of an image.
struct Intensities<Element: Voxel> {
  let voxels: UnsafePointer<Element>
}

private struct MeasureWithImage: AnyVolume.Visitor {
  typealias Failure = Never
  let plan: RegionProperties.Plan
  let count: Int
  let out: UnsafeMutablePointer<Double>

  func visit<Element: Voxel>(_ image: Volume<Element>) throws(Never) {
    let (plan, count) = (plan, count)
    image.withVoxels { voxels in
      nonisolated(unsafe) let (from, out) = (voxels.baseAddress!, out)
      parallelFor(count, grain: 16) { range in
        var work = ObjectMeasurement(plan)
        for k in range { work.measure(k, Intensities(voxels: from), into: out + k, stride: count) }
      }
    }
  }
}
