// SPDX-License-Identifier: Apache-2.0
#include "CJPEG2000.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openjpeg-2.5/openjpeg.h>

struct memory {
  const uint8_t *bytes;
  size_t count, at;
};

static OPJ_SIZE_T take(void *to, OPJ_SIZE_T n, void *user) {
  struct memory *m = user;
  if (m->at >= m->count) return (OPJ_SIZE_T)-1;
  if (n > m->count - m->at) n = m->count - m->at;
  memcpy(to, m->bytes + m->at, n);
  m->at += n;
  return n;
}

static OPJ_OFF_T skip(OPJ_OFF_T n, void *user) {
  struct memory *m = user;
  if (n < 0 || (OPJ_UINT64)n > m->count - m->at) return -1;
  m->at += (size_t)n;
  return n;
}

static OPJ_BOOL seek(OPJ_OFF_T at, void *user) {
  struct memory *m = user;
  if (at < 0 || (OPJ_UINT64)at > m->count) return OPJ_FALSE;
  m->at = (size_t)at;
  return OPJ_TRUE;
}

static void say(char *to, const char *text) {
  if (to[0]) return;  // the first error is the cause
  strncpy(to, text, LUMEN_J2K_MESSAGE - 1);
  to[LUMEN_J2K_MESSAGE - 1] = 0;
  size_t n = strlen(to);
  while (n > 0 && (to[n - 1] == '\n' || to[n - 1] == '.')) to[--n] = 0;
}

static void fail(const char *text, void *user) { say(user, text); }

static void ignore(const char *text, void *user) {
  (void)text;
  (void)user;
}

// One component into every `step`-th sample; the loops are simple so that they become vector code.
#define SPREAD(name, type)                                                                                    \
  static void name(const opj_image_comp_t *c, const opj_image_t *image, const lumen_j2k_shape *s, type *out) { \
    const int64_t low = c->sgnd ? -((int64_t)1 << (c->prec - 1)) : 0;                                         \
    const int64_t high = ((int64_t)1 << (c->sgnd ? c->prec - 1 : c->prec)) - 1;                               \
    const OPJ_INT32 least = (OPJ_INT32)low, most = high > INT32_MAX ? INT32_MAX : (OPJ_INT32)high;            \
    const size_t step = s->components;                                                                        \
    const uint32_t left = (image->x0 + c->dx - 1) / c->dx, top = (image->y0 + c->dy - 1) / c->dy;             \
    for (uint32_t y = 0; y < s->rows; y++) {                                                                  \
      uint32_t from_y = c->dy == 1 ? y : (image->y0 + y) / c->dy;                                             \
      if (c->dy != 1) from_y = from_y > top ? from_y - top : 0;                                               \
      if (from_y >= c->h) from_y = c->h - 1;                                                                  \
      const OPJ_INT32 *from = c->data + (size_t)from_y * c->w;                                                \
      type *to = out + (size_t)y * s->columns * step;                                                         \
      if (c->dx == 1 && step == 1) {                                                                          \
        for (uint32_t x = 0; x < s->columns; x++) {                                                           \
          OPJ_INT32 v = from[x];                                                                              \
          v = v < least ? least : v;                                                                          \
          to[x] = (type)(v > most ? most : v);                                                                \
        }                                                                                                     \
        continue;                                                                                             \
      }                                                                                                       \
      for (uint32_t x = 0; x < s->columns; x++) {                                                             \
        uint32_t from_x = c->dx == 1 ? x : (image->x0 + x) / c->dx;                                           \
        if (c->dx != 1) from_x = from_x > left ? from_x - left : 0;                                           \
        if (from_x >= c->w) from_x = c->w - 1;                                                                \
        OPJ_INT32 v = from[from_x];                                                                           \
        v = v < least ? least : v;                                                                            \
        to[x * step] = (type)(v > most ? most : v);                                                           \
      }                                                                                                       \
    }                                                                                                         \
  }
SPREAD(spread8, uint8_t)
SPREAD(spread16, uint16_t)
SPREAD(spread32, uint32_t)

static int give(const opj_image_t *image, const lumen_j2k_shape *s, void *out, char *message) {
  if (image->numcomps != s->components || image->x1 - image->x0 != s->columns || image->y1 - image->y0 != s->rows) {
    say(message, "the decoded image has another shape than its header");
    return 1;
  }
  for (uint32_t i = 0; i < s->components; i++) {
    const opj_image_comp_t *c = &image->comps[i];
    if (!c->data || c->w == 0 || c->h == 0 || c->prec == 0 || c->prec > s->bits || c->dx == 0 || c->dy == 0 ||
        (c->dx == 1 && c->w != s->columns) || (c->dy == 1 && c->h != s->rows)) {
      say(message, "a component was not decoded");
      return 1;
    }
    if (s->bits <= 8) spread8(c, image, s, (uint8_t *)out + i);
    else if (s->bits <= 16) spread16(c, image, s, (uint16_t *)out + i);
    else spread32(c, image, s, (uint32_t *)out + i);
  }
  return 0;
}

// OpenJPEG checks parts of HTJ2K codestreams with assert(), which Debian's build keeps: a damaged file would end the
// process. A failed assertion on a thread that decodes becomes a failed decode; elsewhere it aborts as ever.
static _Thread_local jmp_buf *decoding;

void __assert_fail(const char *what, const char *file, unsigned line, const char *function) {
  if (decoding) longjmp(*decoding, 1);
  fprintf(stderr, "%s:%u: %s: assertion `%s' failed\n", file, line, function, what);
  abort();
}

static OPJ_BOOL decode(opj_codec_t *codec, opj_stream_t *stream, opj_image_t *image, char *message) {
  jmp_buf here;
  if (setjmp(here)) {
    decoding = NULL;
    say(message, "a code-block contradicts itself");
    return OPJ_FALSE;
  }
  decoding = &here;
  OPJ_BOOL done = opj_decode(codec, stream, image);
  decoding = NULL;
  return done;
}

int lumen_j2k_decode(
  const uint8_t *bytes, size_t count, const lumen_j2k_shape *shape, int threads, void *out,
  char message[LUMEN_J2K_MESSAGE]) {
  struct memory memory = {bytes, count, 0};
  opj_image_t *image = NULL;
  int result = 1;
  message[0] = 0;
  opj_codec_t *codec = opj_create_decompress(OPJ_CODEC_J2K);
  opj_stream_t *stream = opj_stream_create(1 << 16, OPJ_TRUE);
  if (codec && stream) {
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    opj_set_error_handler(codec, fail, message);
    opj_set_warning_handler(codec, ignore, NULL);
    opj_set_info_handler(codec, ignore, NULL);
    opj_stream_set_read_function(stream, take);
    opj_stream_set_skip_function(stream, skip);
    opj_stream_set_seek_function(stream, seek);
    opj_stream_set_user_data(stream, &memory, NULL);
    opj_stream_set_user_data_length(stream, count);
    if (opj_setup_decoder(codec, &parameters) && opj_decoder_set_strict_mode(codec, OPJ_TRUE) &&
        opj_codec_set_threads(codec, threads < 2 ? 0 : threads) && opj_read_header(stream, codec, &image) &&
        decode(codec, stream, image, message)) {
      result = give(image, shape, out, message);
    }
    if (result) say(message, "the codestream cannot be decoded");
  } else {
    say(message, "out of memory");
  }
  if (image) opj_image_destroy(image);
  if (stream) opj_stream_destroy(stream);
  if (codec) opj_destroy_codec(codec);
  return result;
}
