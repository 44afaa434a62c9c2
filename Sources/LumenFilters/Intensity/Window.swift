// SPDX-License-Identifier: Apache-2.0
import CSIMD
public import LumenCore

/// Intensities of a window stretched over the range of a type: what a viewer shows.
///
///     out = (v − lower) / (upper − lower) · top,  clamped to 0 … top, rounded half to even;  top: 255, 65535 or 1
///
/// - Shape: any columns × rows × slices → same geometry, stored as ``type``.
/// - Range: NaN gives 0.
/// - Accuracy: exact: the double-precision formula, rounded once.
/// - Cost: one pass; a table of 65536 values for 16-bit images that are not windowed to bytes.
/// - Throws: `invalidParameter` for bounds that are not finite or not in order, or another type.
/// - Source: DICOM PS3.3 C.11.2.1.3.2, LINEAR_EXACT.
public struct Window: Filter {
  /// What a windowed image may be stored as.
  public enum Target: String, Sendable, CaseIterable {
    case uint8, uint16, float32
  }

  /// What becomes 0.
  public var lower = -160.0
  /// What becomes the largest value.
  public var upper = 240.0
  /// Stored type of the result.
  public var type = Target.uint8

  /// The middle of the window; setting it keeps the width.
  public var centre: Double {
    get { 0.5 * (lower + upper) }
    set { (lower, upper) = (newValue - 0.5 * width, newValue + 0.5 * width) }
  }
  /// upper − lower; setting it keeps the centre.
  public var width: Double {
    get { upper - lower }
    set { (lower, upper) = (centre - 0.5 * newValue, centre + 0.5 * newValue) }
  }

  /// −160 … 240, a window for the abdomen in CT.
  public init() {}
  /// A window by its ends.
  public init(lower: Double, upper: Double, type: Target = .uint8) {
    self.lower = lower
    self.upper = upper
    self.type = type
  }
  /// A window by its middle and its width.
  public init(centre: Double, width: Double, type: Target = .uint8) {
    self.init(lower: centre - 0.5 * width, upper: centre + 0.5 * width, type: type)
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "window", summary: "intensities of a window stretched over the range of a type",
    source: "DICOM PS3.3 C.11.2.1.3.2 (LINEAR_EXACT)",
    parameters: [
      Parameter(\.lower, "lower", anyIntensity, "intensity that becomes 0"),
      Parameter(\.upper, "upper", anyIntensity, "intensity that becomes the largest value"),
      Parameter(\.centre, "centre", anyIntensity, "middle of the window, instead of its ends"),
      Parameter(\.width, "width", 1e-30...1e30, "width of the window, instead of its ends"),
      Parameter(\.type, "type", "stored type of the result"),
    ])

  /// No slice depends on another.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? { 0 }

  /// The windowed image.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    try requireOrder(lower, upper)
    switch type {
    case .uint8:
      if case .i16(let volume) = image {
        var result = Volume<UInt8>(volume.geometry) { _ in }
        try self(volume, into: &result)
        return .u8(result)
      }
      return .u8(image.mapped(Whole<UInt8>(lower: lower, upper: upper, top: 255)))
    case .uint16: return .u16(image.mapped(Whole<UInt16>(lower: lower, upper: upper, top: 65535)))
    case .float32: return .f32(image.mapped(Share(lower: lower, inverse: 1 / (upper - lower))))
    }
  }

  /// The windowed image in bytes, written over another volume of the same size, whose memory is reused when it is not
  /// shared.
  ///
  /// - Throws: `invalidParameter` unless ``type`` is bytes.
  public func callAsFunction(_ volume: Volume<Int16>, into result: inout Volume<UInt8>) throws(ImageError) {
    try requireOrder(lower, upper)
    guard type == .uint8 else {
      throw ImageError(.invalidParameter, "type is \(type.rawValue), expected uint8 for a volume of bytes")
    }
    try requireSize(of: result.geometry, volume.geometry)
    guard let scale = quickScale() else {
      result = volume.lookedUp(Whole<UInt8>(lower: lower, upper: upper, top: 255))
      return
    }
    result = result.with(volume.geometry)
    let lower = Float(lower)
    result.withMutableVoxels { out in
      volume.withVoxels { voxels in
        nonisolated(unsafe) let (source, target) = (voxels.baseAddress!, out.baseAddress!)
        parallelFor(voxels.count, grain: 1 << 17) { range in
          bytes(source + range.lowerBound, target + range.lowerBound, range.count, lower, scale)
        }
      }
    }
  }

  /// 0 … 1; NaN gives 0.
  private struct Share: PointFunction {
    let lower: Double, inverse: Double
    func callAsFunction(_ v: Double) -> Float {
      let s = (v - lower) * inverse
      return Float(s > 0 ? (s < 1 ? s : 1) : 0)
    }
  }

  /// 0 … top, rounded half to even. The product comes first: halves are met exactly.
  private struct Whole<Output: Voxel & FixedWidthInteger>: PointFunction {
    let lower: Double, upper: Double, top: Double
    func callAsFunction(_ v: Double) -> Output {
      let s = (v - lower) * top / (upper - lower)
      return Output(truncatingIfNeeded: v_i64((s > 0 ? (s < top ? s : top) : 0).rounded(.toNearestOrEven)))
    }
  }

  /// A single-precision factor with which the quick kernel gives the exact result for every 16-bit value, if there is
  /// one; tried on all values that the window does not clamp.
  private func quickScale() -> Float? {
    let factor = Float(255 / (upper - lower)), low = Float(lower)
    let first = Int(max(lower.rounded(.down) - 1, -32768)), last = Int(min(upper.rounded(.up) + 1, 32767))
    guard factor.isNormal, first <= last else { return nil }
    let exact = Whole<UInt8>(lower: lower, upper: upper, top: 255)
    return [factor, factor.nextUp, factor.nextDown].first { scale in
      (first...last).allSatisfy { v in
        let quick = min(max((Float(v) - low) * scale, 0), 255).rounded(.toNearestOrEven)
        return v_i32(quick) == Int32(exact(Double(v)))
      }
    }
  }

  /// clamp((v − lower)·scale) of sixteen voxels at a time. Adding 1.5·2²³ rounds half to even into the lowest bits.
  private func bytes(
    _ source: UnsafePointer<Int16>, _ target: UnsafeMutablePointer<UInt8>, _ count: Int, _ lower: Float, _ scale: Float
  ) {
    let zero = SIMD16<Float>(repeating: 0), top = SIMD16<Float>(repeating: 255)
    let low = SIMD16<Float>(repeating: lower), magic = SIMD16<Float>(repeating: 0x1.8p23)
    @inline(__always) func shown(_ v: SIMD16<Int16>) -> SIMD16<UInt8> {
      let clamped = v_clamp_f32((v_real_i16(v) - low) * scale, zero, top)
      return v_low_u8(unsafeBitCast(clamped + magic, to: SIMD16<Int32>.self))
    }
    var i = 0
    while i &+ 16 <= count {
      let v = UnsafeRawPointer(source + i).loadUnaligned(as: SIMD16<Int16>.self)
      UnsafeMutableRawPointer(target + i).storeBytes(of: shown(v), as: SIMD16<UInt8>.self)
      i &+= 16
    }
    while i < count {
      target[i] = shown(SIMD16(repeating: source[i]))[0]
      i &+= 1
    }
  }
}

extension AnyVolume {
  /// A window of intensities stretched over 0 … 255.
  public func window(lower: Double, upper: Double) throws(ImageError) -> AnyVolume {
    try Window(lower: lower, upper: upper)(self)
  }
}
