// SPDX-License-Identifier: Apache-2.0
import Glibc
import LumenCore

/// Morphology. IBSI 1 reference manual, HCUG.
/// c: centres of the voxels of the morphological mask, mm; λ₁ ≥ λ₂ ≥ λ₃: eigenvalues of their covariance
/// (1/(N − 1), which the reference values of the axes imply). V and A: volume and area of the surface mesh. x: intensities
/// of the intensity mask.
///
/// One voxel has a mesh, a hull and boxes (an octahedron), but no axes. A region of one row or one slice has axes of
/// length 0 and NaN where these divide; its mesh and hull have a thickness, so that their features are defined.
struct Morphology: FeatureFamily {
  static let family = FamilyName.morphology

  /// Volume by counting voxels, mm³.
  let voxelVolume: Double
  let shift: Double
  /// λ₁ ≥ λ₂ ≥ λ₃, mm².
  let eigenvalues: SIMD3<Double>
  /// V, mm³, and A, mm².
  let volume: Double, area: Double
  let meanIntensity: Double
  let hull: Solid
  /// Along the axes of the image.
  let alignedBox: Solid
  let orientedBox: Solid
  /// With the semi-axes 2√λ.
  let approximateEllipsoid: Solid
  let enclosingEllipsoid: Solid
  let diameter: Double
  let autocorrelation: SpatialAutocorrelation?

  /// Volume and area of a simple body around the region; NaN where there is none.
  struct Solid: Sendable {
    var volume = Double.nan, area = Double.nan
  }

  /// - Parameter comparesAllPairs: whether ``ofAllPairs`` are wanted; otherwise they are NaN.
  init(_ region: Region, comparesAllPairs: Bool = true) {
    let geometry = region.geometry, spacing = geometry.spacing
    let m = moments(region.morphological)
    voxelVolume = m.count * geometry.voxelVolume
    // Covariance of positions: A·C·Aᵀ with the columns of A direction · spacing and C the covariance of indices.
    let a = (0..<3).map { geometry.direction[$0] * spacing[$0] }
    var covariance = [[Double]](repeating: [0, 0, 0], count: 3), inBox = covariance
    for i in 0..<3 {
      for j in 0..<3 {
        inBox[i][j] = m.covariance(i, j) * spacing[i] * spacing[j]
        for k in 0..<3 { for l in 0..<3 { covariance[i][j] += a[k][i] * m.covariance(k, l) * a[l][j] } }
      }
    }
    var λ = symmetricEigenvalues(covariance)
    // Of voxels on a line or in a plane rounding alone keeps eigenvalues from 0, in indices as in millimetres.
    let own = symmetricEigenvalues((0..<3).map { i in (0..<3).map { m.covariance(i, $0) } })
    for k in 1..<3 where own[k] <= 1e-14 * own[0] { λ[k] = 0 }
    eigenvalues = λ
    let axes = Ellipsoid(2 * SIMD3(λ.x.squareRoot(), λ.y.squareRoot(), λ.z.squareRoot()))
    approximateEllipsoid = Solid(volume: axes.volume, area: axes.area)
    let frames = [[[1, 0, 0], [0, 1, 0], [0, 0, 1]], SymmetricEigen(inBox).vectors]
    let ((weighted, mesh), envelope) = together(
      { (weightedSums(region), SurfaceMesh(region.morphological)) },
      { Envelope(region.morphological, spacing, frames) })
    // From indices, so that the digits do not go to the place of the image.
    shift =
      weighted.centre.map {
        let d = $0 - m.mean, v = a[0] * d.x + a[1] * d.y + a[2] * d.z
        return dot(v, v).squareRoot()
      } ?? .nan
    meanIntensity = weighted.mass / Double(region.count)

    volume = mesh.volume(spacing)
    area = mesh.area(spacing)
    let s = SIMD3(Double(region.size.columns), Double(region.size.rows), Double(region.size.slices)) * spacing
    alignedBox = Solid(volume: s.x * s.y * s.z, area: 2 * (s.x * s.y + s.x * s.z + s.y * s.z))
    (hull, diameter) = (envelope.hull, envelope.diameter)
    (orientedBox, enclosingEllipsoid) = (envelope.orientedBox, envelope.enclosingEllipsoid)
    autocorrelation = comparesAllPairs ? SpatialAutocorrelation(region) : nil
  }

  /// What lies around the mesh: its convex hull, and bodies around that.
  private struct Envelope: Sendable {
    var hull = Solid(), orientedBox = Solid(), enclosingEllipsoid = Solid()
    /// Largest distance of two corners, mm.
    var diameter = Double.nan

    /// - Parameter frames: of boxes to try, three unit vectors each.
    init(_ mask: Volume<UInt8>, _ spacing: SIMD3<Double>, _ frames: [[SIMD3<Double>]]) {
      guard let hull = ConvexHull(hullCandidates(RowEnds(mask))) else { return }
      self.hull = Solid(volume: hull.volume(spacing), area: hull.area(spacing))
      let corners = hull.cornerPositions(spacing), directions = hull.largestFaces(spacing)
      diameter = largestDistance(corners)
      let (ellipsoid, box) = together(
        { LumenRadiomics.enclosingEllipsoid(corners) },
        { OrientedBox(corners, directions: directions, frames: frames) })
      enclosingEllipsoid = ellipsoid.map { Solid(volume: $0.volume, area: $0.area) } ?? Solid()
      orientedBox = Solid(volume: box.volume, area: box.area)
    }
  }

  /// Tags of the features that compare all pairs of voxels.
  static let ofAllPairs: Set = ["morph_moran_i", "morph_geary_c"]

