// SPDX-License-Identifier: Apache-2.0
// The inflate of ISA-L with its large state kept inside.
#pragma once
#include <stdint.h>

typedef struct lumen_inflate lumen_inflate;

// What is left of the input and of the room for output.
typedef struct {
  const uint8_t *in;
  uint32_t in_count;
  uint8_t *out;
  uint32_t out_count;
} lumen_inflate_room;

// A gzip stream, or a zlib stream. NULL without memory.
lumen_inflate *lumen_inflate_open(int is_zlib);
void lumen_inflate_close(lumen_inflate *stream);
// Goes on with another stream of the same kind.
void lumen_inflate_reset(lumen_inflate *stream);
// Inflates as far as input and room go. 1: the stream has ended, its checksum is right; 0: it goes on; else damaged.
int lumen_inflate_step(lumen_inflate *stream, lumen_inflate_room *room);
// What a result means.
const char *lumen_inflate_text(int result);
