// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// A box of voxels, first and last included.
struct PyRadiomicsBox: Sendable, Equatable {
  var low: SIMD3<Int>, high: SIMD3<Int>
  var size: SIMD3<Int> { high &- low &+ 1 }
}

extension Volume where Element == UInt32 {
  /// The smallest box that holds a label, and its number of voxels; nil when it has none.
  func box(of label: UInt32) -> (box: PyRadiomicsBox, count: Int)? {
    let s = size
    let none = (low: SIMD3(repeating: Int.max), high: SIMD3(repeating: -1), count: 0)
    let found = withVoxels { v in
      nonisolated(unsafe) let p = v.baseAddress!
      return parallelReduce(s.slices, block: 1 + (1 << 17) / s.plane, none) { slices in
        var (low, high, count) = none
        for z in slices {
          for y in 0..<s.rows {
            let row = p + s.offset(0, y, z)
            prefetch(UnsafeRawPointer(row) + prefetchDistance, bytes: 4 &* s.columns)
            let inRow = occurrences(of: label, row, s.columns)
            if inRow == 0 { continue }
            var first = 0, last = s.columns &- 1
            while row[first] != label { first &+= 1 }
            while row[last] != label { last &-= 1 }
            low = SIMD3(Swift.min(low.x, first), Swift.min(low.y, y), Swift.min(low.z, z))
            high = SIMD3(Swift.max(high.x, last), Swift.max(high.y, y), Swift.max(high.z, z))
            count &+= Int(inRow)
          }
        }
        return (low, high, count)
      } combine: { all, part in
        for k in 0..<3 {
          (all.low[k], all.high[k]) = (Swift.min(all.low[k], part.low[k]), Swift.max(all.high[k], part.high[k]))
        }
        all.count += part.count
      }
    }
    return found.count == 0 ? nil : (PyRadiomicsBox(low: found.low, high: found.high), found.count)
  }
}

/// How often a row holds a label. A range's check of its end would keep the loop from vectors.
private func occurrences(of label: UInt32, _ row: UnsafePointer<UInt32>, _ n: Int) -> UInt32 {
  var found: UInt32 = 0, x = 0
  while x < n {
    found &+= row[x] == label ? 1 : 0
    x &+= 1
  }
  return found
}

extension PyRadiomicsSettings {
  /// The label as stored.
  var storedLabel: UInt32 { UInt32(clamping: label) }

  /// The checks of a mask before measuring, in PyRadiomics' order.
  ///
  /// - Parameter known: the box and number of voxels of the mask as it is, where they are known already.
  /// - Returns: the region's box, and the mask moved to the image's grid where that was asked for and needed.
  /// - Throws: `invalidParameter` for another grid, a missing label, too few dimensions or voxels.
  /// - Source: PyRadiomics 3.0.1, `checkMask`; without `geometryTolerance` it stops at differences of 10⁻⁶ voxels, which
  ///   the single precision of NIfTI headers makes.
  func check(
    _ mask: Volume<UInt32>, on image: Geometry, _ known: (box: PyRadiomicsBox, count: Int)? = nil
  ) throws(ImageError) -> (box: PyRadiomicsBox, corrected: Volume<UInt32>?) {
    var corrected: Volume<UInt32>?
    // Grids that agree but for the precision of their files are the same unless a tolerance is set.
    if let difference = mismatch(mask.geometry, image),
      self["geometryTolerance"] != nil || mask.geometry.difference(from: image) != nil
    {
      guard correctsMask else {
        throw ImageError(
          .invalidParameter, "image and mask lie on different grids: \(difference)",
          hint: "set correctMask to move the mask, or geometryTolerance to allow more")
      }
      _ = try checkInside(mask, image)
      corrected = PyRadiomicsResampling(.nearest)(mask, on: image)
    }
    let found = if let corrected { corrected.box(of: storedLabel) } else { known ?? mask.box(of: storedLabel) }
    guard let (box, count) = found else {
      throw ImageError(.notFound, "the label \(label) is not in the mask")
    }
    let dimensions = (0..<3).filter { box.size[$0] > 1 }.count
    if dimensions == 0 {
      throw ImageError(.invalidParameter, "the region is a single voxel, which has no features")
    }
    guard dimensions >= minimumDimensions else {
      throw ImageError(
        .invalidParameter, "the region has \(dimensions) dimensions, minimumROIDimensions is \(minimumDimensions)")
    }
    if let minimumSize, count <= minimumSize {
      throw ImageError(
        .invalidParameter, "the region has \(count) voxels, more than minimumROISize \(minimumSize) are needed")
    }
    return (box, corrected)
  }

  /// What differs between two grids by ITK's tolerances: 10⁻⁶ of the first spacing, 10⁻⁶ of direction cosines.
  private func mismatch(_ mask: Geometry, _ image: Geometry) -> String? {
    if mask.size != image.size { return "the mask has \(mask.size) voxels, the image \(image.size)" }
    let limit = abs(tolerance * image.spacing.x)
    for axis in 0..<3 {
      if !(abs(mask.origin[axis] - image.origin[axis]) <= limit) {
        return
          "their origins are \(abs(mask.origin[axis] - image.origin[axis])) mm apart along \(["x", "y", "z"][axis])"
      }
      if !(abs(mask.spacing[axis] - image.spacing[axis]) <= limit) {
        return "their spacings differ by \(abs(mask.spacing[axis] - image.spacing[axis])) mm along axis \(axis)"
      }
      let d = mask.direction[axis] - image.direction[axis]
      if !(abs(d.x) <= tolerance && abs(d.y) <= tolerance && abs(d.z) <= tolerance) {
        return "their directions differ along axis \(axis)"
      }
    }
    return nil
  }

