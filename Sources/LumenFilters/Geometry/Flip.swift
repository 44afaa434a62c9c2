// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// An axis of the voxel grid.
public enum GridAxis: String, Sendable, CaseIterable {
  case columns, rows, slices
  /// 0, 1, 2.
  var number: Int { self == .columns ? 0 : self == .rows ? 1 : 2 }
}

/// The voxels of an axis in the opposite order, every one at its place in space.
///
///     result(i) = image(n − 1 − i) along the axis;  its direction is reversed, the origin moves to its other end
///
/// - Shape: any columns × rows × slices → the same size and stored type. Accuracy: exact. Cost: one copy.
/// - Source: ITK `FlipImageFilter` with FlipAboutOrigin off.
public struct Flip: Filter {
  /// The axis that is reversed.
  public var axis = GridAxis.columns

  /// Columns.
  public init() {}
  /// One axis.
  public init(_ axis: GridAxis) { self.axis = axis }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "flip", summary: "voxels of an axis in the opposite order, positions kept",
    source: "ITK FlipImageFilter, FlipAboutOrigin off",
    parameters: [Parameter(\.axis, "axis", "the axis that is reversed")])

  /// The flipped image, stored as the input is.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume {
    var order = AxisOrder()
    order.reversed[axis.number] = true
    return order(image)
  }
}
