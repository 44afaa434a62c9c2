// SPDX-License-Identifier: Apache-2.0
// libjxl behind two calls: failures return with a text, memory is bounded by the caller.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define LUMEN_JXL_MESSAGE 208

typedef struct {
  uint32_t columns, rows;
  uint32_t colours;  // 1 or 3
  uint32_t alphas;   // channels beside the colours
  uint32_t bits;
  int32_t is_float, is_animated;
} lumen_jxl_shape;

// Reads the header; at most `memory` bytes are allocated. 0 on success.
int lumen_jxl_header(
  const uint8_t *bytes, size_t count, size_t memory, lumen_jxl_shape *shape, char message[LUMEN_JXL_MESSAGE]);
// Decodes into interleaved samples of 1 byte (up to 8 bits) or 2 of the full range of their type. 0 when all is there.
int lumen_jxl_decode(
  const uint8_t *bytes, size_t count, size_t memory, const lumen_jxl_shape *shape, void *out,
  char message[LUMEN_JXL_MESSAGE]);
