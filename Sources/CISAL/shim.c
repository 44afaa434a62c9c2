// SPDX-License-Identifier: Apache-2.0
#include "CISAL.h"
#include <isa-l/igzip_lib.h>
#include <stdlib.h>

struct lumen_inflate {
  struct inflate_state state;
  // Kept here: isal_inflate forgets a header that comes in two pieces.
  struct isal_gzip_header gzip;
  struct isal_zlib_header zlib;
  int is_zlib, has_header;
};

lumen_inflate *lumen_inflate_open(int is_zlib) {
  lumen_inflate *stream = calloc(1, sizeof *stream);
  if (!stream) return NULL;
  isal_inflate_init(&stream->state);
  stream->is_zlib = is_zlib;
  lumen_inflate_reset(stream);
  return stream;
}

void lumen_inflate_close(lumen_inflate *stream) { free(stream); }

void lumen_inflate_reset(lumen_inflate *stream) {
  isal_inflate_reset(&stream->state);
  stream->state.crc_flag = stream->is_zlib ? ISAL_ZLIB : ISAL_GZIP;
  isal_gzip_header_init(&stream->gzip);
  stream->has_header = 0;
}

int lumen_inflate_step(lumen_inflate *stream, lumen_inflate_room *room) {
  struct inflate_state *state = &stream->state;
  state->next_in = (uint8_t *)room->in;
  state->avail_in = room->in_count;
  state->next_out = room->out;
  state->avail_out = room->out_count;
  int result = ISAL_DECOMP_OK;
  if (!stream->has_header) {
    result = stream->is_zlib ? isal_read_zlib_header(state, &stream->zlib) : isal_read_gzip_header(state, &stream->gzip);
    stream->has_header = result == ISAL_DECOMP_OK;
  }
  if (stream->has_header) result = isal_inflate(state);
  room->in = state->next_in;
  room->in_count = state->avail_in;
  room->out = state->next_out;
  room->out_count = state->avail_out;
  if (result < 0 || result == ISAL_NEED_DICT) return result;
  return state->block_state == ISAL_BLOCK_FINISH;
}

const char *lumen_inflate_text(int result) {
  switch (result) {
  case ISAL_INVALID_BLOCK: return "invalid block";
  case ISAL_INVALID_SYMBOL: return "invalid symbol";
  case ISAL_INVALID_LOOKBACK: return "a distance beyond the beginning";
  case ISAL_INVALID_WRAPPER: return "invalid header";
  case ISAL_UNSUPPORTED_METHOD: return "another method than deflate";
  case ISAL_INCORRECT_CHECKSUM: return "the checksum is wrong";
  default: return "a preset dictionary is needed";
  }
}
