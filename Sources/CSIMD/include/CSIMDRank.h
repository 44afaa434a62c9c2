// SPDX-License-Identifier: Apache-2.0
// Included by CSIMD.h.
#ifndef CSIMD_RANK_H
#define CSIMD_RANK_H
typedef _Bool v_b1x16 __attribute__((ext_vector_type(16)));

/// The first lane that is larger than `bound`; 16 when none is.
VEC long v_first_above_i16(v_i16x16 a, int16_t bound) {
  v_b1x16 above = __builtin_convertvector(a > (v_i16x16)bound, v_b1x16);
  uint16_t bits;
  __builtin_memcpy(&bits, &above, sizeof bits);
  return __builtin_ctz(bits | 0x10000u);
}

/// `count` + 1 in the lanes where `value` < `bound`.
VEC v_i16x16 v_count_below_i16(v_i16x16 count, v_i16x16 value, v_i16x16 bound) { return count - (value < bound); }
VEC v_i32x8 v_count_below_i32(v_i32x8 count, v_i32x8 value, v_i32x8 bound) { return count - (value < bound); }
VEC v_i64x4 v_count_below_i64(v_i64x4 count, v_i64x4 value, v_i64x4 bound) { return count - (value < bound); }

/// Whether any lane is less than `bound`.
VEC int v_any_below_i32(v_i32x16 a, int32_t bound) {
  v_b1x16 below = __builtin_convertvector(a < (v_i32x16)bound, v_b1x16);
  uint16_t bits;
  __builtin_memcpy(&bits, &below, sizeof bits);
  return bits != 0;
}

/// Whether any lane is not both above `bound` and finite.
VEC int v_any_near_f32(v_f32x16 a, float bound) {
  v_i32x16 far = (a > (v_f32x16)bound) & (a < (v_f32x16)__builtin_inff());
  v_b1x16 near = __builtin_convertvector(far == 0, v_b1x16);
  uint16_t bits;
  __builtin_memcpy(&bits, &near, sizeof bits);
  return bits != 0;
}

/// `table[index]` of every lane, `table[last]` for larger ones. No lane is negative.
VEC v_i32x16 v_look_up_i32(const int32_t *table, int32_t last, v_i32x16 index) {
  v_i32x16 result;
  index = __builtin_elementwise_min(index, (v_i32x16)last);
  for (int i = 0; i < 16; i++) result[i] = table[index[i]];
  return result;
}
#endif
