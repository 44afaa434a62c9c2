// SPDX-License-Identifier: Apache-2.0
// Generated from the IBSI 1 reference values for the digital phantom: reference manual, chapter 3 (CC BY 4.0), compared with
// the compliance spreadsheet (theibsi/ibsi_1_data_analysis, commit 4feb75e) and MIRP's tables (commit d8a6a72). Cite:
// Zwanenburg et al., Radiology 2020;295:328-338. One line a value: tag, IBSI code, aggregation, value, tolerance, family, name.
// The rows are those of the families that Lumen measures.

let digitalPhantomReference = """
  morph_volume|RNU0|-|556|4|Morphology|Volume (mesh)
  morph_vol_approx|YEKZ|-|592|4|Morphology|Volume (voxel counting)
  morph_area_mesh|C0JK|-|388|3|Morphology|Surface area (mesh)
  morph_av|2PR5|-|0.698|0.004|Morphology|Surface to volume ratio
  morph_comp_1|SKGS|-|0.0411|0.0003|Morphology|Compactness 1
  morph_comp_2|BQWJ|-|0.599|0.004|Morphology|Compactness 2
  morph_sph_dispr|KRCK|-|1.19|0.01|Morphology|Spherical disproportion
  morph_sphericity|QCFX|-|0.843|0.005|Morphology|Sphericity
  morph_asphericity|25C7|-|0.186|0.001|Morphology|Asphericity
  morph_com|KLMA|-|0.672|0.004|Morphology|Centre of mass shift
  morph_diam|L0JK|-|13.1|0.1|Morphology|Maximum 3D diameter
  morph_pca_maj_axis|TDIC|-|11.4|0.1|Morphology|Major axis length
  morph_pca_min_axis|P9VJ|-|9.31|0.06|Morphology|Minor axis length
  morph_pca_least_axis|7J51|-|8.54|0.05|Morphology|Least axis length
  morph_pca_elongation|Q3CK|-|0.816|0.005|Morphology|Elongation
  morph_pca_flatness|N17B|-|0.749|0.005|Morphology|Flatness
  morph_vol_dens_aabb|PBX1|-|0.869|0.005|Morphology|Volume density (AABB)
  morph_area_dens_aabb|R59B|-|0.866|0.005|Morphology|Area density (AABB)
  morph_vol_dens_aee|6BDE|-|1.17|0.01|Morphology|Volume density (AEE)
  morph_area_dens_aee|RDD2|-|1.36|0.01|Morphology|Area density (AEE)
  morph_vol_dens_conv_hull|R3ER|-|0.961|0.006|Morphology|Volume density (convex hull)
  morph_area_dens_conv_hull|7T7F|-|1.03|0.01|Morphology|Area density (convex hull)
  morph_integ_int|99N0|-|1200|10|Morphology|Integrated intensity
  morph_moran_i|N365|-|0.0397|0.0003|Morphology|Moran's I index
  morph_geary_c|NPT7|-|0.974|0.006|Morphology|Geary's C measure
  loc_peak_loc|VJGA|-|2.6|0|Local intensity|Local intensity peak
  loc_peak_glob|0F91|-|3.1|0|Local intensity|Global intensity peak
  stat_mean|Q4LE|-|2.15|0|Intensity-based statistics|Mean
  stat_var|ECT3|-|3.05|0|Intensity-based statistics|Variance
  stat_skew|KE2A|-|1.08|0|Intensity-based statistics|Skewness
  stat_kurt|IPH6|-|-0.355|0|Intensity-based statistics|(Excess) kurtosis
  stat_median|Y12H|-|1|0|Intensity-based statistics|Median
  stat_min|1GSF|-|1|0|Intensity-based statistics|Minimum
  stat_p10|QG58|-|1|0|Intensity-based statistics|10th percentile
  stat_p90|8DWT|-|4|0|Intensity-based statistics|90th percentile
  stat_max|84IY|-|6|0|Intensity-based statistics|Maximum
  stat_iqr|SALO|-|3|0|Intensity-based statistics|Interquartile range
  stat_range|2OJQ|-|5|0|Intensity-based statistics|Range
  stat_mad|4FUA|-|1.55|0|Intensity-based statistics|Mean absolute deviation
  stat_rmad|1128|-|1.11|0|Intensity-based statistics|Robust mean absolute deviation
  stat_medad|N72L|-|1.15|0|Intensity-based statistics|Median absolute deviation
  stat_cov|7TET|-|0.812|0|Intensity-based statistics|Coefficient of variation
  stat_qcod|9S40|-|0.6|0|Intensity-based statistics|Quartile coefficient of dispersion
  stat_energy|N8CA|-|567|0|Intensity-based statistics|Energy
  stat_rms|5ZWQ|-|2.77|0|Intensity-based statistics|Root mean square
  ih_mean|X6K6|-|2.15|0|Intensity histogram|Mean
  ih_var|CH89|-|3.05|0|Intensity histogram|Variance
  ih_skew|88K1|-|1.08|0|Intensity histogram|Skewness
  ih_kurt|C3I7|-|-0.355|0|Intensity histogram|(Excess) kurtosis
  ih_median|WIFQ|-|1|0|Intensity histogram|Median
  ih_min|1PR8|-|1|0|Intensity histogram|Minimum
  ih_p10|GPMT|-|1|0|Intensity histogram|10th percentile
  ih_p90|OZ0C|-|4|0|Intensity histogram|90th percentile
  ih_max|3NCY|-|6|0|Intensity histogram|Maximum
  ih_mode|AMMC|-|1|0|Intensity histogram|Mode
  ih_iqr|WR0O|-|3|0|Intensity histogram|Interquartile range
  ih_range|5Z3W|-|5|0|Intensity histogram|Range
  ih_mad|D2ZX|-|1.55|0|Intensity histogram|Mean absolute deviation
  ih_rmad|WRZB|-|1.11|0|Intensity histogram|Robust mean absolute deviation
  ih_medad|4RNL|-|1.15|0|Intensity histogram|Median absolute deviation
  ih_cov|CWYJ|-|0.812|0|Intensity histogram|Coefficient of variation
  ih_qcod|SLWD|-|0.6|0|Intensity histogram|Quartile coefficient of dispersion
  ih_entropy|TLU2|-|1.27|0|Intensity histogram|Entropy
  ih_uniformity|BJ5W|-|0.512|0|Intensity histogram|Uniformity
  ih_max_grad|12CE|-|8|0|Intensity histogram|Maximum histogram gradient
  ih_max_grad_g|8E6O|-|3|0|Intensity histogram|Maximum histogram gradient intensity
  ih_min_grad|VQB3|-|-50|0|Intensity histogram|Minimum histogram gradient
  ih_min_grad_g|RHQZ|-|1|0|Intensity histogram|Minimum histogram gradient intensity
  ivh_v10|NK6P|-|0.324|0|Intensity-volume histogram|Volume fraction at 10% intensity
  ivh_v90|4279|-|0.0946|0|Intensity-volume histogram|Volume fraction at 90% intensity
  ivh_i10|PWN1|-|5|0|Intensity-volume histogram|Intensity at 10% volume
  ivh_i90|BOHI|-|2|0|Intensity-volume histogram|Intensity at 90% volume
  ivh_diff_v10_v90|WITY|-|0.23|0|Intensity-volume histogram|Volume fraction difference between 10% and 90% intensity
  ivh_diff_i10_i90|JXJA|-|3|0|Intensity-volume histogram|Intensity difference between 10% and 90% volume
  cm_joint_max|GYBY|2D:avg|0.519|0|GLCM|Joint maximum
  cm_joint_avg|60VM|2D:avg|2.14|0|GLCM|Joint average
  cm_joint_var|UR99|2D:avg|2.69|0|GLCM|Joint variance
  cm_joint_entr|TU9B|2D:avg|2.05|0|GLCM|Joint entropy
  cm_diff_avg|TF7R|2D:avg|1.42|0|GLCM|Difference average
  cm_diff_var|D3YU|2D:avg|2.9|0|GLCM|Difference variance
  cm_diff_entr|NTRS|2D:avg|1.4|0|GLCM|Difference entropy
  cm_sum_avg|ZGXS|2D:avg|4.28|0|GLCM|Sum average
  cm_sum_var|OEEB|2D:avg|5.47|0|GLCM|Sum variance
  cm_sum_entr|P6QZ|2D:avg|1.6|0|GLCM|Sum entropy
  cm_energy|8ZQL|2D:avg|0.368|0|GLCM|Angular second moment
  cm_contrast|ACUI|2D:avg|5.28|0|GLCM|Contrast
  cm_dissimilarity|8S9J|2D:avg|1.42|0|GLCM|Dissimilarity
  cm_inv_diff|IB1Z|2D:avg|0.678|0|GLCM|Inverse difference
  cm_inv_diff_norm|NDRX|2D:avg|0.851|0|GLCM|Normalised inverse difference
  cm_inv_diff_mom|WF0Z|2D:avg|0.619|0|GLCM|Inverse difference moment
  cm_inv_diff_mom_norm|1QCO|2D:avg|0.899|0|GLCM|Normalised inverse difference moment
  cm_inv_var|E8JP|2D:avg|0.0567|0|GLCM|Inverse variance
  cm_corr|NI2N|2D:avg|-0.0121|0|GLCM|Correlation
  cm_auto_corr|QWB0|2D:avg|5.09|0|GLCM|Autocorrelation
  cm_clust_tend|DG8W|2D:avg|5.47|0|GLCM|Cluster tendency
  cm_clust_shade|7NFM|2D:avg|7|0|GLCM|Cluster shade
  cm_clust_prom|AE86|2D:avg|79.1|0|GLCM|Cluster prominence
  cm_info_corr1|R8DG|2D:avg|-0.155|0|GLCM|Information correlation 1
  cm_info_corr2|JN9H|2D:avg|0.487|0|GLCM|Information correlation 2
  cm_joint_max|GYBY|2D:mrg|0.512|0|GLCM|Joint maximum
  cm_joint_avg|60VM|2D:mrg|2.14|0|GLCM|Joint average
  cm_joint_var|UR99|2D:mrg|2.71|0|GLCM|Joint variance
  cm_joint_entr|TU9B|2D:mrg|2.24|0|GLCM|Joint entropy
  cm_diff_avg|TF7R|2D:mrg|1.4|0|GLCM|Difference average
  cm_diff_var|D3YU|2D:mrg|3.06|0|GLCM|Difference variance
  cm_diff_entr|NTRS|2D:mrg|1.49|0|GLCM|Difference entropy
  cm_sum_avg|ZGXS|2D:mrg|4.29|0|GLCM|Sum average
  cm_sum_var|OEEB|2D:mrg|5.66|0|GLCM|Sum variance
  cm_sum_entr|P6QZ|2D:mrg|1.79|0|GLCM|Sum entropy
  cm_energy|8ZQL|2D:mrg|0.352|0|GLCM|Angular second moment
  cm_contrast|ACUI|2D:mrg|5.19|0|GLCM|Contrast
  cm_dissimilarity|8S9J|2D:mrg|1.4|0|GLCM|Dissimilarity
  cm_inv_diff|IB1Z|2D:mrg|0.683|0|GLCM|Inverse difference
  cm_inv_diff_norm|NDRX|2D:mrg|0.854|0|GLCM|Normalised inverse difference
  cm_inv_diff_mom|WF0Z|2D:mrg|0.625|0|GLCM|Inverse difference moment
  cm_inv_diff_mom_norm|1QCO|2D:mrg|0.901|0|GLCM|Normalised inverse difference moment
  cm_inv_var|E8JP|2D:mrg|0.0553|0|GLCM|Inverse variance
  cm_corr|NI2N|2D:mrg|0.0173|0|GLCM|Correlation
  cm_auto_corr|QWB0|2D:mrg|5.14|0|GLCM|Autocorrelation
  cm_clust_tend|DG8W|2D:mrg|5.66|0|GLCM|Cluster tendency
  cm_clust_shade|7NFM|2D:mrg|6.98|0|GLCM|Cluster shade
  cm_clust_prom|AE86|2D:mrg|80.4|0|GLCM|Cluster prominence
  cm_info_corr1|R8DG|2D:mrg|-0.0341|0|GLCM|Information correlation 1
  cm_info_corr2|JN9H|2D:mrg|0.263|0|GLCM|Information correlation 2
  cm_joint_max|GYBY|2.5D:avg|0.489|0|GLCM|Joint maximum
  cm_joint_avg|60VM|2.5D:avg|2.2|0|GLCM|Joint average
  cm_joint_var|UR99|2.5D:avg|3.22|0|GLCM|Joint variance
  cm_joint_entr|TU9B|2.5D:avg|2.48|0|GLCM|Joint entropy
  cm_diff_avg|TF7R|2.5D:avg|1.46|0|GLCM|Difference average
  cm_diff_var|D3YU|2.5D:avg|3.11|0|GLCM|Difference variance
  cm_diff_entr|NTRS|2.5D:avg|1.61|0|GLCM|Difference entropy
  cm_sum_avg|ZGXS|2.5D:avg|4.41|0|GLCM|Sum average
  cm_sum_var|OEEB|2.5D:avg|7.48|0|GLCM|Sum variance
  cm_sum_entr|P6QZ|2.5D:avg|2.01|0|GLCM|Sum entropy
  cm_energy|8ZQL|2.5D:avg|0.286|0|GLCM|Angular second moment
  cm_contrast|ACUI|2.5D:avg|5.39|0|GLCM|Contrast
  cm_dissimilarity|8S9J|2.5D:avg|1.46|0|GLCM|Dissimilarity
  cm_inv_diff|IB1Z|2.5D:avg|0.668|0|GLCM|Inverse difference
  cm_inv_diff_norm|NDRX|2.5D:avg|0.847|0|GLCM|Normalised inverse difference
  cm_inv_diff_mom|WF0Z|2.5D:avg|0.606|0|GLCM|Inverse difference moment
  cm_inv_diff_mom_norm|1QCO|2.5D:avg|0.897|0|GLCM|Normalised inverse difference moment
  cm_inv_var|E8JP|2.5D:avg|0.0597|0|GLCM|Inverse variance
  cm_corr|NI2N|2.5D:avg|0.178|0|GLCM|Correlation
  cm_auto_corr|QWB0|2.5D:avg|5.4|0|GLCM|Autocorrelation
  cm_clust_tend|DG8W|2.5D:avg|7.48|0|GLCM|Cluster tendency
  cm_clust_shade|7NFM|2.5D:avg|16.6|0|GLCM|Cluster shade
  cm_clust_prom|AE86|2.5D:avg|147|0|GLCM|Cluster prominence
  cm_info_corr1|R8DG|2.5D:avg|-0.124|0|GLCM|Information correlation 1
  cm_info_corr2|JN9H|2.5D:avg|0.487|0|GLCM|Information correlation 2
  cm_joint_max|GYBY|2.5D:mrg|0.492|0|GLCM|Joint maximum
  cm_joint_avg|60VM|2.5D:mrg|2.2|0|GLCM|Joint average
  cm_joint_var|UR99|2.5D:mrg|3.24|0|GLCM|Joint variance
  cm_joint_entr|TU9B|2.5D:mrg|2.61|0|GLCM|Joint entropy
  cm_diff_avg|TF7R|2.5D:mrg|1.44|0|GLCM|Difference average
  cm_diff_var|D3YU|2.5D:mrg|3.23|0|GLCM|Difference variance
  cm_diff_entr|NTRS|2.5D:mrg|1.67|0|GLCM|Difference entropy
  cm_sum_avg|ZGXS|2.5D:mrg|4.41|0|GLCM|Sum average
  cm_sum_var|OEEB|2.5D:mrg|7.65|0|GLCM|Sum variance
  cm_sum_entr|P6QZ|2.5D:mrg|2.14|0|GLCM|Sum entropy
  cm_energy|8ZQL|2.5D:mrg|0.277|0|GLCM|Angular second moment
  cm_contrast|ACUI|2.5D:mrg|5.29|0|GLCM|Contrast
  cm_dissimilarity|8S9J|2.5D:mrg|1.44|0|GLCM|Dissimilarity
  cm_inv_diff|IB1Z|2.5D:mrg|0.673|0|GLCM|Inverse difference
  cm_inv_diff_norm|NDRX|2.5D:mrg|0.85|0|GLCM|Normalised inverse difference
  cm_inv_diff_mom|WF0Z|2.5D:mrg|0.613|0|GLCM|Inverse difference moment
  cm_inv_diff_mom_norm|1QCO|2.5D:mrg|0.899|0|GLCM|Normalised inverse difference moment
  cm_inv_var|E8JP|2.5D:mrg|0.0582|0|GLCM|Inverse variance
  cm_corr|NI2N|2.5D:mrg|0.182|0|GLCM|Correlation
  cm_auto_corr|QWB0|2.5D:mrg|5.45|0|GLCM|Autocorrelation
  cm_clust_tend|DG8W|2.5D:mrg|7.65|0|GLCM|Cluster tendency
  cm_clust_shade|7NFM|2.5D:mrg|16.4|0|GLCM|Cluster shade
  cm_clust_prom|AE86|2.5D:mrg|142|0|GLCM|Cluster prominence
  cm_info_corr1|R8DG|2.5D:mrg|-0.0334|0|GLCM|Information correlation 1
  cm_info_corr2|JN9H|2.5D:mrg|0.291|0|GLCM|Information correlation 2
  cm_joint_max|GYBY|3D:avg|0.503|0|GLCM|Joint maximum
  cm_joint_avg|60VM|3D:avg|2.14|0|GLCM|Joint average
  cm_joint_var|UR99|3D:avg|3.1|0|GLCM|Joint variance
  cm_joint_entr|TU9B|3D:avg|2.4|0|GLCM|Joint entropy
  cm_diff_avg|TF7R|3D:avg|1.43|0|GLCM|Difference average
  cm_diff_var|D3YU|3D:avg|3.06|0|GLCM|Difference variance
  cm_diff_entr|NTRS|3D:avg|1.56|0|GLCM|Difference entropy
  cm_sum_avg|ZGXS|3D:avg|4.29|0|GLCM|Sum average
  cm_sum_var|OEEB|3D:avg|7.07|0|GLCM|Sum variance
  cm_sum_entr|P6QZ|3D:avg|1.92|0|GLCM|Sum entropy
  cm_energy|8ZQL|3D:avg|0.303|0|GLCM|Angular second moment
  cm_contrast|ACUI|3D:avg|5.32|0|GLCM|Contrast
  cm_dissimilarity|8S9J|3D:avg|1.43|0|GLCM|Dissimilarity
  cm_inv_diff|IB1Z|3D:avg|0.677|0|GLCM|Inverse difference
  cm_inv_diff_norm|NDRX|3D:avg|0.851|0|GLCM|Normalised inverse difference
  cm_inv_diff_mom|WF0Z|3D:avg|0.618|0|GLCM|Inverse difference moment
  cm_inv_diff_mom_norm|1QCO|3D:avg|0.898|0|GLCM|Normalised inverse difference moment
  cm_inv_var|E8JP|3D:avg|0.0604|0|GLCM|Inverse variance
  cm_corr|NI2N|3D:avg|0.157|0|GLCM|Correlation
  cm_auto_corr|QWB0|3D:avg|5.06|0|GLCM|Autocorrelation
  cm_clust_tend|DG8W|3D:avg|7.07|0|GLCM|Cluster tendency
  cm_clust_shade|7NFM|3D:avg|16.6|0|GLCM|Cluster shade
  cm_clust_prom|AE86|3D:avg|145|0|GLCM|Cluster prominence
  cm_info_corr1|R8DG|3D:avg|-0.157|0|GLCM|Information correlation 1
  cm_info_corr2|JN9H|3D:avg|0.52|0|GLCM|Information correlation 2
  cm_joint_max|GYBY|3D:mrg|0.509|0|GLCM|Joint maximum
  cm_joint_avg|60VM|3D:mrg|2.15|0|GLCM|Joint average
  cm_joint_var|UR99|3D:mrg|3.13|0|GLCM|Joint variance
  cm_joint_entr|TU9B|3D:mrg|2.57|0|GLCM|Joint entropy
  cm_diff_avg|TF7R|3D:mrg|1.38|0|GLCM|Difference average
  cm_diff_var|D3YU|3D:mrg|3.21|0|GLCM|Difference variance
  cm_diff_entr|NTRS|3D:mrg|1.64|0|GLCM|Difference entropy
  cm_sum_avg|ZGXS|3D:mrg|4.3|0|GLCM|Sum average
  cm_sum_var|OEEB|3D:mrg|7.41|0|GLCM|Sum variance
  cm_sum_entr|P6QZ|3D:mrg|2.11|0|GLCM|Sum entropy
  cm_energy|8ZQL|3D:mrg|0.291|0|GLCM|Angular second moment
  cm_contrast|ACUI|3D:mrg|5.12|0|GLCM|Contrast
  cm_dissimilarity|8S9J|3D:mrg|1.38|0|GLCM|Dissimilarity
  cm_inv_diff|IB1Z|3D:mrg|0.688|0|GLCM|Inverse difference
  cm_inv_diff_norm|NDRX|3D:mrg|0.856|0|GLCM|Normalised inverse difference
  cm_inv_diff_mom|WF0Z|3D:mrg|0.631|0|GLCM|Inverse difference moment
  cm_inv_diff_mom_norm|1QCO|3D:mrg|0.902|0|GLCM|Normalised inverse difference moment
  cm_inv_var|E8JP|3D:mrg|0.0574|0|GLCM|Inverse variance
  cm_corr|NI2N|3D:mrg|0.183|0|GLCM|Correlation
  cm_auto_corr|QWB0|3D:mrg|5.19|0|GLCM|Autocorrelation
  cm_clust_tend|DG8W|3D:mrg|7.41|0|GLCM|Cluster tendency
  cm_clust_shade|7NFM|3D:mrg|17.4|0|GLCM|Cluster shade
  cm_clust_prom|AE86|3D:mrg|147|0|GLCM|Cluster prominence
  cm_info_corr1|R8DG|3D:mrg|-0.0288|0|GLCM|Information correlation 1
  cm_info_corr2|JN9H|3D:mrg|0.269|0|GLCM|Information correlation 2
  rlm_sre|22OV|2D:avg|0.641|0|GLRLM|Short runs emphasis
  rlm_lre|W4KF|2D:avg|3.78|0|GLRLM|Long runs emphasis
  rlm_lgre|V3SW|2D:avg|0.604|0|GLRLM|Low grey level run emphasis
  rlm_hgre|G3QZ|2D:avg|9.82|0|GLRLM|High grey level run emphasis
  rlm_srlge|HTZT|2D:avg|0.294|0|GLRLM|Short run low grey level emphasis
  rlm_srhge|GD3A|2D:avg|8.57|0|GLRLM|Short run high grey level emphasis
  rlm_lrlge|IVPO|2D:avg|3.14|0|GLRLM|Long run low grey level emphasis
  rlm_lrhge|3KUM|2D:avg|17.4|0|GLRLM|Long run high grey level emphasis
  rlm_glnu|R5YN|2D:avg|5.2|0|GLRLM|Grey level non-uniformity
  rlm_glnu_norm|OVBL|2D:avg|0.46|0|GLRLM|Normalised grey level non-uniformity
  rlm_rlnu|W92Y|2D:avg|6.12|0|GLRLM|Run length non-uniformity
  rlm_rlnu_norm|IC23|2D:avg|0.492|0|GLRLM|Normalised run length non-uniformity
  rlm_r_perc|9ZK5|2D:avg|0.627|0|GLRLM|Run percentage
  rlm_gl_var|8CE5|2D:avg|3.35|0|GLRLM|Grey level variance
  rlm_rl_var|SXLW|2D:avg|0.761|0|GLRLM|Run length variance
  rlm_rl_entr|HJ9O|2D:avg|2.17|0|GLRLM|Run entropy
  rlm_sre|22OV|2D:mrg|0.661|0|GLRLM|Short runs emphasis
  rlm_lre|W4KF|2D:mrg|3.51|0|GLRLM|Long runs emphasis
  rlm_lgre|V3SW|2D:mrg|0.609|0|GLRLM|Low grey level run emphasis
  rlm_hgre|G3QZ|2D:mrg|9.74|0|GLRLM|High grey level run emphasis
  rlm_srlge|HTZT|2D:mrg|0.311|0|GLRLM|Short run low grey level emphasis
  rlm_srhge|GD3A|2D:mrg|8.67|0|GLRLM|Short run high grey level emphasis
  rlm_lrlge|IVPO|2D:mrg|2.92|0|GLRLM|Long run low grey level emphasis
  rlm_lrhge|3KUM|2D:mrg|16.1|0|GLRLM|Long run high grey level emphasis
  rlm_glnu|R5YN|2D:mrg|20.5|0|GLRLM|Grey level non-uniformity
  rlm_glnu_norm|OVBL|2D:mrg|0.456|0|GLRLM|Normalised grey level non-uniformity
  rlm_rlnu|W92Y|2D:mrg|21.6|0|GLRLM|Run length non-uniformity
  rlm_rlnu_norm|IC23|2D:mrg|0.441|0|GLRLM|Normalised run length non-uniformity
  rlm_r_perc|9ZK5|2D:mrg|0.627|0|GLRLM|Run percentage
  rlm_gl_var|8CE5|2D:mrg|3.37|0|GLRLM|Grey level variance
  rlm_rl_var|SXLW|2D:mrg|0.778|0|GLRLM|Run length variance
  rlm_rl_entr|HJ9O|2D:mrg|2.57|0|GLRLM|Run entropy
  rlm_sre|22OV|2.5D:avg|0.665|0|GLRLM|Short runs emphasis
  rlm_lre|W4KF|2.5D:avg|3.46|0|GLRLM|Long runs emphasis
  rlm_lgre|V3SW|2.5D:avg|0.58|0|GLRLM|Low grey level run emphasis
  rlm_hgre|G3QZ|2.5D:avg|10.3|0|GLRLM|High grey level run emphasis
  rlm_srlge|HTZT|2.5D:avg|0.296|0|GLRLM|Short run low grey level emphasis
  rlm_srhge|GD3A|2.5D:avg|9.03|0|GLRLM|Short run high grey level emphasis
  rlm_lrlge|IVPO|2.5D:avg|2.79|0|GLRLM|Long run low grey level emphasis
  rlm_lrhge|3KUM|2.5D:avg|17.9|0|GLRLM|Long run high grey level emphasis
  rlm_glnu|R5YN|2.5D:avg|19.5|0|GLRLM|Grey level non-uniformity
  rlm_glnu_norm|OVBL|2.5D:avg|0.413|0|GLRLM|Normalised grey level non-uniformity
  rlm_rlnu|W92Y|2.5D:avg|22.3|0|GLRLM|Run length non-uniformity
  rlm_rlnu_norm|IC23|2.5D:avg|0.461|0|GLRLM|Normalised run length non-uniformity
  rlm_r_perc|9ZK5|2.5D:avg|0.632|0|GLRLM|Run percentage
  rlm_gl_var|8CE5|2.5D:avg|3.58|0|GLRLM|Grey level variance
  rlm_rl_var|SXLW|2.5D:avg|0.758|0|GLRLM|Run length variance
  rlm_rl_entr|HJ9O|2.5D:avg|2.52|0|GLRLM|Run entropy
  rlm_sre|22OV|2.5D:mrg|0.68|0|GLRLM|Short runs emphasis
  rlm_lre|W4KF|2.5D:mrg|3.27|0|GLRLM|Long runs emphasis
  rlm_lgre|V3SW|2.5D:mrg|0.585|0|GLRLM|Low grey level run emphasis
  rlm_hgre|G3QZ|2.5D:mrg|10.2|0|GLRLM|High grey level run emphasis
  rlm_srlge|HTZT|2.5D:mrg|0.312|0|GLRLM|Short run low grey level emphasis
  rlm_srhge|GD3A|2.5D:mrg|9.05|0|GLRLM|Short run high grey level emphasis
  rlm_lrlge|IVPO|2.5D:mrg|2.63|0|GLRLM|Long run low grey level emphasis
  rlm_lrhge|3KUM|2.5D:mrg|17|0|GLRLM|Long run high grey level emphasis
  rlm_glnu|R5YN|2.5D:mrg|77.1|0|GLRLM|Grey level non-uniformity
  rlm_glnu_norm|OVBL|2.5D:mrg|0.412|0|GLRLM|Normalised grey level non-uniformity
  rlm_rlnu|W92Y|2.5D:mrg|83.2|0|GLRLM|Run length non-uniformity
  rlm_rlnu_norm|IC23|2.5D:mrg|0.445|0|GLRLM|Normalised run length non-uniformity
  rlm_r_perc|9ZK5|2.5D:mrg|0.632|0|GLRLM|Run percentage
  rlm_gl_var|8CE5|2.5D:mrg|3.59|0|GLRLM|Grey level variance
  rlm_rl_var|SXLW|2.5D:mrg|0.767|0|GLRLM|Run length variance
  rlm_rl_entr|HJ9O|2.5D:mrg|2.76|0|GLRLM|Run entropy
  rlm_sre|22OV|3D:avg|0.705|0|GLRLM|Short runs emphasis
  rlm_lre|W4KF|3D:avg|3.06|0|GLRLM|Long runs emphasis
  rlm_lgre|V3SW|3D:avg|0.603|0|GLRLM|Low grey level run emphasis
  rlm_hgre|G3QZ|3D:avg|9.7|0|GLRLM|High grey level run emphasis
  rlm_srlge|HTZT|3D:avg|0.352|0|GLRLM|Short run low grey level emphasis
  rlm_srhge|GD3A|3D:avg|8.54|0|GLRLM|Short run high grey level emphasis
  rlm_lrlge|IVPO|3D:avg|2.39|0|GLRLM|Long run low grey level emphasis
  rlm_lrhge|3KUM|3D:avg|17.6|0|GLRLM|Long run high grey level emphasis
  rlm_glnu|R5YN|3D:avg|21.8|0|GLRLM|Grey level non-uniformity
  rlm_glnu_norm|OVBL|3D:avg|0.43|0|GLRLM|Normalised grey level non-uniformity
  rlm_rlnu|W92Y|3D:avg|26.9|0|GLRLM|Run length non-uniformity
  rlm_rlnu_norm|IC23|3D:avg|0.513|0|GLRLM|Normalised run length non-uniformity
  rlm_r_perc|9ZK5|3D:avg|0.68|0|GLRLM|Run percentage
  rlm_gl_var|8CE5|3D:avg|3.46|0|GLRLM|Grey level variance
  rlm_rl_var|SXLW|3D:avg|0.574|0|GLRLM|Run length variance
  rlm_rl_entr|HJ9O|3D:avg|2.43|0|GLRLM|Run entropy
  rlm_sre|22OV|3D:mrg|0.729|0|GLRLM|Short runs emphasis
  rlm_lre|W4KF|3D:mrg|2.76|0|GLRLM|Long runs emphasis
  rlm_lgre|V3SW|3D:mrg|0.607|0|GLRLM|Low grey level run emphasis
  rlm_hgre|G3QZ|3D:mrg|9.64|0|GLRLM|High grey level run emphasis
  rlm_srlge|HTZT|3D:mrg|0.372|0|GLRLM|Short run low grey level emphasis
  rlm_srhge|GD3A|3D:mrg|8.67|0|GLRLM|Short run high grey level emphasis
  rlm_lrlge|IVPO|3D:mrg|2.16|0|GLRLM|Long run low grey level emphasis
  rlm_lrhge|3KUM|3D:mrg|15.6|0|GLRLM|Long run high grey level emphasis
  rlm_glnu|R5YN|3D:mrg|281|0|GLRLM|Grey level non-uniformity
  rlm_glnu_norm|OVBL|3D:mrg|0.43|0|GLRLM|Normalised grey level non-uniformity
  rlm_rlnu|W92Y|3D:mrg|328|0|GLRLM|Run length non-uniformity
  rlm_rlnu_norm|IC23|3D:mrg|0.501|0|GLRLM|Normalised run length non-uniformity
  rlm_r_perc|9ZK5|3D:mrg|0.68|0|GLRLM|Run percentage
  rlm_gl_var|8CE5|3D:mrg|3.48|0|GLRLM|Grey level variance
  rlm_rl_var|SXLW|3D:mrg|0.598|0|GLRLM|Run length variance
  rlm_rl_entr|HJ9O|3D:mrg|2.62|0|GLRLM|Run entropy
  szm_sze|5QRC|2D|0.363|0|GLSZM|Small zone emphasis
  szm_lze|48P8|2D|43.9|0|GLSZM|Large zone emphasis
  szm_lgze|XMSY|2D|0.371|0|GLSZM|Low grey level emphasis
  szm_hgze|5GN9|2D|16.4|0|GLSZM|High grey level emphasis
  szm_szlge|5RAI|2D|0.0259|0|GLSZM|Small zone low grey level emphasis
  szm_szhge|HW1V|2D|10.3|0|GLSZM|Small zone high grey level emphasis
  szm_lzlge|YH51|2D|40.4|0|GLSZM|Large zone low grey level emphasis
  szm_lzhge|J17V|2D|113|0|GLSZM|Large zone high grey level emphasis
  szm_glnu|JNSA|2D|1.41|0|GLSZM|Grey level non-uniformity
  szm_glnu_norm|Y1RO|2D|0.323|0|GLSZM|Normalised grey level non-uniformity
  szm_zsnu|4JP3|2D|1.49|0|GLSZM|Zone size non-uniformity
  szm_zsnu_norm|VB3A|2D|0.333|0|GLSZM|Normalised zone size non-uniformity
  szm_z_perc|P30P|2D|0.24|0|GLSZM|Zone percentage
  szm_gl_var|BYLV|2D|3.97|0|GLSZM|Grey level variance
  szm_zs_var|3NSA|2D|21|0|GLSZM|Zone size variance
  szm_zs_entr|GU8N|2D|1.93|0|GLSZM|Zone size entropy
  szm_sze|5QRC|2.5D|0.368|0|GLSZM|Small zone emphasis
  szm_lze|48P8|2.5D|34.2|0|GLSZM|Large zone emphasis
  szm_lgze|XMSY|2.5D|0.368|0|GLSZM|Low grey level emphasis
  szm_hgze|5GN9|2.5D|16.2|0|GLSZM|High grey level emphasis
  szm_szlge|5RAI|2.5D|0.0295|0|GLSZM|Small zone low grey level emphasis
  szm_szhge|HW1V|2.5D|9.87|0|GLSZM|Small zone high grey level emphasis
  szm_lzlge|YH51|2.5D|30.6|0|GLSZM|Large zone low grey level emphasis
  szm_lzhge|J17V|2.5D|107|0|GLSZM|Large zone high grey level emphasis
  szm_glnu|JNSA|2.5D|5.44|0|GLSZM|Grey level non-uniformity
  szm_glnu_norm|Y1RO|2.5D|0.302|0|GLSZM|Normalised grey level non-uniformity
  szm_zsnu|4JP3|2.5D|3.44|0|GLSZM|Zone size non-uniformity
  szm_zsnu_norm|VB3A|2.5D|0.191|0|GLSZM|Normalised zone size non-uniformity
  szm_z_perc|P30P|2.5D|0.243|0|GLSZM|Zone percentage
  szm_gl_var|BYLV|2.5D|3.92|0|GLSZM|Grey level variance
  szm_zs_var|3NSA|2.5D|17.3|0|GLSZM|Zone size variance
  szm_zs_entr|GU8N|2.5D|3.08|0|GLSZM|Zone size entropy
  szm_sze|5QRC|3D|0.255|0|GLSZM|Small zone emphasis
  szm_lze|48P8|3D|550|0|GLSZM|Large zone emphasis
  szm_lgze|XMSY|3D|0.253|0|GLSZM|Low grey level emphasis
  szm_hgze|5GN9|3D|15.6|0|GLSZM|High grey level emphasis
  szm_szlge|5RAI|3D|0.0256|0|GLSZM|Small zone low grey level emphasis
  szm_szhge|HW1V|3D|2.76|0|GLSZM|Small zone high grey level emphasis
  szm_lzlge|YH51|3D|503|0|GLSZM|Large zone low grey level emphasis
  szm_lzhge|J17V|3D|1490|0|GLSZM|Large zone high grey level emphasis
  szm_glnu|JNSA|3D|1.4|0|GLSZM|Grey level non-uniformity
  szm_glnu_norm|Y1RO|3D|0.28|0|GLSZM|Normalised grey level non-uniformity
  szm_zsnu|4JP3|3D|1|0|GLSZM|Zone size non-uniformity
  szm_zsnu_norm|VB3A|3D|0.2|0|GLSZM|Normalised zone size non-uniformity
  szm_z_perc|P30P|3D|0.0676|0|GLSZM|Zone percentage
  szm_gl_var|BYLV|3D|2.64|0|GLSZM|Grey level variance
  szm_zs_var|3NSA|3D|331|0|GLSZM|Zone size variance
  szm_zs_entr|GU8N|3D|2.32|0|GLSZM|Zone size entropy
  dzm_sde|0GBI|2D|0.946|0|GLDZM|Small distance emphasis
  dzm_lde|MB4I|2D|1.21|0|GLDZM|Large distance emphasis
  dzm_lgze|S1RA|2D|0.371|0|GLDZM|Low grey level emphasis
  dzm_hgze|K26C|2D|16.4|0|GLDZM|High grey level emphasis
  dzm_sdlge|RUVG|2D|0.367|0|GLDZM|Small distance low grey level emphasis
  dzm_sdhge|DKNJ|2D|15.2|0|GLDZM|Small distance high grey level emphasis
  dzm_ldlge|A7WM|2D|0.386|0|GLDZM|Large distance low grey level emphasis
  dzm_ldhge|KLTH|2D|21.3|0|GLDZM|Large distance high grey level emphasis
  dzm_glnu|VFT7|2D|1.41|0|GLDZM|Grey level non-uniformity
  dzm_glnu_norm|7HP3|2D|0.323|0|GLDZM|Normalised grey level non-uniformity
  dzm_zdnu|V294|2D|3.79|0|GLDZM|Zone distance non-uniformity
  dzm_zdnu_norm|IATH|2D|0.898|0|GLDZM|Normalised zone distance non-uniformity
  dzm_z_perc|VIWW|2D|0.24|0|GLDZM|Zone percentage
  dzm_gl_var|QK93|2D|3.97|0|GLDZM|Grey level variance
  dzm_zd_var|7WT1|2D|0.051|0|GLDZM|Zone distance variance
  dzm_zd_entr|GBDU|2D|1.73|0|GLDZM|Zone distance entropy
  dzm_sde|0GBI|2.5D|0.917|0|GLDZM|Small distance emphasis
  dzm_lde|MB4I|2.5D|1.33|0|GLDZM|Large distance emphasis
  dzm_lgze|S1RA|2.5D|0.368|0|GLDZM|Low grey level emphasis
  dzm_hgze|K26C|2.5D|16.2|0|GLDZM|High grey level emphasis
  dzm_sdlge|RUVG|2.5D|0.362|0|GLDZM|Small distance low grey level emphasis
  dzm_sdhge|DKNJ|2.5D|14.3|0|GLDZM|Small distance high grey level emphasis
  dzm_ldlge|A7WM|2.5D|0.391|0|GLDZM|Large distance low grey level emphasis
  dzm_ldhge|KLTH|2.5D|23.7|0|GLDZM|Large distance high grey level emphasis
  dzm_glnu|VFT7|2.5D|5.44|0|GLDZM|Grey level non-uniformity
  dzm_glnu_norm|7HP3|2.5D|0.302|0|GLDZM|Normalised grey level non-uniformity
  dzm_zdnu|V294|2.5D|14.4|0|GLDZM|Zone distance non-uniformity
  dzm_zdnu_norm|IATH|2.5D|0.802|0|GLDZM|Normalised zone distance non-uniformity
  dzm_z_perc|VIWW|2.5D|0.243|0|GLDZM|Zone percentage
  dzm_gl_var|QK93|2.5D|3.92|0|GLDZM|Grey level variance
  dzm_zd_var|7WT1|2.5D|0.0988|0|GLDZM|Zone distance variance
  dzm_zd_entr|GBDU|2.5D|2|0|GLDZM|Zone distance entropy
  dzm_sde|0GBI|3D|1|0|GLDZM|Small distance emphasis
  dzm_lde|MB4I|3D|1|0|GLDZM|Large distance emphasis
  dzm_lgze|S1RA|3D|0.253|0|GLDZM|Low grey level emphasis
  dzm_hgze|K26C|3D|15.6|0|GLDZM|High grey level emphasis
  dzm_sdlge|RUVG|3D|0.253|0|GLDZM|Small distance low grey level emphasis
  dzm_sdhge|DKNJ|3D|15.6|0|GLDZM|Small distance high grey level emphasis
  dzm_ldlge|A7WM|3D|0.253|0|GLDZM|Large distance low grey level emphasis
  dzm_ldhge|KLTH|3D|15.6|0|GLDZM|Large distance high grey level emphasis
  dzm_glnu|VFT7|3D|1.4|0|GLDZM|Grey level non-uniformity
  dzm_glnu_norm|7HP3|3D|0.28|0|GLDZM|Normalised grey level non-uniformity
  dzm_zdnu|V294|3D|5|0|GLDZM|Zone distance non-uniformity
  dzm_zdnu_norm|IATH|3D|1|0|GLDZM|Normalised zone distance non-uniformity
  dzm_z_perc|VIWW|3D|0.0676|0|GLDZM|Zone percentage
  dzm_gl_var|QK93|3D|2.64|0|GLDZM|Grey level variance
  dzm_zd_var|7WT1|3D|0|0|GLDZM|Zone distance variance
  dzm_zd_entr|GBDU|3D|1.92|0|GLDZM|Zone distance entropy
  ngt_coarseness|QCDE|2D|0.121|0|NGTDM|Coarseness
  ngt_contrast|65HE|2D|0.925|0|NGTDM|Contrast
  ngt_busyness|NQ30|2D|2.99|0|NGTDM|Busyness
  ngt_complexity|HDEZ|2D|10.4|0|NGTDM|Complexity
  ngt_strength|1X9X|2D|2.88|0|NGTDM|Strength
  ngt_coarseness|QCDE|2.5D|0.0285|0|NGTDM|Coarseness
  ngt_contrast|65HE|2.5D|0.601|0|NGTDM|Contrast
  ngt_busyness|NQ30|2.5D|6.8|0|NGTDM|Busyness
  ngt_complexity|HDEZ|2.5D|14.1|0|NGTDM|Complexity
  ngt_strength|1X9X|2.5D|0.741|0|NGTDM|Strength
  ngt_coarseness|QCDE|3D|0.0296|0|NGTDM|Coarseness
  ngt_contrast|65HE|3D|0.584|0|NGTDM|Contrast
  ngt_busyness|NQ30|3D|6.54|0|NGTDM|Busyness
  ngt_complexity|HDEZ|3D|13.5|0|NGTDM|Complexity
  ngt_strength|1X9X|3D|0.763|0|NGTDM|Strength
  ngl_lde|SODN|2D|0.158|0|NGLDM|Low dependence emphasis
  ngl_hde|IMOQ|2D|19.2|0|NGLDM|High dependence emphasis
  ngl_lgce|TL9H|2D|0.702|0|NGLDM|Low grey level count emphasis
  ngl_hgce|OAE7|2D|7.49|0|NGLDM|High grey level count emphasis
  ngl_ldlge|EQ3F|2D|0.0473|0|NGLDM|Low dependence low grey level emphasis
  ngl_ldhge|JA6D|2D|3.06|0|NGLDM|Low dependence high grey level emphasis
  ngl_hdlge|NBZI|2D|17.6|0|NGLDM|High dependence low grey level emphasis
  ngl_hdhge|9QMG|2D|49.5|0|NGLDM|High dependence high grey level emphasis
  ngl_glnu|FP8K|2D|10.2|0|NGLDM|Grey level non-uniformity
  ngl_glnu_norm|5SPA|2D|0.562|0|NGLDM|Normalised grey level non-uniformity
  ngl_dcnu|Z87G|2D|3.96|0|NGLDM|Dependence count non-uniformity
  ngl_dcnu_norm|OKJI|2D|0.212|0|NGLDM|Normalised dependence count non-uniformity
  ngl_dc_perc|6XV8|2D|1|0|NGLDM|Dependence count percentage
  ngl_gl_var|1PFV|2D|2.7|0|NGLDM|Grey level variance
  ngl_dc_var|DNX2|2D|2.73|0|NGLDM|Dependence count variance
  ngl_dc_entr|FCBV|2D|2.71|0|NGLDM|Dependence count entropy
  ngl_dc_energy|CAS9|2D|0.17|0|NGLDM|Dependence count energy
  ngl_lde|SODN|2.5D|0.159|0|NGLDM|Low dependence emphasis
  ngl_hde|IMOQ|2.5D|18.8|0|NGLDM|High dependence emphasis
  ngl_lgce|TL9H|2.5D|0.693|0|NGLDM|Low grey level count emphasis
  ngl_hgce|OAE7|2.5D|7.66|0|NGLDM|High grey level count emphasis
  ngl_ldlge|EQ3F|2.5D|0.0477|0|NGLDM|Low dependence low grey level emphasis
  ngl_ldhge|JA6D|2.5D|3.07|0|NGLDM|Low dependence high grey level emphasis
  ngl_hdlge|NBZI|2.5D|17.2|0|NGLDM|High dependence low grey level emphasis
  ngl_hdhge|9QMG|2.5D|50.8|0|NGLDM|High dependence high grey level emphasis
  ngl_glnu|FP8K|2.5D|37.9|0|NGLDM|Grey level non-uniformity
  ngl_glnu_norm|5SPA|2.5D|0.512|0|NGLDM|Normalised grey level non-uniformity
  ngl_dcnu|Z87G|2.5D|12.4|0|NGLDM|Dependence count non-uniformity
  ngl_dcnu_norm|OKJI|2.5D|0.167|0|NGLDM|Normalised dependence count non-uniformity
  ngl_dc_perc|6XV8|2.5D|1|0|NGLDM|Dependence count percentage
  ngl_gl_var|1PFV|2.5D|3.05|0|NGLDM|Grey level variance
  ngl_dc_var|DNX2|2.5D|3.27|0|NGLDM|Dependence count variance
  ngl_dc_entr|FCBV|2.5D|3.36|0|NGLDM|Dependence count entropy
  ngl_dc_energy|CAS9|2.5D|0.122|0|NGLDM|Dependence count energy
  ngl_lde|SODN|3D|0.045|0|NGLDM|Low dependence emphasis
  ngl_hde|IMOQ|3D|109|0|NGLDM|High dependence emphasis
  ngl_lgce|TL9H|3D|0.693|0|NGLDM|Low grey level count emphasis
  ngl_hgce|OAE7|3D|7.66|0|NGLDM|High grey level count emphasis
  ngl_ldlge|EQ3F|3D|0.00963|0|NGLDM|Low dependence low grey level emphasis
  ngl_ldhge|JA6D|3D|0.736|0|NGLDM|Low dependence high grey level emphasis
  ngl_hdlge|NBZI|3D|102|0|NGLDM|High dependence low grey level emphasis
  ngl_hdhge|9QMG|3D|235|0|NGLDM|High dependence high grey level emphasis
  ngl_glnu|FP8K|3D|37.9|0|NGLDM|Grey level non-uniformity
  ngl_glnu_norm|5SPA|3D|0.512|0|NGLDM|Normalised grey level non-uniformity
  ngl_dcnu|Z87G|3D|4.86|0|NGLDM|Dependence count non-uniformity
  ngl_dcnu_norm|OKJI|3D|0.0657|0|NGLDM|Normalised dependence count non-uniformity
  ngl_dc_perc|6XV8|3D|1|0|NGLDM|Dependence count percentage
  ngl_gl_var|1PFV|3D|3.05|0|NGLDM|Grey level variance
  ngl_dc_var|DNX2|3D|22.1|0|NGLDM|Dependence count variance
  ngl_dc_entr|FCBV|3D|4.4|0|NGLDM|Dependence count entropy
  ngl_dc_energy|CAS9|3D|0.0533|0|NGLDM|Dependence count energy
  """
