// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// Any number of separable convolutions of one image in one go over its memory, and what is made of their results.
///
///     channel(x, y, z) = Σ terms (kx ⊗ ky ⊗ kz) ∗ image
///
/// Equal passes of different terms are made once: the Laplacian of Gaussian needs two passes along x, two along y (one
/// of them a sum) and two along z; all nine second derivatives three, six and six. No volume but the result is written.
///
/// The image is worked on in tiles, through all slices: as soon as a row of a tile is filtered along x, the rows that
/// it completes are filtered along y into a store of the last slices, and as soon as a slice is there, the output
/// slices that it completes are summed along z. The rows being summed stay in the first-level cache, the slices in the
/// second-level cache.
///
/// - Range: NaN and infinity spread to every voxel whose kernel touches them.
/// - Accuracy: the same bits for any number of threads.
/// - Cost: O(voxels · Σ distinct passes · radius); scratch of 2·radius + 2 … 10 slices of a tile for every distinct
///   (kx, ky) and thread, never more than the image times their number.
struct SeparableConvolution: Sendable {
  /// An outer product of three kernels.
  struct Term: Sendable, Hashable {
    var x: Kernel, y: Kernel, z: Kernel
    init(_ x: Kernel, _ y: Kernel, _ z: Kernel = .identity) {
      self.x = x
      self.y = y
      self.z = z
    }
  }

  /// What is made of a stretch of a row: the channels' values there, the index of its first voxel in the volume, and
  /// the number of voxels. Rows have room for whole vectors of 16 and may be overwritten.
  typealias Finish = @Sendable (_ channels: [UnsafeMutablePointer<Float>], _ offset: Int, _ count: Int) -> Void

  /// A kernel, flipped, and which of the results of the axis before it is applied to.
  typealias Pass = (input: Int, kernel: Kernel)

  /// The kernels along x, flipped.
  let alongX: [Kernel]
  /// Sums of passes along y, of rows filtered along x.
  let planes: [[Pass]]
  /// Sums of passes along z, of planes.
  let channels: [[Pass]]
  let boundary: BoundaryCondition
  /// The largest of each axis.
  let radius: (x: Int, y: Int, z: Int)

  /// - Parameters:
  ///   - channels: each a sum of terms; none of them empty.
  init(channels terms: [[Term]], boundary: BoundaryCondition) {
    self.boundary = boundary
    var alongX: [Kernel] = [], planes: [[Pass]] = [], channels: [[Pass]] = []
    for terms in terms {
      // Terms with the same kernel along z are summed before it is applied.
      var alongZ: [Kernel] = []
      for term in terms where !alongZ.contains(term.z) { alongZ.append(term.z) }
      channels.append(
        alongZ.map { z in
          let plane = terms.filter { $0.z == z }.map { term in
            (input: alongX.place(of: term.x.flipped), kernel: term.y.flipped)
          }
          let known = planes.firstIndex { other in
            other.count == plane.count
              && zip(other, plane).allSatisfy { $0.input == $1.input && $0.kernel == $1.kernel }
          }
          if known == nil { planes.append(plane) }
          return (input: known ?? planes.count - 1, kernel: z.flipped)
        })
    }
    self.alongX = alongX
    self.planes = planes
    self.channels = channels
    radius = (
      alongX.map(\.radius).max() ?? 0, planes.joined().map(\.kernel.radius).max() ?? 0,
      channels.joined().map(\.kernel.radius).max() ?? 0
    )
  }

  /// One separable convolution.
  init(_ x: Kernel, _ y: Kernel, _ z: Kernel = .identity, boundary: BoundaryCondition) {
    self.init(channels: [[Term(x, y, z)]], boundary: boundary)
  }

  /// Slices on each side that a result depends on; nil when the boundary reaches round the image.
  var reach: Int? { boundary == .periodic && radius.z > 0 ? nil : radius.z }

  /// The first channel as a volume.
  func callAsFunction(_ image: Volume<Float>) -> Volume<Float> {
    Volume(image.geometry) { out in image.withVoxels { run(image.size, $0, to: out.baseAddress, nil) } }
  }

  /// A volume of what `finish` leaves in the first channel's row.
  func callAsFunction(_ image: Volume<Float>, _ finish: @escaping Finish) -> Volume<Float> {
    Volume(image.geometry) { out in image.withVoxels { run(image.size, $0, to: out.baseAddress, finish) } }
  }

  /// The same written over a volume of the same size that shares no memory with the image.
  func callAsFunction(
    _ image: Volume<Float>, into result: inout Volume<Float>, _ finish: Finish? = nil
  ) throws(ImageError) {
    try requireSize(of: result.geometry, image.geometry)
    result = result.with(image.geometry)
    result.withMutableVoxels { out in image.withVoxels { run(image.size, $0, to: out.baseAddress, finish) } }
  }

  /// Calls `finish` with every stretch of every row, from several threads; it may write what belongs to its voxels.
  func forEachRow(_ image: Volume<Float>, _ finish: @escaping Finish) {
    image.withVoxels { run(image.size, $0, to: nil, finish) }
  }
}

extension Array where Element: Equatable {
  /// The index of an element, which is appended when it is new.
  fileprivate mutating func place(of element: Element) -> Int {
    if let i = firstIndex(of: element) { return i }
    append(element)
    return count - 1
  }
}