  /// The region's box when it lies within the image.
  ///
  /// - Source: PyRadiomics 3.0.1, `_checkROI`.
  func checkInside(_ mask: Volume<UInt32>, _ image: Geometry) throws(ImageError) -> PyRadiomicsBox {
    guard let (box, _) = mask.box(of: storedLabel) else {
      throw ImageError(.notFound, "the label \(label) is not in the mask")
    }
    func real(_ v: SIMD3<Int>) -> SIMD3<Double> { SIMD3(Double(v.x), Double(v.y), Double(v.z)) }
    let a = image.itkIndex(of: mask.geometry.itkPosition(of: real(box.low) - 0.5))
    let b = image.itkIndex(of: mask.geometry.itkPosition(of: real(box.high) + 0.5))
    for axis in 0..<3 {
      guard min(a[axis], b[axis]) >= -0.501, max(a[axis], b[axis]) <= Double(image.size[axis]) - 0.5 + 1e-3 else {
        throw ImageError(
          .invalidParameter,
          "the region spans voxels \(min(a[axis], b[axis])) … \(max(a[axis], b[axis])) of the image's axis \(axis), "
            + "which has \(image.size[axis])", hint: "is it the mask of another image?")
      }
    }
    return box
  }

  /// The label's voxels whose intensity lies within the range.
  ///
  /// - Throws: `invalidParameter` when fewer than two remain.
  /// - Source: PyRadiomics 3.0.1, `resegmentMask`; statistics and limits of a 32-bit image in its own precision.
  func resegmented(
    _ mask: Volume<UInt32>, _ image: AnyVolume, _ range: [Double]
  ) throws(ImageError) -> Volume<UInt32> {
    guard 1...2 ~= range.count else {
      throw ImageError(.invalidParameter, "resegmentRange has \(range.count) numbers, expected one or two")
    }
    let values = image.values(), label = storedLabel, isSingle = image.kind == .float32
    let inside = mask.withVoxels { m in values.indices.filter { m[$0] == label } }
    func stored(_ x: Double) -> Double { isSingle ? Double(Float(x)) : x }
    var limits = range.sorted()
    switch resegmentMode {
    case "relative":
      let most = inside.reduce(-Double.infinity) { max($0, values[$1]) }
      limits = limits.map { stored(most * stored($0)) }
    case "sigma":
      let n = Double(inside.count)
      let exact = inside.reduce(0) { $0 + values[$1] } / n
      let mean = stored(exact)
      let deviation = stored((inside.reduce(0) { $0 + (values[$1] - exact) * (values[$1] - exact) } / n).squareRoot())
      limits = limits.map { stored(mean + stored(deviation * stored($0))) }
    default: limits = limits.map(stored)
    }
    let upper = limits.count == 2 ? limits[1] : .infinity
    let kept = inside.filter { values[$0] >= limits[0] && values[$0] <= upper }
    guard kept.count > 1 else {
      throw ImageError(
        .invalidParameter, "resegmentation leaves \(kept.count) of \(inside.count) voxels", hint: "widen resegmentRange"
      )
    }
    return Volume<UInt32>(mask.geometry) { out in
      out.update(repeating: 0)
      for i in kept { out[i] = label }
    }
  }
}

extension AnyVolume {
  /// All voxels as double precision.
  func values() -> [Double] {
    specialised(Values())
  }

  private struct Values: AnyVolume.Visitor {
    func visit<Element: Voxel>(_ volume: Volume<Element>) throws(Never) -> [Double] {
      volume.withVoxels { v in v.map(\.doubleValue) }
    }
  }

  /// A box of it with its origin moved along.
  func cropped(_ box: PyRadiomicsBox) -> AnyVolume { specialised(Crop(box: box)) }

  private struct Crop: AnyVolume.Visitor {
    let box: PyRadiomicsBox
    func visit<Element: Voxel>(_ volume: Volume<Element>) throws(Never) -> AnyVolume {
      Element.erase(volume.cropped(to: box))
    }
  }
}

extension Volume {
  func cropped(to b: PyRadiomicsBox) -> Volume {
    cropped(
      columns: b.low.x..<b.high.x + 1, rows: b.low.y..<b.high.y + 1, slices: b.low.z..<b.high.z + 1)
  }
}

extension PyRadiomicsBox {
  /// Wider by some voxels on every side, within a grid.
  func padded(_ n: Int, in size: Size) -> PyRadiomicsBox {
    let whole = SIMD3(size.columns, size.rows, size.slices)
    return PyRadiomicsBox(
      low: pointwiseMax(low &- n, SIMD3(repeating: 0)),
      high: pointwiseMin(high &+ n, whole &- 1))
  }
}
