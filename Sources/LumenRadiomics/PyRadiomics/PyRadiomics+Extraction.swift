// SPDX-License-Identifier: Apache-2.0
public import LumenCore

extension PyRadiomics {
  /// Measures the region of a label.
  ///
  /// - Parameters:
  ///   - mask: labels, on the image's grid unless resampling or `correctMask` is asked for.
  ///   - label: instead of the setting `label`.
  /// - Throws: `invalidParameter` or `notFound` where PyRadiomics refuses the region (another grid, missing label, too
  ///   small), for intensities that are not finite, and where a filter refuses the image; `limitExceeded` for too many
  ///   grey levels or voxels.
  /// - Source: PyRadiomics 3.0.1, `featureextractor.py`.
  public func callAsFunction(
    _ image: AnyVolume, mask: Volume<UInt32>, label: Int? = nil
  ) throws(ImageError) -> PyRadiomicsResult {
    let settings = try self.settings(label)
    var ready = try prepared(image, mask, settings)
    for (name, features) in featureClasses {
      guard name == "shape" || name == "shape2D" else { continue }
      let crop = ready.shapeMask.cropped(to: ready.box).map { $0 == settings.storedLabel ? UInt8(1) : 0 }
      if name == "shape" {
        ready.add(
          "original_shape_", PyRadiomicsShapes.names, PyRadiomicsShapes.values(crop), features,
          deprecated: PyRadiomicsShapes.deprecated)
      } else if let flat = settings.flatAxis {
        // PyRadiomics looks the axis up in the reversed order here.
        if ready.box.size[2 - flat] > 1 {
          ready.add(
            "original_shape2D_", PyRadiomicsShapes.names2D, try PyRadiomicsShapes.values2D(crop, across: flat),
            features, deprecated: ["SphericalDisproportion"])
        } else {
          ready.warnings.append("shape2D is left out: PyRadiomics finds one voxel along the axis of the same number")
        }
      } else {
        ready.warnings.append("shape2D is left out: it needs force2D")
      }
    }
    for type in imageTypes {
      guard let kind = PyRadiomicsImageType(rawValue: type.key), case .dictionary(let own) = type.value else {
        continue
      }
      let settings = settings.updated(own), (image, mask) = (ready.image, ready.mask)
      var warnings: [String] = []
      try kind.forEachImage(of: image, mask, settings, &warnings) { name, filtered throws(ImageError) in
        try self.measure(name, filtered, &ready, settings)
      }
      ready.warnings += warnings
    }
    return PyRadiomicsResult(entries: ready.entries, warnings: ready.warnings)
  }

  func settings(_ label: Int?) throws(ImageError) -> PyRadiomicsSettings {
    guard let label else { return settings }
    guard label > 0 else { throw ImageError(.invalidParameter, "label is \(label), expected at least 1") }
    return settings.updated([.init("label", .integer(label))])
  }

  /// Image and mask before filters, with the diagnostics.
  struct Prepared {
    var image: AnyVolume, mask: Volume<UInt32>
    /// What the shape is measured of.
    var shapeMask: Volume<UInt32>
    var box: PyRadiomicsBox
    var entries: [PythonValue.Entry] = []
    var warnings: [String] = []

    /// Adds what is asked for of a class.
    mutating func add(
      _ prefix: String, _ names: [String], _ values: [Double], _ asked: [String], deprecated: Set<String>
    ) {
      let order = asked.isEmpty ? names.filter { !deprecated.contains($0) } : asked
      for name in order {
        if let i = names.firstIndex(of: name) {
          entries.append(.init(prefix + name, .real(values[i])))
        } else {
          warnings.append("\(prefix + name) is left out: PyRadiomics took it away")
        }
      }
    }
  }

