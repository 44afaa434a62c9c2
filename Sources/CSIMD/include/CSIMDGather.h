// SPDX-License-Identifier: Apache-2.0
// Values from anywhere in memory into one register: what interpolation reads.
#ifndef CSIMD_GATHER_H
#define CSIMD_GATHER_H
#include <stdint.h>

#define GATHER static inline __attribute__((always_inline))
typedef float v_f32x8 __attribute__((ext_vector_type(8)));
typedef int32_t v_i32x8 __attribute__((ext_vector_type(8)));
#ifdef __AVX2__
typedef float v_native_f32x8 __attribute__((vector_size(32)));
typedef int32_t v_native_i32x8 __attribute__((vector_size(32)));
#endif

/// p[lane[i]] for lanes 0 … 15: sixteen floats are read from any address.
GATHER v_f32x8 v_pick16(const float *p, v_i32x8 lane) {
#ifdef __AVX2__
  v_native_f32x8 low, high;
  __builtin_memcpy(&low, p, sizeof low);
  __builtin_memcpy(&high, p + 8, sizeof high);
  v_native_i32x8 at = (v_native_i32x8)lane;
  low = __builtin_ia32_permvarsf256(low, at);
  high = __builtin_ia32_permvarsf256(high, at);
  return (v_f32x8)__builtin_ia32_blendvps256(low, high, (v_native_f32x8)(at << 28));
#else
  v_f32x8 r;
  for (int i = 0; i < 8; i++) r[i] = p[lane[i]];
  return r;
#endif
}

/// Eight unaligned 32-bit words at `offset` bytes from p.
GATHER v_i32x8 v_gather_words(const void *p, v_i32x8 offset) {
#ifdef __AVX2__
  v_native_i32x8 none = {0}, all = ~none;
  return (v_i32x8)__builtin_ia32_gatherd_d256(none, (const int *)p, (v_native_i32x8)offset, all, 1);
#else
  v_i32x8 r;
  for (int i = 0; i < 8; i++) {
    int32_t word;
    __builtin_memcpy(&word, (const char *)p + offset[i], sizeof word);
    r[i] = word;
  }
  return r;
#endif
}
#endif
