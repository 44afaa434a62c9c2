// SPDX-License-Identifier: Apache-2.0
public import LumenCore

extension PyRadiomics {
  /// Voxel-based extraction: every feature of the neighbourhood of each voxel of the region, with the grey levels of the
  /// whole region.
  ///
  /// - Shape: the region's box and `kernelRadius` around it.
  /// - Cost: matrices of every neighbourhood anew; parallel over voxels.
  /// - Throws: as ``callAsFunction(_:mask:label:)``.
  /// - Returns: the diagnostics and warnings, and a map for each feature.
  /// - Source: PyRadiomics 3.0.1, `base.py`, `firstorder.py`, `cmatrices.c`.
  public func maps(
    _ image: AnyVolume, mask: Volume<UInt32>, label: Int? = nil
  ) throws(ImageError) -> (result: PyRadiomicsResult, maps: [PyRadiomicsMap]) {
    let settings = try self.settings(label)
    var ready = try prepared(image, mask, settings, voxelBased: true)
    var maps: [PyRadiomicsMap] = []
    for type in imageTypes {
      guard let kind = PyRadiomicsImageType(rawValue: type.key), case .dictionary(let own) = type.value else {
        continue
      }
      let settings = settings.updated(own), (box, mask) = (ready.box, ready.mask)
      try kind.forEachImage(of: ready.image, mask, settings, &ready.warnings) { name, filtered throws(ImageError) in
        let box = box.padded(settings.kernelRadius, in: filtered.size)
        let kernels = try PyRadiomicsKernels(filtered.cropped(box), mask.cropped(to: box), settings)
        for (family, asked) in featureClasses {
          let prefix = "\(name)_\(family)_"
          switch family {
          case "firstorder": kernels.add(prefix, asked, to: &maps) { $0.statistics($1) }
          case "glcm": kernels.add(prefix, asked, to: &maps) { $0.texture($1, .glcm)?.glcm }
          case "glrlm": kernels.add(prefix, asked, to: &maps) { $0.texture($1, .glrlm)?.glrlm }
          case "glszm": kernels.add(prefix, asked, to: &maps) { $0.texture($1, .glszm)?.glszm }
          case "gldm": kernels.add(prefix, asked, to: &maps) { $0.texture($1, .gldm)?.gldm }
          case "ngtdm": kernels.add(prefix, asked, to: &maps) { $0.texture($1, .ngtdm)?.ngtdm }
          default: break
          }
        }
      }
    }
    return (PyRadiomicsResult(entries: ready.entries, warnings: ready.warnings), maps)
  }
}

/// The neighbourhoods of the voxels of a region.
private struct PyRadiomicsKernels: Sendable {
  let region: PyRadiomicsRegion
  /// Voxels of the region in memory order.
  let voxels: [Int]
  let settings: PyRadiomicsSettings
  let geometry: Geometry
  /// From the region's order of voxels to the image's.
  let order: [Int]?
  /// Grey levels of the first-order class, which bins in double precision.
  let doubleLevels: [UInt16]
  /// Steps of co-occurrence that some neighbourhood has.
  private(set) var steps: [Offset] = []

  init(_ image: AnyVolume, _ mask: Volume<UInt32>, _ settings: PyRadiomicsSettings) throws(ImageError) {
    let label = settings.storedLabel
    let inside = mask.withVoxels { $0.map { $0 == label } }
    let binned = settings.masksKernel ? inside : inside.map { _ in true }
    let values = image.values()
    func region(_ kind: VoxelKind) throws(ImageError) -> PyRadiomicsRegion {
      try PyRadiomicsRegion(
        values, inside, binned: binned, size: image.size, spacing: image.geometry.spacing, kind: kind, settings)
    }
    let whole = try region(image.kind)
    self.region = whole
    doubleLevels = image.kind == .float32 ? try region(.float64).levels : whole.levels
    voxels = whole.inside.indices.filter { whole.inside[$0] }
    (self.settings, geometry) = (settings, image.geometry)
    let flat = settings.flatAxis
    order = flat.flatMap { $0 == 2 ? nil : PyRadiomicsRegion.exchange(image.size, $0 == 0 ? [1, 2, 0] : [0, 2, 1]) }
    let all = try PyRadiomicsRegion.steps(settings.distances, whole.size, planar: whole.isPlanar)
    steps = all.filter { step in voxels.contains { hasPair($0, step) } }
  }

