// SPDX-License-Identifier: Apache-2.0
// libtiff over memory: no global handlers, messages come back as text, one page at a time.
#pragma once
#include <stddef.h>
#include <stdint.h>

#define LUMEN_TIFF_MESSAGE 160

typedef struct lumen_tiff lumen_tiff;

typedef struct {
  uint32_t columns, rows;
  uint32_t bits, samples;   // of a sample, a pixel; as decoded: JPEG colour is asked for as RGB
  uint32_t format;          // SampleFormat: 1 unsigned, 2 signed, 3 float, 4 unknown, 5 and 6 complex
  uint32_t photometric;     // 0 white is zero, 1 black is zero, 2 RGB, 3 palette, …
  uint32_t compression;     // as in the file
  uint32_t subfile;         // NewSubfileType: bit 0 a reduced copy, bit 2 a mask
  uint32_t is_separate;     // planes one after another in the file; interleaved when decoded
  uint32_t is_configured;   // this libtiff has the codec
  uint32_t unit;            // of the resolution: 1 none, 2 inch, 3 centimetre
  float x_resolution, y_resolution;  // pixels a unit; 0 when absent
  uint64_t row_bytes;       // of a decoded row of one plane (all samples unless is_separate)
  uint64_t block_bytes;     // of a tile, 0 for strips
  const char *description;  // NULL or text, until the next page
  const uint16_t *palette[3];  // NULL or 2^bits entries each, until the next page
} lumen_tiff_page;

// `bytes` must outlive the handle; no single allocation of the library exceeds `most` bytes.
lumen_tiff *lumen_tiff_open(const uint8_t *bytes, size_t count, size_t most, char message[LUMEN_TIFF_MESSAGE]);
// Goes to a page, 0 the first. 0 when it worked, 1 when there is none, −1 when it is broken.
int lumen_tiff_go(lumen_tiff *image, uint32_t page, char message[LUMEN_TIFF_MESSAGE]);
// The tags of the present page. 0 when they make sense.
int lumen_tiff_tags(lumen_tiff *image, lumen_tiff_page *page, char message[LUMEN_TIFF_MESSAGE]);
// Decodes the present page into rows × samples × row_bytes (interleaved), numbers of 16 bits and more in host order.
int lumen_tiff_read(
  lumen_tiff *image, const lumen_tiff_page *page, uint8_t *out, size_t count, char message[LUMEN_TIFF_MESSAGE]);
void lumen_tiff_close(lumen_tiff *image);
