// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Adds the holes of a region: background that is not connected to the border of the image.
///
/// Background is connected through faces (6 neighbours; 4 in a slice). A 2-D image is filled in its slice.
///
/// - Source: oracle SciPy `ndimage.binary_fill_holes`.
public struct FillHoles: MaskOperation {
  /// Fill each slice for itself.
  public var planar = false

  /// In three dimensions.
  public init() {}
  /// In three dimensions or slice by slice.
  public init(planar: Bool) { self.planar = planar }

  /// Its line in the catalogue.
  public static let catalogue = Entry<Self>(
    "fill-holes", summary: "add enclosed background", source: "definition; oracle SciPy binary_fill_holes",
    parameters: [Parameter(\.planar, "planar", "fill each slice for itself")])

  /// The filled region.
  public func callAsFunction(_ mask: Mask) throws(ImageError) -> Mask {
    if !planar || mask.size.slices == 1 { return filled(mask) }
    let size = mask.size
    return Mask(mask.geometry) { out in
      nonisolated(unsafe) let dst = out.baseAddress!
      parallelFor(size.slices) { slices in
        for z in slices {
          let slice = Mask(
            mask.voxels.cropped(columns: 0..<size.columns, rows: 0..<size.rows, slices: z..<z + 1))
          filled(slice).voxels.withVoxels {
            (dst + z * size.plane).update(from: $0.baseAddress!, count: size.plane)
          }
        }
      }
    }
  }

  private func filled(_ mask: Mask) -> Mask {
    let background = ConnectedComponents(mask, connectivity: .six, of: 0)
    let outside = background.touchesBorder
    var result = mask
    result.withMutableVoxels { out in
      background.forEachRow(out) { row, runs in
        for run in runs where !outside[Int(run.label)] { row[Int(run.start)..<Int(run.end)].update(repeating: 1) }
      }
    }
    return result
  }
}
