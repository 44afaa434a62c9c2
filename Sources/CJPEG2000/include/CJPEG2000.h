// SPDX-License-Identifier: Apache-2.0
// OpenJPEG behind one call: every failure returns with a text, nothing is printed.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define LUMEN_J2K_MESSAGE 208

typedef struct {
  uint32_t columns, rows, components;
  uint32_t bits;  // of the deepest component, 1 … 31
  int32_t is_signed;
} lumen_j2k_shape;

// Decodes a raw codestream (no JP2 boxes) of this shape into interleaved samples of 1, 2 or 4 bytes, values clamped to
// their component's range; subsampled components are repeated. 0 when the whole image is there.
int lumen_j2k_decode(
  const uint8_t *bytes, size_t count, const lumen_j2k_shape *shape, int threads, void *out,
  char message[LUMEN_J2K_MESSAGE]);
