// SPDX-License-Identifier: Apache-2.0
// The vector operations that Swift's SIMD types lack or do slowly. The bodies inline into Swift and follow its -march.
#ifndef CSIMD_H
#define CSIMD_H
#include <stdint.h>
#include "CSIMDGather.h"

#define VEC static inline __attribute__((always_inline))
typedef float v_f32x16 __attribute__((ext_vector_type(16)));
typedef int32_t v_i32x16 __attribute__((ext_vector_type(16)));
typedef int8_t v_i8x16 __attribute__((ext_vector_type(16)));
typedef uint8_t v_u8x16 __attribute__((ext_vector_type(16)));
typedef int16_t v_i16x16 __attribute__((ext_vector_type(16)));
typedef uint64_t v_u64x16 __attribute__((ext_vector_type(16)));
typedef int32_t v_i32x8 __attribute__((ext_vector_type(8)));
typedef int64_t v_i64x4 __attribute__((ext_vector_type(4)));

VEC v_f32x16 v_sqrt(v_f32x16 a) { return __builtin_elementwise_sqrt(a); }
/// The caller has clamped to the range of Int32.
VEC v_i32x16 v_to_i32(v_f32x16 a) { return __builtin_convertvector(a, v_i32x16); }
// Conversions of sixteen numbers: the initialisers of Swift's SIMD16 stay calls.
VEC v_f32x16 v_real_i16(v_i16x16 a) { return __builtin_convertvector(a, v_f32x16); }
VEC v_f32x16 v_real_i32(v_i32x16 a) { return __builtin_convertvector(a, v_f32x16); }
VEC v_u8x16 v_low_u8(v_i32x16 a) { return __builtin_convertvector(a, v_u8x16); }
VEC v_i32x16 v_low_i32(v_u64x16 a) { return __builtin_convertvector(a, v_i32x16); }
VEC int32_t v_i32(float x) { return (int32_t)x; }
VEC int64_t v_i64(double x) { return (int64_t)x; }
/// Clamped to low … high; what is not a number becomes `low`.
VEC v_f32x16 v_clamp_f32(v_f32x16 a, v_f32x16 low, v_f32x16 high) {
  a = a > low ? a : low;
  return a < high ? a : high;
}

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

// Transposition of square tiles, in registers: `to[j * to_stride + i] = from[i * from_stride + j]`, any alignment.
typedef float v_f32x8 __attribute__((ext_vector_type(8)));
typedef double v_f64x4 __attribute__((ext_vector_type(4)));
VEC v_f32x8 v_load_f32x8(const float *p) { v_f32x8 v; __builtin_memcpy(&v, p, sizeof v); return v; }
VEC void v_store_f32x8(v_f32x8 v, float *p) { __builtin_memcpy(p, &v, sizeof v); }
VEC v_f64x4 v_load_f64x4(const double *p) { v_f64x4 v; __builtin_memcpy(&v, p, sizeof v); return v; }
VEC void v_store_f64x4(v_f64x4 v, double *p) { __builtin_memcpy(p, &v, sizeof v); }

VEC void v_transpose_f32x8(const float *from, long from_stride, float *to, long to_stride) {
  v_f32x8 r[8], s[8];
#define VEC_PAIR(d, a, b, ...) d = __builtin_shufflevector(a, b, __VA_ARGS__)
  for (int i = 0; i < 8; i++) r[i] = v_load_f32x8(from + i * from_stride);
  for (int i = 0; i < 8; i += 2) {
    VEC_PAIR(s[i], r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    VEC_PAIR(s[i + 1], r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
  for (int i = 0; i < 8; i += 4)
    for (int j = 0; j < 2; j++) {
      VEC_PAIR(r[i + 2 * j], s[i + j], s[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      VEC_PAIR(r[i + 2 * j + 1], s[i + j], s[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int i = 0; i < 4; i++) {
    VEC_PAIR(s[i], r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    VEC_PAIR(s[i + 4], r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  for (int i = 0; i < 8; i++) v_store_f32x8(s[i], to + i * to_stride);
}

VEC void v_transpose_f64x4(const double *from, long from_stride, double *to, long to_stride) {
  v_f64x4 r[4], s[4];
  for (int i = 0; i < 4; i++) r[i] = v_load_f64x4(from + i * from_stride);
  for (int i = 0; i < 4; i += 2) {
    VEC_PAIR(s[i], r[i], r[i + 1], 0, 4, 2, 6);
    VEC_PAIR(s[i + 1], r[i], r[i + 1], 1, 5, 3, 7);
  }
  for (int i = 0; i < 2; i++) {
    VEC_PAIR(r[i], s[i], s[i + 2], 0, 1, 4, 5);
    VEC_PAIR(r[i + 2], s[i], s[i + 2], 2, 3, 6, 7);
  }
#undef VEC_PAIR
  for (int i = 0; i < 4; i++) v_store_f64x4(r[i], to + i * to_stride);
}
#include "CSIMDRank.h"

typedef double v_f64x8 __attribute__((ext_vector_type(8)));
VEC v_f64x8 v_widen(v_f32x8 a) { return __builtin_convertvector(a, v_f64x8); }
VEC v_f32x8 v_narrow(v_f64x8 a) { return __builtin_convertvector(a, v_f32x8); }

/// a · b + c rounded once, bit for bit as the FMA instruction, where there is none: the product of floats is exact in
/// double, the sum is rounded to odd there, which leaves the second rounding right (Boldo and Melquiond, IEEE Trans.
/// Computers 2008;57:462-471).
VEC v_f32x8 v_fused(v_f32x8 a, v_f32x8 b, v_f32x8 c) {
  typedef int64_t v_i64x8 __attribute__((ext_vector_type(8)));
  v_f64x8 p = __builtin_convertvector(a, v_f64x8) * __builtin_convertvector(b, v_f64x8);
  v_f64x8 q = __builtin_convertvector(c, v_f64x8), s = p + q, t = s - p;
  v_f64x8 rest = (p - (s - t)) + (q - t);
  v_i64x8 bits;
  __builtin_memcpy(&bits, &s, sizeof bits);
  // Comparisons give -1 or 0; what is not a number is not adjusted.
  v_i64x8 inexact = (rest > 0) | (rest < 0), even = (bits & 1) - 1, away = (rest > 0) == (s > 0);
  bits += inexact & even & ((away & 2) - 1);
  __builtin_memcpy(&s, &bits, sizeof s);
  return __builtin_convertvector(s, v_f32x8);
}

/// 1 when this processor runs code built for x86-64-v3 (always 1 elsewhere). Built without -march, so that it runs anywhere.
int csimd_cpu_is_v3(void);
/// Processor brand string, "" when unknown.
const char *csimd_cpu_name(void);
/// Processors that this process may run on; 0 when the system does not say.
int csimd_cpu_count(void);
#endif