  /// 36πV², whose cube root is the area of the sphere of volume V.
  private var sphere: Double { 36 * .pi * volume * volume }
}

extension Morphology {
  static let features: [Feature<Self>] = [
    .init("Volume (mesh)", "RNU0", "morph_volume", "V = Σ a·(b × c) / 6 over the triangles abc", unit: "mm³") { m in
      m.volume
    },
    .init("Volume (voxel counting)", "YEKZ", "morph_vol_approx", "number of voxels · voxel volume", unit: "mm³") { m in
      m.voxelVolume
    },
    .init("Surface area (mesh)", "C0JK", "morph_area_mesh", "A = Σ |ab × ac| / 2", unit: "mm²") { m in m.area },
    .init("Surface to volume ratio", "2PR5", "morph_av", "A / V", unit: "1/mm") { m in m.area / m.volume },
    .init("Compactness 1", "SKGS", "morph_comp_1", "V / √(π A³)") { m in
      m.volume / (.pi * m.area * m.area * m.area).squareRoot()
    },
    .init("Compactness 2", "BQWJ", "morph_comp_2", "36π V² / A³") { m in m.sphere / (m.area * m.area * m.area) },
    .init("Spherical disproportion", "KRCK", "morph_sph_dispr", "A / (36π V²)^⅓") { m in m.area / cbrt(m.sphere) },
    .init("Sphericity", "QCFX", "morph_sphericity", "(36π V²)^⅓ / A") { m in cbrt(m.sphere) / m.area },
    .init("Asphericity", "25C7", "morph_asphericity", "(A³ / 36π V²)^⅓ − 1") { m in m.area / cbrt(m.sphere) - 1 },
    .init("Centre of mass shift", "KLMA", "morph_com", "|Σ c / N − Σ x·c / Σ x|, x: intensities", unit: "mm") { m in
      m.shift
    },
    .init("Maximum 3D diameter", "L0JK", "morph_diam", "largest distance of two vertices of the mesh", unit: "mm") {
      m in m.diameter
    },
    .init("Major axis length", "TDIC", "morph_pca_maj_axis", "4 √λ₁", unit: "mm") { m in
      4 * m.eigenvalues[0].squareRoot()
    },
    .init("Minor axis length", "P9VJ", "morph_pca_min_axis", "4 √λ₂", unit: "mm") { m in
      4 * m.eigenvalues[1].squareRoot()
    },
    .init("Least axis length", "7J51", "morph_pca_least_axis", "4 √λ₃", unit: "mm") { m in
      4 * m.eigenvalues[2].squareRoot()
    },
    .init("Elongation", "Q3CK", "morph_pca_elongation", "√(λ₂ / λ₁)") { m in
      (m.eigenvalues[1] / m.eigenvalues[0]).squareRoot()
    },
    .init("Flatness", "N17B", "morph_pca_flatness", "√(λ₃ / λ₁)") { m in
      (m.eigenvalues[2] / m.eigenvalues[0]).squareRoot()
    },
    .init("Volume density (AABB)", "PBX1", "morph_vol_dens_aabb", "V / volume of the axis-aligned bounding box") { m in
      m.volume / m.alignedBox.volume
    },
    .init("Area density (AABB)", "R59B", "morph_area_dens_aabb", "A / area of the axis-aligned bounding box") { m in
      m.area / m.alignedBox.area
    },
    .init("Volume density (OMBB)", "ZH1A", "morph_vol_dens_ombb", "V / volume of the oriented bounding box") { m in
      m.volume / m.orientedBox.volume
    },
    .init("Area density (OMBB)", "IQYR", "morph_area_dens_ombb", "A / area of the oriented bounding box") { m in
      m.area / m.orientedBox.area
    },
    .init("Volume density (AEE)", "6BDE", "morph_vol_dens_aee", "V / volume of the ellipsoid with semi-axes 2 √λ") {
      m in m.volume / m.approximateEllipsoid.volume
    },
    .init("Area density (AEE)", "RDD2", "morph_area_dens_aee", "A / area of the ellipsoid with semi-axes 2 √λ") { m in
      m.area / m.approximateEllipsoid.area
    },
    .init("Volume density (MVEE)", "SWZ1", "morph_vol_dens_mvee", "V / volume of the least enclosing ellipsoid") { m in
      m.volume / m.enclosingEllipsoid.volume
    },
    .init("Area density (MVEE)", "BRI8", "morph_area_dens_mvee", "A / area of the least enclosing ellipsoid") { m in
      m.area / m.enclosingEllipsoid.area
    },
    .init("Volume density (convex hull)", "R3ER", "morph_vol_dens_conv_hull", "V / volume of the convex hull") { m in
      m.volume / m.hull.volume
    },
    .init("Area density (convex hull)", "7T7F", "morph_area_dens_conv_hull", "A / area of the convex hull") { m in
      m.area / m.hull.area
    },
    .init("Integrated intensity", "99N0", "morph_integ_int", "V · mean of x", unit: "intensity · mm³") { m in
      m.volume * m.meanIntensity
    },
    .init(
      "Moran's I index", "N365", "morph_moran_i",
      "N / Σ wᵢⱼ · Σ wᵢⱼ (xᵢ − μ)(xⱼ − μ) / Σ (xᵢ − μ)², w = 1 / distance, i ≠ j"
    ) { m in m.autocorrelation?.moran ?? .nan },
    .init(
      "Geary's C measure", "NPT7", "morph_geary_c",
      "(N − 1) / 2 Σ wᵢⱼ · Σ wᵢⱼ (xᵢ − xⱼ)² / Σ (xᵢ − μ)², w = 1 / distance, i ≠ j"
    ) { m in m.autocorrelation?.geary ?? .nan },
  ]
}
