// SPDX-License-Identifier: Apache-2.0
#include "CJPEG.h"
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

// Progressive files may hold any number of scans over the whole image; real ones have about ten.
#define MOST_SCANS 500

struct errors {
  struct jpeg_error_mgr base;
  char *message;
  int result;
  jmp_buf jump;
};

struct lumen_jpeg {
  struct jpeg_decompress_struct jpeg;
  struct errors errors;
  struct jpeg_progress_mgr progress;
};

static void say(char *to, const char *text) {
  strncpy(to, text, LUMEN_JPEG_MESSAGE - 1);
  to[LUMEN_JPEG_MESSAGE - 1] = 0;
}

static void fail(j_common_ptr jpeg) {
  struct errors *e = (struct errors *)jpeg->err;
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  say(e->message, text);
  switch (jpeg->err->msg_code) {
  case JERR_BAD_PRECISION:
  case JERR_SOF_UNSUPPORTED:
  case JERR_ARITH_NOTIMPL:
  case JERR_CONVERSION_NOTIMPL:
  case JERR_CCIR601_NOTIMPL:
  case JERR_FRACT_SAMPLE_NOTIMPL:
  case JERR_NOT_COMPILED:
    e->result = lumen_jpeg_unsupported;
    break;
  default:
    e->result = lumen_jpeg_malformed;
  }
  longjmp(e->jump, 1);
}

// libjpeg fills lost data with grey and goes on; here lost data is an error.
static void warn(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  jpeg->err->num_warnings++;
  switch (jpeg->err->msg_code) {
  case JWRN_JPEG_EOF:
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_ARITH_BAD_CODE:
  case JWRN_MUST_RESYNC:
  case JWRN_BOGUS_PROGRESSION:
    fail(jpeg);
  }
}

static void silent(j_common_ptr jpeg) { (void)jpeg; }

static void prepare(struct errors *e, char *message) {
  jpeg_std_error(&e->base);
  e->base.error_exit = fail;
  e->base.emit_message = warn;
  e->base.output_message = silent;
  e->message = message;
}

static void watch(j_common_ptr jpeg) {
  if (jpeg->is_decompressor && ((j_decompress_ptr)jpeg)->input_scan_number > MOST_SCANS) {
    struct errors *e = (struct errors *)jpeg->err;
    say(e->message, "more than 500 scans");
    e->result = lumen_jpeg_malformed;
    longjmp(e->jump, 1);
  }
}

int lumen_jpeg_open(
  const uint8_t *bytes, size_t count, lumen_jpeg **image, lumen_jpeg_info *info, char message[LUMEN_JPEG_MESSAGE]) {
  struct lumen_jpeg *s = calloc(1, sizeof *s);
  *image = NULL;
  if (!s) {
    say(message, "out of memory");
    return lumen_jpeg_malformed;
  }
  prepare(&s->errors, message);
  s->jpeg.err = &s->errors.base;
  if (setjmp(s->errors.jump)) {
    int result = s->errors.result;
    lumen_jpeg_close(s);
    return result;
  }
  jpeg_create_decompress(&s->jpeg);
  s->progress.progress_monitor = watch;
  s->jpeg.progress = &s->progress;
  jpeg_mem_src(&s->jpeg, bytes, count);
  jpeg_read_header(&s->jpeg, TRUE);
  info->columns = s->jpeg.image_width;
  info->rows = s->jpeg.image_height;
  info->components = (uint32_t)s->jpeg.num_components;
  *image = s;
  return lumen_jpeg_ok;
}

int lumen_jpeg_read(lumen_jpeg *s, int ycc_to_rgb, uint8_t *out, char message[LUMEN_JPEG_MESSAGE]) {
  s->errors.message = message;
  if (setjmp(s->errors.jump)) return s->errors.result;
  s->jpeg.jpeg_color_space = ycc_to_rgb ? JCS_YCbCr : JCS_UNKNOWN;
  s->jpeg.out_color_space = ycc_to_rgb ? JCS_RGB : JCS_UNKNOWN;
  s->jpeg.dct_method = JDCT_ISLOW;
  jpeg_start_decompress(&s->jpeg);
  size_t row = (size_t)s->jpeg.output_width * (size_t)s->jpeg.output_components;
  while (s->jpeg.output_scanline < s->jpeg.output_height) {
    JSAMPROW to = out + row * s->jpeg.output_scanline;
    jpeg_read_scanlines(&s->jpeg, &to, 1);
  }
  jpeg_finish_decompress(&s->jpeg);
  return lumen_jpeg_ok;
}

void lumen_jpeg_close(lumen_jpeg *s) {
  if (!s) return;
  jpeg_destroy_decompress(&s->jpeg);
  free(s);
}

struct writer {
  struct jpeg_compress_struct jpeg;
  struct errors errors;
  unsigned char *bytes;
  unsigned long count;
};

int lumen_jpeg_encode(
  const uint8_t *pixels, uint32_t columns, uint32_t rows, uint32_t channels, int quality, uint8_t **out,
  size_t *count, char message[LUMEN_JPEG_MESSAGE]) {
  struct writer *w = calloc(1, sizeof *w);
  if (!w) {
    say(message, "out of memory");
    return lumen_jpeg_malformed;
  }
  prepare(&w->errors, message);
  w->jpeg.err = &w->errors.base;
  if (setjmp(w->errors.jump)) {
    int result = w->errors.result;
    if (w->jpeg.next_scanline == 0) free(w->bytes);  // later libjpeg may have replaced and freed this block
    jpeg_destroy_compress(&w->jpeg);
    free(w);
    return result;
  }
  jpeg_create_compress(&w->jpeg);
  jpeg_mem_dest(&w->jpeg, &w->bytes, &w->count);
  w->jpeg.image_width = columns;
  w->jpeg.image_height = rows;
  w->jpeg.input_components = (int)channels;
  w->jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&w->jpeg);
  jpeg_set_quality(&w->jpeg, quality, TRUE);
  w->jpeg.dct_method = JDCT_ISLOW;
  jpeg_start_compress(&w->jpeg, TRUE);
  while (w->jpeg.next_scanline < rows) {
    JSAMPROW from = (JSAMPROW)(pixels + (size_t)w->jpeg.next_scanline * columns * channels);
    jpeg_write_scanlines(&w->jpeg, &from, 1);
  }
  jpeg_finish_compress(&w->jpeg);
  jpeg_destroy_compress(&w->jpeg);
  *out = w->bytes;
  *count = w->count;
  free(w);
  return lumen_jpeg_ok;
}

void lumen_jpeg_free(uint8_t *bytes) { free(bytes); }
