// SPDX-License-Identifier: Apache-2.0
import LumenCore

// NaN and infinity in an image. Filters of a neighbourhood let them spread to the voxels that depend on them, filters
// of statistics leave them out; what spreads one voxel through the whole image (Fourier transforms, spline
// coefficients, recursions, iterations) refuses the image, and the error says how many there are.

/// Throws when an image has NaN or infinity that a filter would spread through all of it.
func requireFinite(_ image: AnyVolume, _ filter: String) throws(ImageError) {
  switch image {
  case .f32(let v): try requireFinite(v, filter)
  case .f64(let v): try requireFinite(v, filter)
  case .u8, .i8, .u16, .i16, .u32, .i32: break
  }
}

/// The same for a volume.
func requireFinite<T: Voxel & BinaryFloatingPoint>(_ volume: Volume<T>, _ filter: String) throws(ImageError) {
  let bad = volume.withVoxels { voxels in
    guard let base = voxels.baseAddress else { return 0 }
    nonisolated(unsafe) let p = base
    return parallelReduce(voxels.count, block: 1 << 16, 0) { range in
      var n = Int32(0)
      for i in range { n &+= p[i].magnitude <= T.greatestFiniteMagnitude ? 0 : 1 }
      return Int(n)
    } combine: {
      $0 += $1
    }
  }
  guard bad == 0 else {
    throw ImageError(
      .invalidParameter,
      "\(bad) of \(volume.count) voxels \(bad == 1 ? "is" : "are") NaN or infinite; \(filter) would spread them through the image",
      hint: "replace them first: replace-non-finite")
  }
}

/// Throws unless a stored type holds a value that a filter writes: exactly in integers, rounded in floating point.
func requireHeld(_ value: Double, by kind: VoxelKind, _ name: String) throws(ImageError) {
  let ends = kind.ends
  let isReal = kind == .float32 || kind == .float64
  guard ends.contains(value), isReal || value == value.rounded() else {
    let whole = isReal ? "" : "a whole number of "
    throw ImageError(
      .invalidParameter,
      "\(name) is \(shortest(value)), expected \(whole)\(shortest(ends.lowerBound)) … \(shortest(ends.upperBound)), as the image is stored as \(kind.rawValue)",
      hint: "convert the image first: convert-type")
  }
}

extension VoxelKind {
  /// The smallest and the largest finite value.
  var ends: ClosedRange<Double> {
    switch self {
    case .uint8: 0...255
    case .int8: -128...127
    case .uint16: 0...65535
    case .int16: -32768...32767
    case .uint32: 0...4_294_967_295
    case .int32: -2_147_483_648...2_147_483_647
    case .float32: Double(-Float.greatestFiniteMagnitude)...Double(Float.greatestFiniteMagnitude)
    case .float64: -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    }
  }

  /// The type that holds differences of two values from 0 up.
  var ofDifferences: VoxelKind {
    switch self {
    case .int8: .uint8
    case .int16: .uint16
    case .int32: .uint32
    default: self
    }
  }
}
