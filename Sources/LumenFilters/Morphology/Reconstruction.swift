// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Morphological reconstruction: a marker grows under a mask until nothing changes. With one image, what stands out by
/// less than `h` from its surroundings is levelled, whatever its width (the h-maxima, by erosion the h-minima).
///
///     by dilation:  ρ = limit of  mⱼ₊₁ = min(dilation(mⱼ), f),  m₀ = min(f − h, f)
///     by erosion:   ρ = limit of  mⱼ₊₁ = max(erosion(mⱼ), f),   m₀ = max(f + h, f)
///     dome:         f − ρ,  by erosion ρ − f
///
/// - Shape: any columns × rows × slices → same geometry and the same stored type; a dome of signed integers is
///   unsigned of the same size. One slice is a 2-D image.
/// - Units: h in those of the image; of integers a whole number, at most the span of the type.
/// - Range: where f ∓ h leaves an integer type a wider one is used, so that domes are right; a levelled image
///   saturates. NaN stays NaN, does not grow and is not grown through.
/// - Accuracy: exact; the same bits for any number of threads.
/// - Cost: two sweeps and a queue, O(voxels · neighbours); two volumes of scratch. A volume is one thread's work.
/// - Throws: `invalidParameter` for an `h` that is not positive and finite, or of integers out of its range; for a
///   marker of another type or grid.
/// - Source: Vincent, IEEE Trans. Image Processing 1993;2:176-201; oracle scikit-image `reconstruction`.
public struct Reconstruction: Filter {
  /// Whether the marker grows brighter or darker.
  public enum Growth: String, Sendable, CaseIterable {
    /// It grows brighter, under the mask.
    case dilation
    /// It grows darker, above the mask.
    case erosion
  }

  /// Which voxels touch.
  public enum Neighbours: String, Sendable, CaseIterable {
    /// Those that share a face: 6, in a slice 4.
    case faces
    /// Those that share a corner: 26, in a slice 8.
    case corners
  }

  /// How far what is kept stands out.
  public var h = 1.0
  /// Whether maxima are levelled or minima filled.
  public var by = Growth.dilation
  /// Give what was levelled instead of the levelled image.
  public var dome = false
  /// Which voxels touch.
  public var neighbours = Neighbours.corners
  /// Reconstruct each slice for itself.
  public var planar = false

  /// Height 1 by dilation.
  public init() {}
  /// A reconstruction that levels what stands out by less than `h`.
  public init(
    h: Double = 1, by: Growth = .dilation, dome: Bool = false, neighbours: Neighbours = .corners, planar: Bool = false
  ) {
    (self.h, self.by, self.dome, self.neighbours, self.planar) = (h, by, dome, neighbours, planar)
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "reconstruction", summary: "level what stands out by less than a height, whatever its width",
    source: "Vincent 1993",
    parameters: [
      Parameter(\.h, "h", 1e-9...1e12, "height, in units of the image"),
      Parameter(\.by, "by", "dilation levels maxima, erosion fills minima"),
      Parameter(\.dome, "dome", "give what was levelled instead"),
      Parameter(\.neighbours, "neighbours", "which voxels touch"),
      Parameter(\.planar, "planar", "reconstruct each slice for itself"),
    ])

  /// The image without what stands out by less than `h`, or that alone (`dome`).
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    guard h > 0, h.isFinite else {
      throw ImageError(
        .invalidParameter, "h is \(shortest(h)), expected more than 0",
        hint: "the catalogue's range is \(Self.catalogue.parameters[0].range)")
    }
    return switch image {
    case .u8(let v): try levelled(v, Int16.self)
    case .i8(let v): try levelled(v, Int16.self)
    case .u16(let v): try levelled(v, Int32.self)
    case .i16(let v): try levelled(v, Int32.self)
    case .u32(let v): try levelled(v, Double.self)
    case .i32(let v): try levelled(v, Double.self)
    case .f32(let v): levelled(v)
    case .f64(let v): levelled(v)
    }
  }

  private func levelled<T: GreyVoxel>(_ v: Volume<T>) -> AnyVolume {
    let shift = by == .dilation ? -h : h, image = T.erase(v)
    let result = T.erase(grown(v.map { T.rounding($0.doubleValue + shift) }, v))
    if !dome { return result }
    return by == .dilation ? excess(of: image, over: result) : excess(of: result, over: image)
  }

  /// In `Wide` where the marker leaves the stored type.
  private func levelled<T: GreyVoxel & FixedWidthInteger, Wide: GreyVoxel>(
    _ v: Volume<T>, _ type: Wide.Type
  ) throws(ImageError) -> AnyVolume {
    let span = Double(T.max) - Double(T.min)
    guard h == h.rounded(), h <= span else {
      throw ImageError(
        .invalidParameter,
        "h is \(shortest(h)), expected a whole number of 1 … \(shortest(span)), as the image is stored as \(T.kind.rawValue)",
        hint: "convert the image first: convert-type")
    }
    let range = T.erase(v).valueRange
    let isHeld = by == .dilation ? range.minimum - h >= Double(T.min) : range.maximum + h <= Double(T.max)
    if isHeld { return levelled(v) }
    return levelled(v.map { Wide.rounding($0.doubleValue) }).converted(to: dome ? T.kind.ofDifferences : T.kind)
  }

  /// The marker grown under (by erosion above) a mask of the same type and grid; `h` and `dome` do not matter.
  ///
  /// Where the marker exceeds the mask it is cut down to it.
  public func callAsFunction(marker: AnyVolume, mask: AnyVolume) throws(ImageError) -> AnyVolume {
    try mask.geometry.requireSame(as: marker.geometry, "the marker")
    switch (marker, mask) {
    case (.u8(let m), .u8(let v)): return .u8(grown(m, v))
    case (.i8(let m), .i8(let v)): return .i8(grown(m, v))
    case (.u16(let m), .u16(let v)): return .u16(grown(m, v))
    case (.i16(let m), .i16(let v)): return .i16(grown(m, v))
    case (.u32(let m), .u32(let v)): return .u32(grown(m, v))
    case (.i32(let m), .i32(let v)): return .i32(grown(m, v))
    case (.f32(let m), .f32(let v)): return .f32(grown(m, v))
    case (.f64(let m), .f64(let v)): return .f64(grown(m, v))
    default:
      throw ImageError(
        .invalidParameter, "the marker is stored as \(marker.kind.rawValue), the mask as \(mask.kind.rawValue)",
        hint: "convert one of them")
    }
  }

  /// None where slices are independent, else the whole volume.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? {
    planar || geometry.size.slices == 1 ? 0 : nil
  }

  private func grown<T: GreyVoxel>(_ marker: Volume<T>, _ mask: Volume<T>) -> Volume<T> {
    let size = mask.size, depth = planar ? 1 : size.slices
    return Volume(mask.geometry) { out in
      marker.withVoxels { marker in
        mask.withVoxels { mask in
          nonisolated(unsafe) let (marker, mask, out) = (marker, mask, out)
          parallelFor(size.slices / depth) { parts in
            for part in parts {
              let voxels = part * depth * size.plane..<(part + 1) * depth * size.plane
              var grid = GrowthGrid<T>(
                Size(columns: size.columns, rows: size.rows, slices: depth), brighter: by == .dilation,
                corners: neighbours == .corners)
              grid.grow(.init(rebasing: marker[voxels]), under: .init(rebasing: mask[voxels]))
              grid.write(to: .init(rebasing: out[voxels]))
            }
          }
        }
      }
    }
  }
}
