// SPDX-License-Identifier: Apache-2.0
import LumenCore

extension FeatureMaps.Family {
  /// What it measures, in the order of its values.
  var columns: [FeatureColumn] {
    switch self {
    case .firstorder: columns(of: PyRadiomicsFirstOrder.self, FirstOrderMap.names)
    case .glcm: columns(of: PyRadiomicsGLCM.self, CooccurrenceMap.names)
    case .glrlm: PyRadiomicsGLRLM.columns(rawValue)
    case .glszm: PyRadiomicsGLSZM.columns(rawValue)
    case .gldm: PyRadiomicsGLDM.columns(rawValue)
    case .ngtdm: PyRadiomicsNGTDM.columns(rawValue)
    }
  }

  private func columns<Class: PyRadiomicsFamily>(of _: Class.Type, _ names: [String]) -> [FeatureColumn] {
    let known = Dictionary(uniqueKeysWithValues: Class.columns(rawValue).map { ($0.name, $0) })
    return names.compactMap { known[$0] }
  }
}
