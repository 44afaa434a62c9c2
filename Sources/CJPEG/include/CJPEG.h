// SPDX-License-Identifier: Apache-2.0
// libjpeg-turbo with its error jumps kept inside: every function returns, messages come back as text.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define LUMEN_JPEG_MESSAGE 208

enum { lumen_jpeg_ok = 0, lumen_jpeg_malformed = 1, lumen_jpeg_unsupported = 2 };

typedef struct lumen_jpeg lumen_jpeg;

typedef struct {
  uint32_t columns, rows;
  uint32_t components;  // as stored: 1 grey, 3 colour, 4 CMYK or YCCK
} lumen_jpeg_info;

// Reads the header; `bytes` must outlive the handle, which is closed also when this fails.
int lumen_jpeg_open(
  const uint8_t *bytes, size_t count, lumen_jpeg **image, lumen_jpeg_info *info, char message[LUMEN_JPEG_MESSAGE]);
// Decodes into interleaved bytes: components as stored, or three of YCbCr converted to RGB. Damaged entropy-coded data
// is an error.
int lumen_jpeg_read(lumen_jpeg *image, int ycc_to_rgb, uint8_t *out, char message[LUMEN_JPEG_MESSAGE]);
void lumen_jpeg_close(lumen_jpeg *image);

// Encodes grey (1) or RGB (3), baseline, chroma subsampled 2×2. *out is freed with lumen_jpeg_free.
int lumen_jpeg_encode(
  const uint8_t *pixels, uint32_t columns, uint32_t rows, uint32_t channels, int quality, uint8_t **out,
  size_t *count, char message[LUMEN_JPEG_MESSAGE]);
void lumen_jpeg_free(uint8_t *bytes);
