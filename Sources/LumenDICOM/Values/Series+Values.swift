// SPDX-License-Identifier: Apache-2.0
import LumenCore

extension Series {
  /// What makes the wanted values of stored ones, for every slice.
  func valueMaps(_ slices: [Pick], _ values: PixelValues, _ limits: Limits) throws(ImageError) -> [ValueMap] {
    var byInstance: [Int: [ValueMap]] = [:]
    let firstAcquisition = instances.compactMap { $0.pet?.acquisitionDateTime }.min()
    for i in Set(slices.map(\.instance)).sorted() {
      do throws(ImageError) {
        var header = instances[i]
        header.pet?.firstAcquisition = firstAcquisition
        byInstance[i] = try header.valueMaps(values, limits)
      } catch { throw error.at(instances[i].path) }
    }
    return slices.map { pick in
      let maps = byInstance[pick.instance] ?? []
      return maps.count == 1 ? maps[0] : pick.frame < maps.count ? maps[pick.frame] : .identity
    }
  }
}

extension InstanceHeader {
  /// RT Dose Storage.
  private static let rtDose = "1.2.840.10008.5.1.4.1.1.481.2"

  /// One map for all frames, or one each.
  func valueMaps(_ values: PixelValues, _ limits: Limits) throws(ImageError) -> [ValueMap] {
    switch values {
    case .stored: return [.identity]
    case .modality:
      if sopClassUID == Self.rtDose, let scaling = doseGridScaling { return [.linear(scaling, 0, .float)] }
      return try modalityMaps(limits)
    case .realWorld: return try realWorldMaps(limits)
    case .suvBodyWeight, .suvLeanBodyMass, .suvLeanBodyMassJames, .suvBodySurface, .suvIdealBodyWeight:
      let factor = try PETUptake(self).factor(values)
      return try modalityMaps(limits).map { map in
        switch map {
        case .linear(let a, let b, _): return .linear(a * factor, b * factor, .float)
        case .table(let table, _):
          let entries = table.entries.map { $0 * factor }
          return .table(ValueTable(first: table.first, entries: entries, isClamped: table.isClamped), .float)
        }
      }
    }
  }

  /// The Modality LUT, or slope and intercept: one for all frames, or one each.
  ///
  /// - Source: PS3.3 C.11.1, C.7.6.16.2.9.
  func modalityMaps(_ limits: Limits) throws(ImageError) -> [ValueMap] {
    if hasModalityLUT {
      let handle = try DICOMFile.open(path, limits)
      guard let item = try handle.dataSet.first(.modalityLUTSequence) else {
        throw ImageError(.malformed, "has changed since it was scanned")
      }
      return [.table(try ValueTable(item, isSigned: isSigned, "Modality LUT"), .narrowest)]
    }
    let rescales = frameRescale.isEmpty ? [SIMD2(rescaleSlope, rescaleIntercept)] : frameRescale
    if let bad = rescales.first(where: { $0.x == 0 || !$0.x.isFinite || !$0.y.isFinite }) {
      throw ImageError(
        .malformed, "Rescale Slope \(Tag.rescaleSlope) is \(bad.x)", hint: "read the stored values instead")
    }
    return rescales.map { .linear($0.x, $0.y, .narrowest) }
  }
}