  /// The voxels of a neighbourhood, within the box.
  private func box(_ voxel: Int) -> (x: ClosedRange<Int>, y: ClosedRange<Int>, z: ClosedRange<Int>) {
    let size = region.size, r = settings.kernelRadius
    let x = voxel % size.columns, y = voxel / size.columns % size.rows, z = voxel / size.plane
    func range(_ i: Int, _ n: Int) -> ClosedRange<Int> { max(i - r, 0)...min(i + r, n - 1) }
    return (range(x, size.columns), range(y, size.rows), region.isPlanar ? z...z : range(z, size.slices))
  }

  private func hasPair(_ voxel: Int, _ o: Offset) -> Bool {
    let (xs, ys, zs) = box(voxel), size = region.size
    for z in zs where zs.contains(z + o.z) {
      for y in ys where ys.contains(y + o.y) {
        for x in xs where xs.contains(x + o.x) && region.levels[size.offset(x, y, z)] != 0 {
          if region.levels[size.offset(x + o.x, y + o.y, z + o.z)] != 0 { return true }
        }
      }
    }
    return false
  }

  /// Indices of a neighbourhood in memory order.
  private func indices(_ voxel: Int) -> [Int] {
    let (xs, ys, zs) = box(voxel), size = region.size
    var all: [Int] = []
    all.reserveCapacity(xs.count * ys.count * zs.count)
    for z in zs { for y in ys { for x in xs { all.append(size.offset(x, y, z)) } } }
    return all
  }

  func statistics(_ voxel: Int) -> PyRadiomicsFirstOrder {
    let inside = indices(voxel).filter { region.levels[$0] != 0 }
    return PyRadiomicsFirstOrder(
      inside.map { region.values[$0] }, levels: inside.map { doubleLevels[$0] }, shift: settings.voxelArrayShift,
      voxelVolume: geometry.voxelVolume)
  }

  func texture(_ voxel: Int, _ classes: PyRadiomicsTexture.Classes) -> PyRadiomicsTexture? {
    let (xs, ys, zs) = box(voxel)
    return try? PyRadiomicsTexture(
      indices(voxel).map { region.levels[$0] }, Size(columns: xs.count, rows: ys.count, slices: zs.count), in: region,
      classes, settings, steps: steps)
  }

  /// Adds the maps of the features asked for of a class.
  func add<Family: PyRadiomicsFamily>(
    _ prefix: String, _ asked: [String], to maps: inout [PyRadiomicsMap],
    _ family: @Sendable (PyRadiomicsKernels, Int) -> Family?
  ) {
    let features = Family.features.filter { asked.isEmpty ? !$0.isDeprecated : asked.contains($0.name) }
    guard !features.isEmpty, !voxels.isEmpty else { return }
    let n = voxels.count
    var values = [Double](repeating: settings.initValue, count: features.count * n)
    var hasEmpty = [Bool](repeating: false, count: n)
    values.withUnsafeMutableBufferPointer { values in
      hasEmpty.withUnsafeMutableBufferPointer { hasEmpty in
        nonisolated(unsafe) let (to, empty) = (values.baseAddress!, hasEmpty.baseAddress!)
        parallelFor(n, grain: 16) { range in
          for v in range {
            guard let family = family(self, voxels[v]) else { continue }
            for (f, feature) in features.enumerated() { to[f * n + v] = feature.value(family) }
            if let m = family as? PyRadiomicsGLCM { empty[v] = m.directions.contains(where: \.isEmpty) }
          }
        }
      }
    }
    // NumPy finds no eigenvalues for a batch of voxels when one of them lacks a direction.
    if let mcc = features.firstIndex(where: { $0.name == "MCC" }) {
      let batch = settings.voxelBatch ?? n
      for start in stride(from: 0, to: n, by: batch) where hasEmpty[start..<min(start + batch, n)].contains(true) {
        for v in start..<min(start + batch, n) { values[mcc * n + v] = settings.initValue }
      }
    }
    for (f, feature) in features.enumerated() {
      let volume = Volume<Double>(geometry) { out in
        out.update(repeating: settings.initValue)
        for (v, at) in voxels.enumerated() { out[order?[at] ?? at] = values[f * n + v] }
      }
      maps.append(PyRadiomicsMap(name: prefix + feature.name, volume: volume))
    }
  }
}
