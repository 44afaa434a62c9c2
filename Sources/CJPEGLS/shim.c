// SPDX-License-Identifier: Apache-2.0
#include "CJPEGLS.h"
#include <string.h>

#include <charls/charls.h>

static int say(char *to, const char *text) {
  strncpy(to, text, LUMEN_JLS_MESSAGE - 1);
  to[LUMEN_JLS_MESSAGE - 1] = 0;
  return 1;
}

static size_t size_of(const lumen_jls_shape *s) {
  return (size_t)s->columns * s->rows * s->components * (s->bits > 8 ? 2 : 1);
}

int lumen_jls_decode(
  const uint8_t *bytes, size_t count, const lumen_jls_shape *shape, void *out, int *is_planar,
  char message[LUMEN_JLS_MESSAGE]) {
  charls_jpegls_decoder *decoder = charls_jpegls_decoder_create();
  if (!decoder) return say(message, "out of memory");
  charls_frame_info info;
  charls_interleave_mode mode = CHARLS_INTERLEAVE_MODE_NONE;
  size_t need = 0;
  int wrong = 0;
  charls_jpegls_errc e = charls_jpegls_decoder_set_source_buffer(decoder, bytes, count);
  if (!e) e = charls_jpegls_decoder_read_header(decoder);
  if (!e) e = charls_jpegls_decoder_get_frame_info(decoder, &info);
  if (!e) e = charls_jpegls_decoder_get_interleave_mode(decoder, &mode);
  if (!e) e = charls_jpegls_decoder_get_destination_size(decoder, 0, &need);
  if (!e) {
    wrong = info.width != shape->columns || info.height != shape->rows ||
            (uint32_t)info.component_count != shape->components || (uint32_t)info.bits_per_sample != shape->bits ||
            need != size_of(shape);
    if (!wrong) e = charls_jpegls_decoder_decode_to_buffer(decoder, out, need, 0);
  }
  charls_jpegls_decoder_destroy(decoder);
  if (wrong) return say(message, "the decoder finds another shape than the header says");
  if (e) return say(message, charls_get_error_message(e));
  *is_planar = mode == CHARLS_INTERLEAVE_MODE_NONE && shape->components > 1;
  return 0;
}

static charls_jpegls_errc prepare(charls_jpegls_encoder *encoder, const lumen_jls_shape *s, int near) {
  const charls_frame_info info = {s->columns, s->rows, (int32_t)s->bits, (int32_t)s->components};
  charls_jpegls_errc e = charls_jpegls_encoder_set_frame_info(encoder, &info);
  if (!e) e = charls_jpegls_encoder_set_near_lossless(encoder, near);
  if (!e) {
    e = charls_jpegls_encoder_set_interleave_mode(
      encoder, s->components == 1 ? CHARLS_INTERLEAVE_MODE_NONE : CHARLS_INTERLEAVE_MODE_SAMPLE);
  }
  return e;
}

size_t lumen_jls_bound(const lumen_jls_shape *shape) {
  charls_jpegls_encoder *encoder = charls_jpegls_encoder_create();
  size_t size = 0;
  if (!encoder) return 0;
  if (prepare(encoder, shape, 0) || charls_jpegls_encoder_get_estimated_destination_size(encoder, &size)) size = 0;
  charls_jpegls_encoder_destroy(encoder);
  return size;
}

int lumen_jls_encode(
  const void *samples, size_t count, const lumen_jls_shape *shape, int near, uint8_t *out, size_t room,
  size_t *written, char message[LUMEN_JLS_MESSAGE]) {
  if (count != size_of(shape)) return say(message, "the samples have another size than the shape says");
  charls_jpegls_encoder *encoder = charls_jpegls_encoder_create();
  if (!encoder) return say(message, "out of memory");
  charls_jpegls_errc e = prepare(encoder, shape, near);
  if (!e) e = charls_jpegls_encoder_set_destination_buffer(encoder, out, room);
  if (!e) e = charls_jpegls_encoder_encode_from_buffer(encoder, samples, count, 0);
  if (!e) e = charls_jpegls_encoder_get_bytes_written(encoder, written);
  charls_jpegls_encoder_destroy(encoder);
  return e ? say(message, charls_get_error_message(e)) : 0;
}