  /// Normalisation, resampling, checks and resegmentation, in PyRadiomics' order.
  func prepared(
    _ given: AnyVolume, _ givenMask: Volume<UInt32>, _ settings: PyRadiomicsSettings, voxelBased: Bool = false
  ) throws(ImageError) -> Prepared {
    let label = settings.storedLabel
    var image = given, mask = givenMask
    var known = mask.box(of: label)
    if known == nil {
      throw ImageError(.notFound, "the label \(settings.label) is not in the mask")
    }
    let shown = voxelBased ? settings.updated([.init("voxelBased", .bool(true))]) : settings
    var diagnostics =
      settings.hasAdditionalInfo ? PyRadiomicsDiagnostics(software: software, shown, imageTypes) : nil
    diagnostics?.add(image, "original")
    diagnostics?.add(mask, label, on: nil, "original")
    if settings.normalizes { image = settings.normalized(image) }
    if let interpolator = settings.interpolator, let spacing = settings.spacing {
      (image, mask) = try settings.resampled(image, mask, spacing, interpolator)
      known = nil
      diagnostics?.add(image, "interpolated")
      diagnostics?.add(mask, label, on: image, "interpolated")
    } else if settings.preCrops {
      let (box, corrected) = try settings.check(mask, on: image.geometry)
      let padded = box.padded(settings.padDistance, in: mask.size)
      (image, mask) = (image.cropped(padded), (corrected ?? mask).cropped(to: padded))
      known = nil
    }
    var (box, corrected) = try settings.check(mask, on: image.geometry, known)
    if let corrected {
      diagnostics?.add(corrected, label, on: image, "corrected")
      mask = corrected
    }
    var shapeMask = mask
    if let range = settings.resegmentRange {
      mask = try settings.resegmented(mask, image, range)
      (box, corrected) = try settings.check(mask, on: image.geometry)
      diagnostics?.add(mask, label, on: image, "resegmented")
      if settings.resegmentsShape { shapeMask = mask }
    }
    return Prepared(
      image: image, mask: mask, shapeMask: shapeMask, box: box, entries: diagnostics?.entries ?? [])
  }

  /// The classes but shape of one image.
  private func measure(
    _ name: String, _ image: AnyVolume, _ ready: inout Prepared, _ settings: PyRadiomicsSettings
  ) throws(ImageError) {
    let crop = image.cropped(ready.box), label = settings.storedLabel
    let inside = ready.mask.cropped(to: ready.box).withVoxels { $0.map { $0 == label } }
    let region = try PyRadiomicsRegion(
      crop.values(), inside, binned: inside, size: crop.size, spacing: crop.geometry.spacing, kind: crop.kind, settings)
    let texture = try PyRadiomicsTexture(region.levels, region.size, in: region, textureClasses, settings)
    for (family, asked) in featureClasses {
      let prefix = "\(name)_\(family)_"
      switch family {
      case "firstorder":
        let chosen = region.inside.indices.filter { region.inside[$0] }
        let statistics = PyRadiomicsFirstOrder(
          chosen.map { region.values[$0] }, levels: chosen.map { region.levels[$0] }, shift: settings.voxelArrayShift,
          voxelVolume: crop.geometry.voxelVolume)
        ready.add(prefix, statistics, asked)
      case "glcm": if let m = texture.glcm { ready.add(prefix, m, asked) }
      case "glrlm": if let m = texture.glrlm { ready.add(prefix, m, asked) }
      case "glszm": if let m = texture.glszm { ready.add(prefix, m, asked) }
      case "gldm": if let m = texture.gldm { ready.add(prefix, m, asked) }
      case "ngtdm": if let m = texture.ngtdm { ready.add(prefix, m, asked) }
      default: break
      }
    }
  }

  var textureClasses: PyRadiomicsTexture.Classes {
    featureClasses.reduce(into: []) { classes, line in
      switch line.name {
      case "glcm": classes.insert(.glcm)
      case "glrlm": classes.insert(.glrlm)
      case "glszm": classes.insert(.glszm)
      case "gldm": classes.insert(.gldm)
      case "ngtdm": classes.insert(.ngtdm)
      default: break
      }
    }
  }
}

extension PyRadiomics.Prepared {
  /// Adds what is asked for of a class.
  mutating func add<Family: PyRadiomicsFamily>(_ prefix: String, _ family: Family, _ asked: [String]) {
    let features = asked.isEmpty ? Family.features.filter { !$0.isDeprecated } : Family.features
    for name in asked.isEmpty ? features.map(\.name) : asked {
      if let feature = features.first(where: { $0.name == name }) {
        entries.append(.init(prefix + name, .real(feature.value(family))))
      } else {
        warnings.append("\(prefix + name) is left out: PyRadiomics took it away")
      }
    }
  }
}
