// SPDX-License-Identifier: Apache-2.0
import LumenCore

extension FeatureMaps.Family {
  /// What it measures, in the order of its values.
  var columns: [FeatureColumn] {
    switch self {
    case .firstorder: columns(FirstOrderMap.names, "First order")
    case .glcm: columns(CooccurrenceMap.names, "GLCM")
    case .glrlm: columns(of: PyRadiomicsGLRLM.self)
    case .glszm: columns(of: PyRadiomicsGLSZM.self)
    case .gldm: columns(of: PyRadiomicsGLDM.self)
    case .ngtdm: columns(of: PyRadiomicsNGTDM.self)
    }
  }

  private func columns(_ names: [String], _ title: String) -> [FeatureColumn] {
    names.map { name in
      let line = Self.definitions["\(rawValue)_\(name)"]
      return FeatureColumn(
        key: "\(rawValue)_\(name)", name: name, code: line?.code, family: title, unit: line?.unit ?? "",
        definition: line?.formula ?? "")
    }
  }

  private func columns<Class: PyRadiomicsFamily>(of _: Class.Type) -> [FeatureColumn] {
    Class.features.map {
      FeatureColumn(
        key: "\(rawValue)_\($0.name)", name: $0.name, code: $0.code, family: rawValue.uppercased(),
        unit: $0.name.hasSuffix("Entropy") ? "bit" : "", definition: $0.formula)
    }
  }

  /// IBSI code where the definition is that of IBSI, unit and formula.
  private static let definitions: [String: (code: String?, unit: String, formula: String)] = [
    "firstorder_10Percentile": ("QG58", "intensity", "P₁₀ by linear interpolation of order statistics"),
    "firstorder_90Percentile": ("8DWT", "intensity", "P₉₀ by linear interpolation of order statistics"),
    "firstorder_Energy": ("N8CA", "intensity²", "Σ (x + c)², c: voxelArrayShift; IBSI's for c = 0"),
    "firstorder_Entropy": ("TLU2", "bit", "−Σ pᵢ·log₂ pᵢ over grey levels"),
    "firstorder_InterquartileRange": ("SALO", "intensity", "P₇₅ − P₂₅"),
    "firstorder_Kurtosis": (nil, "", "μ₄ / σ⁴, 0 where σ = 0: PyRadiomics; IBSI's is 3 less"),
    "firstorder_Maximum": ("84IY", "intensity", "max x"),
    "firstorder_MeanAbsoluteDeviation": ("4FUA", "intensity", "Σ |x − mean| / n"),
    "firstorder_Mean": ("Q4LE", "intensity", "Σ x / n"),
    "firstorder_Median": ("Y12H", "intensity", "P₅₀"),
    "firstorder_Minimum": ("1GSF", "intensity", "min x"),
    "firstorder_Range": ("2OJQ", "intensity", "max x − min x"),
    "firstorder_RobustMeanAbsoluteDeviation": (
      "1128", "intensity", "mean absolute deviation of the intensities from P₁₀ to P₉₀"
    ),
    "firstorder_RootMeanSquared": ("5ZWQ", "intensity", "√(Σ (x + c)² / n); IBSI's for c = 0"),
    "firstorder_Skewness": ("KE2A", "", "μ₃ / σ³, 0 where σ = 0"),
    "firstorder_TotalEnergy": (nil, "intensity²·mm³", "voxel volume · Σ (x + c)²: PyRadiomics"),
    "firstorder_Uniformity": ("BJ5W", "", "Σ pᵢ² over grey levels"),
    "firstorder_Variance": ("ECT3", "intensity²", "Σ (x − mean)² / n"),
    "glcm_Autocorrelation": ("QWB0", "", "Σᵢⱼ i·j·pᵢⱼ"),
    "glcm_ClusterProminence": ("AE86", "", "Σᵢⱼ (i + j − 2μ)⁴·pᵢⱼ"),
    "glcm_ClusterShade": ("7NFM", "", "Σᵢⱼ (i + j − 2μ)³·pᵢⱼ"),
    "glcm_ClusterTendency": ("DG8W", "", "Σᵢⱼ (i + j − 2μ)²·pᵢⱼ"),
    "glcm_Contrast": ("ACUI", "", "Σᵢⱼ (i − j)²·pᵢⱼ"),
    "glcm_Correlation": ("NI2N", "", "Σᵢⱼ (i − μ)·(j − μ)·pᵢⱼ / σ²; 1 where σ = 0"),
    "glcm_DifferenceAverage": ("TF7R", "", "μ₋ = Σₖ k·p₋(k)"),
    "glcm_DifferenceEntropy": ("NTRS", "bit", "−Σₖ p₋(k)·log₂ p₋(k)"),
    "glcm_DifferenceVariance": ("D3YU", "", "Σₖ (k − μ₋)²·p₋(k)"),
    "glcm_Id": ("IB1Z", "", "Σᵢⱼ pᵢⱼ / (1 + |i − j|)"),
    "glcm_Idm": ("WF0Z", "", "Σᵢⱼ pᵢⱼ / (1 + (i − j)²)"),
    "glcm_Idmn": ("1QCO", "", "Σᵢⱼ pᵢⱼ / (1 + (i − j)² / Ng²)"),
    "glcm_Idn": ("NDRX", "", "Σᵢⱼ pᵢⱼ / (1 + |i − j| / Ng)"),
    "glcm_Imc1": ("R8DG", "", "(H − 2 Hₓ) / Hₓ; 0 where Hₓ = 0"),
    "glcm_Imc2": ("JN9H", "", "√(1 − exp(−2 (2 Hₓ − H)))"),
    "glcm_InverseVariance": ("E8JP", "", "Σₖ p₋(k) / k², k > 0"),
    "glcm_JointAverage": ("60VM", "", "μ = Σᵢⱼ i·pᵢⱼ"),
    "glcm_JointEnergy": ("8ZQL", "", "Σᵢⱼ pᵢⱼ²"),
    "glcm_JointEntropy": ("TU9B", "bit", "H = −Σᵢⱼ pᵢⱼ·log₂ pᵢⱼ"),
    "glcm_MCC": (
      nil, "",
      "√ of the second largest eigenvalue of Qᵢⱼ = Σₖ pᵢₖ·pⱼₖ / (pᵢ·pₖ); 1 where the region has one grey level: PyRadiomics"
    ),
    "glcm_MaximumProbability": ("GYBY", "", "max pᵢⱼ"),
    "glcm_SumAverage": ("ZGXS", "", "Σₖ k·p₊(k)"),
    "glcm_SumEntropy": ("P6QZ", "bit", "−Σₖ p₊(k)·log₂ p₊(k)"),
    "glcm_SumSquares": ("UR99", "", "σ² = Σᵢⱼ (i − μ)²·pᵢⱼ"),
  ]
}
