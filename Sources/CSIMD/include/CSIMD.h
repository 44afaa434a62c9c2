// SPDX-License-Identifier: Apache-2.0
// The vector operations that Swift's SIMD types lack or do slowly. The bodies inline into Swift and follow its -march.
#ifndef CSIMD_H
#define CSIMD_H
#include <stdint.h>

#define VEC static inline __attribute__((always_inline))
typedef float v_f32x16 __attribute__((ext_vector_type(16)));
typedef int32_t v_i32x16 __attribute__((ext_vector_type(16)));
typedef int8_t v_i8x16 __attribute__((ext_vector_type(16)));
typedef int16_t v_i16x16 __attribute__((ext_vector_type(16)));
typedef int32_t v_i32x8 __attribute__((ext_vector_type(8)));
typedef int64_t v_i64x4 __attribute__((ext_vector_type(4)));

VEC v_f32x16 v_sqrt(v_f32x16 a) { return __builtin_elementwise_sqrt(a); }
/// The caller has clamped to the range of Int32.
VEC v_i32x16 v_to_i32(v_f32x16 a) { return __builtin_convertvector(a, v_i32x16); }
VEC int32_t v_i32(float x) { return (int32_t)x; }
VEC int64_t v_i64(double x) { return (int64_t)x; }

/// Asks for the cache line at an address that will be read; any address is allowed.
VEC void v_prefetch(const void *p) { __builtin_prefetch(p); }

// Smaller and larger of each pair: one instruction where compare and blend in Swift often stay two.
VEC v_i8x16 v_min_i8(v_i8x16 a, v_i8x16 b) { return __builtin_elementwise_min(a, b); }
VEC v_i8x16 v_max_i8(v_i8x16 a, v_i8x16 b) { return __builtin_elementwise_max(a, b); }
VEC v_i16x16 v_min_i16(v_i16x16 a, v_i16x16 b) { return __builtin_elementwise_min(a, b); }
VEC v_i16x16 v_max_i16(v_i16x16 a, v_i16x16 b) { return __builtin_elementwise_max(a, b); }
VEC v_i32x8 v_min_i32(v_i32x8 a, v_i32x8 b) { return __builtin_elementwise_min(a, b); }
VEC v_i32x8 v_max_i32(v_i32x8 a, v_i32x8 b) { return __builtin_elementwise_max(a, b); }
VEC v_i64x4 v_min_i64(v_i64x4 a, v_i64x4 b) { return __builtin_elementwise_min(a, b); }
VEC v_i64x4 v_max_i64(v_i64x4 a, v_i64x4 b) { return __builtin_elementwise_max(a, b); }

/// 1 when this processor runs code built for x86-64-v3 (always 1 elsewhere). Built without -march, so that it runs anywhere.
int csimd_cpu_is_v3(void);
/// Processor brand string, "" when unknown.
const char *csimd_cpu_name(void);
/// Processors that this process may run on; 0 when the system does not say.
int csimd_cpu_count(void);
#endif
