// SPDX-License-Identifier: Apache-2.0
// CharLS behind two calls: failures return with a text.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define LUMEN_JLS_MESSAGE 208

typedef struct {
  uint32_t columns, rows, components, bits;
} lumen_jls_shape;

// Decodes into samples of 1 byte (up to 8 bits) or 2; *is_planar says that components come one after the other.
// 0 when the whole image is there.
int lumen_jls_decode(
  const uint8_t *bytes, size_t count, const lumen_jls_shape *shape, void *out, int *is_planar,
  char message[LUMEN_JLS_MESSAGE]);

// Largest size of an encoded image, 0 when CharLS refuses its shape.
size_t lumen_jls_bound(const lumen_jls_shape *shape);
// Encodes interleaved samples; near 0 is lossless. 0 on success, *written bytes are used.
int lumen_jls_encode(
  const void *samples, size_t count, const lumen_jls_shape *shape, int near, uint8_t *out, size_t room,
  size_t *written, char message[LUMEN_JLS_MESSAGE]);
