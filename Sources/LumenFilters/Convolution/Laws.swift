// SPDX-License-Identifier: Apache-2.0
public import LumenCore

/// Laws' kernels: level, edge, spot, wave and ripple of three or five voxels along each axis.
///
///     response = (kx ⊗ ky ⊗ kz) ∗ image, pooled over the rotations of the kernels
///     energy   = mean of |response| over (2·energy + 1) voxels along each axis
///
/// - Shape: any columns × rows × slices → same geometry. Two kernels filter each slice for itself.
/// - Units: kernels and energy distance in voxels, whatever their spacing; kernels have unit length (Σk² = 1).
/// - Range: NaN and infinity spread to voxels whose kernel touches them.
/// - Accuracy: within 2e-6 of the largest magnitude of the input; the same bits for any number of threads.
/// - Cost: 3 + 6 + 6 passes for the 24 rotations of three kernels; the energy a mean filter and one volume.
/// - Throws: `invalidParameter` for an energy distance outside 0 … 500.
/// - Source: Laws 1980; IBSI 2 Laws kernels (convolution: kernels are flipped), rotation invariance, energy image.
public struct Laws: Filter {
  /// One of Laws' 1-D kernels.
  public enum Name: String, Sendable, CaseIterable {
    case l3 = "L3", e3 = "E3", s3 = "S3", l5 = "L5", e5 = "E5", s5 = "S5", w5 = "W5", r5 = "R5"

    /// Its weights before they are divided by their length.
    var weights: [Double] {
      switch self {
      case .l3: [1, 2, 1]
      case .e3: [-1, 0, 1]
      case .s3: [-1, 2, -1]
      case .l5: [1, 4, 6, 4, 1]
      case .e5: [-1, -2, 0, 2, 1]
      case .s5: [-1, 0, 2, 0, -1]
      case .w5: [-1, 2, 0, -2, 1]
      case .r5: [1, -4, 6, -4, 1]
      }
    }

    var kernel: Kernel {
      let length = weights.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return Kernel(weights.map { $0 / length })
    }
  }

  /// The kernels along x, y and z, or along x and y: "L5E5S5", "L5E5".
  public struct Kernels: LosslessStringConvertible, Sendable, Hashable {
    /// Two or three.
    public let names: [Name]

    /// Along x and y of each slice.
    public init(_ x: Name, _ y: Name) { names = [x, y] }
    /// Along x, y and z.
    public init(_ x: Name, _ y: Name, _ z: Name) { names = [x, y, z] }
    /// Two or three names in a row; nil for anything else.
    public init?(_ description: String) {
      let letters = Array(description)
      guard letters.count == 4 || letters.count == 6 else { return nil }
      var names: [Name] = []
      for i in stride(from: 0, to: letters.count, by: 2) {
        guard let name = Name(rawValue: String(letters[i...i + 1])) else { return nil }
        names.append(name)
      }
      self.names = names
    }

    /// "L5E5S5".
    public var description: String { names.map(\.rawValue).joined() }
  }

  /// The kernels along x, y and z, or along x and y of each slice.
  public var kernels = Kernels(.l5, .e5, .e5)
  /// What is made of the responses to the kernels' rotations.
  public var pooling = RotationPooling.none
  /// Voxels on each side over which the magnitude of the response is averaged; 0 for the response itself.
  public var energy = 0
  /// Values assumed outside the image.
  public var boundary = BoundaryCondition.mirror

  /// L5E5E5.
  public init() {}
  /// A set of kernels.
  public init(
    _ kernels: Kernels, pooling: RotationPooling = .none, energy: Int = 0, boundary: BoundaryCondition = .mirror
  ) {
    self.kernels = kernels
    self.pooling = pooling
    self.energy = energy
    self.boundary = boundary
  }

  /// The operation's line in the catalogue.
  public static let catalogue = Entry<Self>(
    "laws", summary: "Laws' texture kernels", source: "Laws 1980; IBSI 2 Laws kernels",
    parameters: [
      Parameter(
        text: \.kernels, "kernels", "two or three of L3 E3 S3 L5 E5 S5 W5 R5",
        "kernels along x, y and z, or along x and y of each slice"),
      Parameter(\.pooling, "pooling", "what is made of the responses to the kernels' rotations"),
      Parameter(\.energy, "energy", 0...500, "voxels on each side over which the magnitude is averaged; 0: response"),
      Parameter(\.boundary, "boundary", "values assumed outside the image"),
    ])

  /// The response or its energy, as 32-bit float.
  public func callAsFunction(_ image: AnyVolume) throws(ImageError) -> AnyVolume { .f32(try self(image.float)) }

  /// The response or its energy.
  public func callAsFunction(_ volume: Volume<Float>) throws(ImageError) -> Volume<Float> {
    guard (0...500).contains(energy) else {
      throw ImageError(.invalidParameter, "energy is \(energy), expected 0 … 500")
    }
    let pool = pool, convolution = pool.convolution(boundary)
    if energy == 0 && pooling == .none { return convolution(volume) }
    let response = convolution(volume, pool.finish(magnitude: energy > 0))
    return energy == 0
      ? response : try Mean(size: 2 * energy + 1, planar: kernels.names.count == 2, boundary: boundary)(response)
  }

  /// The slices within the longest kernel and the energy's window.
  public func reach(_ geometry: Geometry) throws(ImageError) -> Int? {
    guard let kernel = pool.convolution(boundary).reach else { return nil }
    guard energy > 0 else { return kernel }
    let mean = try Mean(size: 2 * energy + 1, planar: kernels.names.count == 2, boundary: boundary).reach(geometry)
    return mean.map { $0 + kernel }
  }

  private var pool: RotationPool { RotationPool(kernels.names.map(\.kernel), pooling) }
}
