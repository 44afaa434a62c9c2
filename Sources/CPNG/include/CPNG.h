// SPDX-License-Identifier: Apache-2.0
// libpng with its error jumps kept inside: every function returns, messages come back as text.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define LUMEN_PNG_MESSAGE 160

typedef struct lumen_png lumen_png;

typedef struct {
  uint32_t columns, rows;
  uint32_t stored_bits;  // bits a pixel in the file
  uint32_t channels;     // of the decoded samples: 1 for palette indices
  uint32_t bits;         // of the decoded samples: 8 or 16; 1, 2 and 4 bits are unpacked, not scaled
  uint32_t is_palette;   // the samples are indices
  uint32_t entries;      // of the palette, up to 256
  uint8_t palette[768];  // red, green, blue
} lumen_png_info;

// Reads the chunks before the image; `bytes` must outlive the handle. NULL and a message when it fails.
lumen_png *lumen_png_open(const uint8_t *bytes, size_t count, lumen_png_info *info, char message[LUMEN_PNG_MESSAGE]);
// Decodes into `out` (rows × row_bytes, 16-bit samples in host order). 0 when the whole file is right.
int lumen_png_read(lumen_png *image, uint8_t *out, size_t row_bytes, char message[LUMEN_PNG_MESSAGE]);
void lumen_png_close(lumen_png *image);

// Encodes 1 or 3 channels of 8 or 16 bits (host order). *out is freed with lumen_png_free. 0 when it worked.
int lumen_png_encode(
  const uint8_t *pixels, uint32_t columns, uint32_t rows, uint32_t channels, uint32_t bits, uint8_t **out,
  size_t *count, char message[LUMEN_PNG_MESSAGE]);
void lumen_png_free(uint8_t *bytes);
