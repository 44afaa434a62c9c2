// SPDX-License-Identifier: Apache-2.0
#include "CPNG.h"
#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

struct lumen_png {
  png_structp png;
  png_infop info;
  const uint8_t *bytes;
  size_t count, at;
  png_bytep *rows;
  char *message;
  jmp_buf jump;
};

static void say(char *to, const char *text) {
  strncpy(to, text, LUMEN_PNG_MESSAGE - 1);
  to[LUMEN_PNG_MESSAGE - 1] = 0;
}

static void fail(png_structp png, png_const_charp text) {
  struct lumen_png *s = png_get_error_ptr(png);
  say(s->message, text);
  longjmp(s->jump, 1);
}

static void ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void take(png_structp png, png_bytep to, size_t n) {
  struct lumen_png *s = png_get_io_ptr(png);
  if (n > s->count - s->at) png_error(png, "the file ends within a chunk");
  memcpy(to, s->bytes + s->at, n);
  s->at += n;
}

lumen_png *lumen_png_open(const uint8_t *bytes, size_t count, lumen_png_info *out, char message[LUMEN_PNG_MESSAGE]) {
  struct lumen_png *const s = calloc(1, sizeof *s);
  if (!s) {
    say(message, "out of memory");
    return NULL;
  }
  s->bytes = bytes;
  s->count = count;
  s->message = message;
  if (setjmp(s->jump)) {
    lumen_png_close(s);
    return NULL;
  }
  s->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, s, fail, ignore);
  if (s->png) s->info = png_create_info_struct(s->png);
  if (!s->info) {
    say(message, "out of memory");
    lumen_png_close(s);
    return NULL;
  }
  png_set_read_fn(s->png, s, take);
  png_set_user_limits(s->png, 0x7fffffff, 0x7fffffff);  // the caller checks its own limits before the pixels
  png_set_chunk_malloc_max(s->png, 4 << 20);
  png_read_info(s->png, s->info);

  int type = png_get_color_type(s->png, s->info);
  out->columns = png_get_image_width(s->png, s->info);
  out->rows = png_get_image_height(s->png, s->info);
  out->stored_bits = (uint32_t)png_get_bit_depth(s->png, s->info) * png_get_channels(s->png, s->info);
  out->is_palette = type == PNG_COLOR_TYPE_PALETTE;
  png_colorp palette;
  int entries = 0;
  if (out->is_palette && png_get_PLTE(s->png, s->info, &palette, &entries)) {
    out->entries = (uint32_t)entries;
    for (int i = 0; i < entries && i < 256; i++) {
      out->palette[3 * i] = palette[i].red;
      out->palette[3 * i + 1] = palette[i].green;
      out->palette[3 * i + 2] = palette[i].blue;
    }
  }
  out->channels = png_get_channels(s->png, s->info);
  out->bits = png_get_bit_depth(s->png, s->info) == 16 ? 16 : 8;
  return s;
}

int lumen_png_read(lumen_png *s, uint8_t *out, size_t row_bytes, char message[LUMEN_PNG_MESSAGE]) {
  s->message = message;
  if (setjmp(s->jump)) return 1;
  size_t rows = png_get_image_height(s->png, s->info);
  png_set_packing(s->png);
  png_set_swap(s->png);
  png_set_interlace_handling(s->png);
  png_read_update_info(s->png, s->info);  // allocates rows: not before the caller has checked the size
  if (png_get_rowbytes(s->png, s->info) != row_bytes) png_error(s->png, "row length differs from the header's");
  s->rows = malloc(rows * sizeof *s->rows);
  if (!s->rows) png_error(s->png, "out of memory");
  for (size_t y = 0; y < rows; y++) s->rows[y] = out + y * row_bytes;
  png_read_image(s->png, s->rows);
  png_read_end(s->png, NULL);
  return 0;
}

void lumen_png_close(lumen_png *s) {
  if (!s) return;
  png_destroy_read_struct(&s->png, &s->info, NULL);
  free(s->rows);
  free(s);
}

struct writer {
  uint8_t *bytes;
  size_t count, room;
  char *message;
  jmp_buf jump;
};

static void fail_write(png_structp png, png_const_charp text) {
  struct writer *w = png_get_error_ptr(png);
  say(w->message, text);
  longjmp(w->jump, 1);
}

static void give(png_structp png, png_bytep from, size_t n) {
  struct writer *w = png_get_io_ptr(png);
  if (n > w->room - w->count) {
    size_t room = 2 * (w->count + n) + 4096;
    uint8_t *bytes = realloc(w->bytes, room);
    if (!bytes) png_error(png, "out of memory");
    w->bytes = bytes;
    w->room = room;
  }
  memcpy(w->bytes + w->count, from, n);
  w->count += n;
}

static void flush(png_structp png) { (void)png; }

int lumen_png_encode(
  const uint8_t *pixels, uint32_t columns, uint32_t rows, uint32_t channels, uint32_t bits, uint8_t **out,
  size_t *count, char message[LUMEN_PNG_MESSAGE]) {
  struct writer *w = calloc(1, sizeof *w);
  png_structp volatile png = NULL;
  png_infop volatile info = NULL;
  volatile int failed = 1;
  if (!w) {
    say(message, "out of memory");
    return 1;
  }
  w->message = message;
  if (!setjmp(w->jump)) {
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, w, fail_write, ignore);
    if (png) info = png_create_info_struct(png);
    if (info) {
      png_set_write_fn(png, w, give, flush);
      png_set_user_limits(png, 0x7fffffff, 0x7fffffff);
      png_set_IHDR(
        png, info, columns, rows, (int)bits, channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB,
        PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
      png_write_info(png, info);
      png_set_swap(png);
      for (uint32_t y = 0; y < rows; y++) png_write_row(png, pixels + (size_t)y * columns * channels * (bits / 8));
      png_write_end(png, NULL);
      failed = 0;
    } else {
      say(message, "out of memory");
    }
  }
  png_structp p = png;
  png_infop i = info;
  png_destroy_write_struct(&p, &i);
  if (failed) {
    free(w->bytes);
  } else {
    *out = w->bytes;
    *count = w->count;
  }
  free(w);
  return failed;
}

void lumen_png_free(uint8_t *bytes) { free(bytes); }
