// SPDX-License-Identifier: Apache-2.0
import LumenCore

/// A function of one intensity. A type rather than a closure: it is compiled into the loop over the voxels, where a
/// closure would be called for each.
protocol PointFunction: Sendable, SendableMetatype {
  associatedtype Output: Voxel
  func callAsFunction(_ v: Double) -> Output
}

/// A function of one voxel of a known type.
protocol VoxelFunction: Sendable, SendableMetatype {
  associatedtype Input: Voxel
  associatedtype Output: Voxel
  func callAsFunction(_ v: Input) -> Output
}

extension Volume {
  /// Every voxel mapped; parallel.
  func applying<F: VoxelFunction>(_ f: F) -> Volume<F.Output> where F.Input == Element {
    Volume<F.Output>(geometry) { out in
      withVoxels { voxels in
        nonisolated(unsafe) let (source, target) = (voxels.baseAddress!, out.baseAddress!)
        parallelFor(voxels.count, grain: 1 << 16) { range in
          for i in range { target[i] = f(source[i]) }
        }
      }
    }
  }
}

extension AnyVolume {
  /// Every voxel mapped in double precision. 8- and 16-bit images look the result up in a table, so that a logarithm
  /// costs no more than a copy.
  func mapped<F: PointFunction>(_ f: F) -> Volume<F.Output> {
    switch self {
    case .u8(let v): v.lookedUp(f)
    case .i8(let v): v.lookedUp(f)
    case .u16(let v): v.lookedUp(f)
    case .i16(let v): v.lookedUp(f)
    case .u32(let v): v.applying(InDoublePrecision(f: f))
    case .i32(let v): v.applying(InDoublePrecision(f: f))
    case .f32(let v): v.applying(InDoublePrecision(f: f))
    case .f64(let v): v.applying(InDoublePrecision(f: f))
    }
  }

  /// Largest magnitude of the finite voxels; 0 when there are none.
  var largestMagnitude: Double {
    let range = valueRange
    return range.count == 0 ? 0 : max(range.maximum.magnitude, range.minimum.magnitude)
  }
}

/// A function of an intensity as one of a voxel.
private struct InDoublePrecision<Input: Voxel, F: PointFunction>: VoxelFunction {
  let f: F
  func callAsFunction(_ v: Input) -> F.Output { f(v.doubleValue) }
}

/// An entry of a table for each value of a type of at most 16 bits, by its bits as unsigned.
struct LookUp<Input: Voxel & FixedWidthInteger, Output: Voxel>: VoxelFunction, @unchecked Sendable {
  let table: UnsafePointer<Output>
  func callAsFunction(_ v: Input) -> Output {
    table[Int(truncatingIfNeeded: v) & ((1 &<< Input.bitWidth) &- 1)]
  }
}

extension Volume where Element: FixedWidthInteger {
  /// Every voxel mapped through a table of all values of its type, 16 bits at most.
  func lookedUp<F: PointFunction>(_ f: F) -> Volume<F.Output> {
    let values = 1 << Element.bitWidth
    if count < values { return applying(InDoublePrecision(f: f)) }
    let table = [F.Output](unsafeUninitializedCapacity: values) { table, filled in
      nonisolated(unsafe) let table = table.baseAddress!
      parallelFor(values, grain: 1 << 12) { range in
        for bits in range { (table + bits).initialize(to: f(Double(Element(truncatingIfNeeded: bits)))) }
      }
      filled = values
    }
    return table.withUnsafeBufferPointer { applying(LookUp(table: $0.baseAddress!)) }
  }
}

/// lower + (v − origin) · scale; NaN and infinity stay.
struct Linear: PointFunction {
  var origin: Double, scale: Double, lower = 0.0
  func callAsFunction(_ v: Double) -> Float {
    Float(v.magnitude <= .greatestFiniteMagnitude ? lower + (v - origin) * scale : v)
  }
}

/// Throws unless a parameter is a finite number.
func requireFinite(_ value: Double, _ name: String) throws(ImageError) {
  guard value.isFinite else {
    throw ImageError(.invalidParameter, "\(name) is \(shortest(value)), expected a finite number")
  }
}

/// Throws unless lower < upper, both finite.
func requireOrder(_ lower: Double, _ upper: Double) throws(ImageError) {
  try requireFinite(lower, "lower")
  try requireFinite(upper, "upper")
  guard lower < upper, (upper - lower).isFinite else {
    throw ImageError(
      .invalidParameter, "lower is \(shortest(lower)) and upper is \(shortest(upper)), expected lower < upper")
  }
}

/// What catalogue parameters that are intensities may be.
let anyIntensity = -1e30...1e30
