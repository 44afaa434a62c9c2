// SPDX-License-Identifier: Apache-2.0
import CSIMD

/// What this build needs of the processor, and whether it has it.
public enum Processor {
  /// The level the pixel kernels were built for.
  public static var level: String {
    #if LUMEN_V3
      "x86-64-v3"
    #elseif arch(x86_64)
      "x86-64"
    #else
      "native"
    #endif
  }

  /// The processor's own name, "" when it has none.
  public static var name: String { String(cString: csimd_cpu_name()) }

  /// A message when this processor cannot run this build; nil when it can. Called first thing in `main`.
  public static var complaint: String? {
    #if LUMEN_V3
      csimd_cpu_is_v3() != 0
        ? nil
        : "this build needs a processor with AVX2, FMA and BMI2 (x86-64-v3, 2013 or later); "
          + "rebuild with LUMEN_CPU= for older ones"
    #else
      nil
    #endif
  }
}
