// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Size and shape of a region as PyRadiomics defines them (class `shape`), in its own names.
///
/// They differ from IBSI's morphology in two ways. The mesh is drawn with half of the table of marching cubes: a cell with
/// its last corner inside gets the triangles of its complement, so that surfaces of cells with ambiguous faces do not
/// always close, and the volume then depends on where the bounding box begins. The axes come from the covariance with
/// 1/N.
///
/// - Accuracy: 1e-9 of PyRadiomics 3.0.1.
/// - Cost: one pass over the bounding box and O(n log n) for the diameters, which PyRadiomics finds by comparing all
///   pairs of vertices.
/// - Source: PyRadiomics 3.0.1, shape.py and cshape.c.
struct PyRadiomicsShape: Sendable {
  /// Of the mesh, mm³ and mm².
  let volume: Double, area: Double
  let voxelVolume: Double
  /// λ₁ ≥ λ₂ ≥ λ₃, mm².
  let eigenvalues: SIMD3<Double>
  /// Largest distance of two vertices of the mesh; of two with the same z, y and x.
  let diameter: Double
  let planar: PlanarDiameters

  /// A mask of 0 and 1, as it is or cut to its bounding box; nil when it is empty.
  init?(mask: Volume<UInt8>) {
    guard let mask = cutToContents(mask) else { return nil }
    let spacing = mask.geometry.spacing
    let mesh = SurfaceMesh(mask)
    var (sum, area) = (0, 0.0)
    for i in 0..<256 where mesh.counts[i] > 0 {
      let drawn = MarchingCubes.cases[min(i, 255 - i)]
      sum &+= i < 128 ? mesh.enclosed(i, drawn) : -mesh.enclosed(i, drawn)
      area += Double(mesh.counts[i]) * drawn.area(spacing)
    }
    volume = Double(sum) / 48 * (spacing.x * spacing.y * spacing.z)
    self.area = area
    let m = moments(mask)
    voxelVolume = m.count * mask.geometry.voxelVolume
    var covariance = [[Double]](repeating: [0, 0, 0], count: 3)
    for i in 0..<3 { for j in 0..<3 { covariance[i][j] = m.populationCovariance(i, j) * spacing[i] * spacing[j] } }
    eigenvalues = symmetricEigenvalues(covariance)
    let ends = RowEnds(mask)
    diameter = ConvexHull(hullCandidates(ends)).map { largestDistance($0.cornerPositions(spacing)) } ?? .nan
    planar = PlanarDiameters(mask, ends)
  }

  /// The value of every feature in the declared order; NaN where a formula divides by zero.
  var values: [Double] { Self.features.map { $0.value(self).finite } }
}

extension PyRadiomicsShape {
  /// Tags are PyRadiomics' names. The last three it computes only when they are asked for by name.
  static let features: [Feature<Self>] = [
    .init("Elongation", nil, "Elongation", "√(λ₂ / λ₁)") { s in (s.eigenvalues.y / s.eigenvalues.x).squareRoot() },
    .init("Flatness", nil, "Flatness", "√(λ₃ / λ₁)") { s in (s.eigenvalues.z / s.eigenvalues.x).squareRoot() },
    .init("Least axis length", nil, "LeastAxisLength", "4 √λ₃", unit: "mm") { s in 4 * s.eigenvalues.z.squareRoot() },
    .init("Major axis length", nil, "MajorAxisLength", "4 √λ₁", unit: "mm") { s in 4 * s.eigenvalues.x.squareRoot() },
    .init(
      "Maximum 2D diameter (column)", nil, "Maximum2DDiameterColumn",
      "largest distance of two vertices of the mesh with the same y", unit: "mm"
    ) { s in s.planar.sameRow },
    .init(
      "Maximum 2D diameter (row)", nil, "Maximum2DDiameterRow",
      "largest distance of two vertices of the mesh with the same x", unit: "mm"
    ) { s in s.planar.sameColumn },
    .init(
      "Maximum 2D diameter (slice)", nil, "Maximum2DDiameterSlice",
      "largest distance of two vertices of the mesh with the same z", unit: "mm"
    ) { s in s.planar.sameSlice },
    .init(
      "Maximum 3D diameter", nil, "Maximum3DDiameter", "largest distance of two vertices of the mesh", unit: "mm"
    ) { s in s.diameter },
    .init("Mesh volume", nil, "MeshVolume", "V = Σ a·(b × c) / 6 over the triangles abc", unit: "mm³") { s in s.volume
    },
    .init("Minor axis length", nil, "MinorAxisLength", "4 √λ₂", unit: "mm") { s in 4 * s.eigenvalues.y.squareRoot() },
    .init("Sphericity", nil, "Sphericity", "(36π V²)^⅓ / A") { s in s.sphericity },
    .init("Surface area", nil, "SurfaceArea", "A = Σ |ab × ac| / 2", unit: "mm²") { s in s.area },
    .init("Surface area to volume ratio", nil, "SurfaceVolumeRatio", "A / V", unit: "1/mm") { s in s.area / s.volume },
    .init("Voxel volume", nil, "VoxelVolume", "number of voxels · voxel volume", unit: "mm³") { s in s.voxelVolume },
    .init("Compactness 1", nil, "Compactness1", "V / √(π A³)") { s in
      s.volume / (pow(s.area, 1.5) * Double.pi.squareRoot())
    },
    .init("Compactness 2", nil, "Compactness2", "36π V² / A³") { s in
      36 * .pi * s.volume * s.volume / (s.area * s.area * s.area)
    },
    .init("Spherical disproportion", nil, "SphericalDisproportion", "A / (36π V²)^⅓") { s in 1 / s.sphericity },
  ]

  private var sphericity: Double { cbrt(36 * .pi * volume * volume) / area }
}

extension Double {
  /// Itself, or NaN instead of an infinity.
  var finite: Double { isFinite ? self : .nan }
}

extension IndexMoments {
  /// Covariance with 1/N.
  func populationCovariance(_ i: Int, _ j: Int) -> Double {
    count > 1 ? covariance(i, j) * (count - 1) / count : 0
  }
}

/// The box around what is not 0, where it is not the whole; nil when there is nothing.
func cutToContents(_ mask: Volume<UInt8>) -> Volume<UInt8>? {
  guard let box = Mask(mask).boundingBox else { return nil }
  let size = mask.size
  let isWhole = box.columns.count == size.columns && box.rows.count == size.rows && box.slices.count == size.slices
  return isWhole ? mask : mask.cropped(columns: box.columns, rows: box.rows, slices: box.slices)
}
