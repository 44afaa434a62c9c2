// SPDX-License-Identifier: Apache-2.0
// The vector operations that Swift's SIMD types lack or do slowly. The bodies inline into Swift and follow its -march.
#ifndef CSIMD_H
#define CSIMD_H
#include <stdint.h>

#define VEC static inline __attribute__((always_inline))
typedef float v_f32x16 __attribute__((ext_vector_type(16)));
typedef int32_t v_i32x16 __attribute__((ext_vector_type(16)));

VEC v_f32x16 v_sqrt(v_f32x16 a) { return __builtin_elementwise_sqrt(a); }
/// The caller has clamped to the range of Int32.
VEC v_i32x16 v_to_i32(v_f32x16 a) { return __builtin_convertvector(a, v_i32x16); }
VEC int32_t v_i32(float x) { return (int32_t)x; }
VEC int64_t v_i64(double x) { return (int64_t)x; }

/// 1 when this processor runs code built for x86-64-v3 (always 1 elsewhere). Built without -march, so that it runs anywhere.
int csimd_cpu_is_v3(void);
/// Processor brand string, "" when unknown.
const char *csimd_cpu_name(void);
#endif
