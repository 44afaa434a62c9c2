// SPDX-License-Identifier: Apache-2.0
#include "CTIFF.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

struct lumen_tiff {
  TIFF *tiff;
  const uint8_t *bytes;
  size_t count, at;
  char *message;  // where to, during a call
  int failed, decoding;
};

static void say(char *to, const char *text) {
  strncpy(to, text, LUMEN_TIFF_MESSAGE - 1);
  to[LUMEN_TIFF_MESSAGE - 1] = 0;
}

// The first error of a call is its cause.
static int on_error(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  (void)tiff;
  (void)module;
  lumen_tiff *t = user;
  if (!t->failed && t->message) vsnprintf(t->message, LUMEN_TIFF_MESSAGE, format, arguments);
  t->failed = 1;
  return 1;
}

// While pixels are decoded a warning means that some were made up; the old LZW bit order is harmless.
static int on_warning(TIFF *tiff, void *user, const char *module, const char *format, va_list arguments) {
  const lumen_tiff *t = user;
  if (t->decoding && !(module && strncmp(module, "LZW", 3) == 0)) on_error(tiff, user, module, format, arguments);
  return 1;
}

static tmsize_t take(thandle_t user, void *to, tmsize_t n) {
  lumen_tiff *t = (lumen_tiff *)user;
  size_t left = t->at < t->count ? t->count - t->at : 0;
  size_t k = n < 0 ? 0 : (size_t)n < left ? (size_t)n : left;
  if (k) memcpy(to, t->bytes + t->at, k);
  t->at += k;
  return (tmsize_t)k;
}

static tmsize_t give(thandle_t user, void *from, tmsize_t n) {
  (void)user;
  (void)from;
  (void)n;
  return -1;
}

static toff_t seek(thandle_t user, toff_t to, int whence) {
  lumen_tiff *t = (lumen_tiff *)user;
  toff_t base = whence == SEEK_CUR ? t->at : whence == SEEK_END ? t->count : 0;
  if (to > (toff_t)1 << 62) return (toff_t)-1;
  t->at = (size_t)(base + to);
  return t->at;
}

static int shut(thandle_t user) {
  (void)user;
  return 0;
}

static toff_t length(thandle_t user) { return ((lumen_tiff *)user)->count; }

static int map(thandle_t user, void **base, toff_t *size) {
  lumen_tiff *t = (lumen_tiff *)user;
  *base = (void *)(uintptr_t)t->bytes;
  *size = t->count;
  return 1;
}

static void unmap(thandle_t user, void *base, toff_t size) {
  (void)user;
  (void)base;
  (void)size;
}

static void begin(lumen_tiff *t, char *message, int decoding) {
  t->message = message;
  t->failed = 0;
  t->decoding = decoding;
  message[0] = 0;
}

lumen_tiff *lumen_tiff_open(const uint8_t *bytes, size_t count, size_t most, char message[LUMEN_TIFF_MESSAGE]) {
  lumen_tiff *t = calloc(1, sizeof *t);
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (t && options) {
    t->bytes = bytes;
    t->count = count;
    begin(t, message, 0);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, most > PTRDIFF_MAX ? PTRDIFF_MAX : (tmsize_t)most);
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, t);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, t);
    t->tiff = TIFFClientOpenExt("memory", "r", t, take, give, seek, shut, length, map, unmap, options);
  } else {
    say(message, "out of memory");
  }
  if (options) TIFFOpenOptionsFree(options);
  if (t && !t->tiff) {
    free(t);
    t = NULL;
  }
  return t;
}

int lumen_tiff_go(lumen_tiff *t, uint32_t page, char message[LUMEN_TIFF_MESSAGE]) {
  begin(t, message, 0);
  if (page == TIFFCurrentDirectory(t->tiff)) return 0;
  if (page == TIFFCurrentDirectory(t->tiff) + 1) {
    if (TIFFLastDirectory(t->tiff)) return 1;
    return TIFFReadDirectory(t->tiff) ? 0 : -1;
  }
  return TIFFSetDirectory(t->tiff, (tdir_t)page) ? 0 : -1;
}

int lumen_tiff_tags(lumen_tiff *t, lumen_tiff_page *p, char message[LUMEN_TIFF_MESSAGE]) {
  begin(t, message, 0);
  TIFF *f = t->tiff;
  memset(p, 0, sizeof *p);
  uint16_t bits = 1, samples = 1, format = 1, photometric = 1, compression = 1, planar = 1, unit = 2;
  TIFFGetField(f, TIFFTAG_IMAGEWIDTH, &p->columns);
  TIFFGetField(f, TIFFTAG_IMAGELENGTH, &p->rows);
  TIFFGetFieldDefaulted(f, TIFFTAG_BITSPERSAMPLE, &bits);
  TIFFGetFieldDefaulted(f, TIFFTAG_SAMPLESPERPIXEL, &samples);
  TIFFGetFieldDefaulted(f, TIFFTAG_SAMPLEFORMAT, &format);
  TIFFGetFieldDefaulted(f, TIFFTAG_COMPRESSION, &compression);
  TIFFGetFieldDefaulted(f, TIFFTAG_PLANARCONFIG, &planar);
  TIFFGetFieldDefaulted(f, TIFFTAG_RESOLUTIONUNIT, &unit);
  TIFFGetFieldDefaulted(f, TIFFTAG_SUBFILETYPE, &p->subfile);
  TIFFGetField(f, TIFFTAG_XRESOLUTION, &p->x_resolution);
  TIFFGetField(f, TIFFTAG_YRESOLUTION, &p->y_resolution);
  int has_photometric = TIFFGetField(f, TIFFTAG_PHOTOMETRIC, &photometric);
  if (!has_photometric && samples >= 3) photometric = PHOTOMETRIC_RGB;
  // The JPEG codec converts and upsamples its chroma itself when it is asked to.
  if (compression == COMPRESSION_JPEG && photometric == PHOTOMETRIC_YCBCR && planar == PLANARCONFIG_CONTIG) {
    TIFFSetField(f, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    photometric = PHOTOMETRIC_RGB;
  }
  char *description = NULL;
  if (TIFFGetField(f, TIFFTAG_IMAGEDESCRIPTION, &description)) p->description = description;
  uint16_t *r, *g, *b;
  if (photometric == PHOTOMETRIC_PALETTE && TIFFGetField(f, TIFFTAG_COLORMAP, &r, &g, &b)) {
    p->palette[0] = r;
    p->palette[1] = g;
    p->palette[2] = b;
  }
  p->bits = bits;
  p->samples = samples;
  p->format = format;
  p->photometric = photometric;
  p->compression = compression;
  p->is_separate = planar == PLANARCONFIG_SEPARATE && samples > 1;
  p->is_configured = TIFFIsCODECConfigured(compression) != 0;
  p->unit = unit;
  p->row_bytes = TIFFScanlineSize64(f);
  p->block_bytes = TIFFIsTiled(f) ? TIFFTileSize64(f) : 0;
  return t->failed || p->columns == 0 || p->rows == 0;
}

// Copies rows of one plane into the interleaved page.
static void place(
  uint8_t *out, const uint8_t *from, const lumen_tiff_page *p, uint32_t plane, uint64_t y, uint64_t rows,
  uint64_t from_stride, uint64_t x_bytes, uint64_t bytes) {
  uint64_t stride = p->row_bytes * (p->is_separate ? p->samples : 1), sample = p->bits / 8;
  for (uint64_t j = 0; j < rows; j++) {
    uint8_t *to = out + (y + j) * stride;
    const uint8_t *row = from + j * from_stride;
    if (!p->is_separate) {
      memcpy(to + x_bytes, row, bytes);
      continue;
    }
    for (uint64_t i = 0; i < bytes / sample; i++)
      memcpy(to + ((x_bytes / sample + i) * p->samples + plane) * sample, row + i * sample, sample);
  }
}

static int read_strips(lumen_tiff *t, const lumen_tiff_page *p, uint8_t *out) {
  uint32_t per = p->rows;
  TIFFGetFieldDefaulted(t->tiff, TIFFTAG_ROWSPERSTRIP, &per);
  if (per == 0 || per > p->rows) per = p->rows;
  uint32_t strips = (p->rows - 1) / per + 1, planes = p->is_separate ? p->samples : 1;
  if (TIFFNumberOfStrips(t->tiff) != (uint64_t)strips * planes) {
    say(t->message, "number of strips differs from the size's");
    return 1;
  }
  uint8_t *scratch = NULL;
  if (p->is_separate && !(scratch = malloc(per * p->row_bytes))) {
    say(t->message, "out of memory");
    return 1;
  }
  int failed = 0;
  for (uint32_t plane = 0; plane < planes && !failed; plane++) {
    for (uint32_t s = 0; s < strips && !failed; s++) {
      uint32_t y = s * per, n = p->rows - y < per ? p->rows - y : per;
      uint8_t *to = scratch ? scratch : out + y * p->row_bytes;
      tmsize_t size = (tmsize_t)(n * p->row_bytes);
      failed = TIFFReadEncodedStrip(t->tiff, plane * strips + s, to, size) != size || t->failed;
      if (!failed && scratch) place(out, scratch, p, plane, y, n, p->row_bytes, 0, p->row_bytes);
    }
  }
  free(scratch);
  return failed;
}

static int read_tiles(lumen_tiff *t, const lumen_tiff_page *p, uint8_t *out) {
  uint32_t width = 0, height = 0, planes = p->is_separate ? p->samples : 1;
  TIFFGetField(t->tiff, TIFFTAG_TILEWIDTH, &width);
  TIFFGetField(t->tiff, TIFFTAG_TILELENGTH, &height);
  uint64_t stride = TIFFTileRowSize64(t->tiff), pixel = (uint64_t)p->bits * (p->is_separate ? 1 : p->samples);
  if (width == 0 || height == 0 || (uint64_t)width * pixel % 8 || stride != width * pixel / 8 ||
      stride * height != p->block_bytes) {
    say(t->message, "tile size is not understood");
    return 1;
  }
  uint8_t *tile = malloc(p->block_bytes);
  if (!tile) {
    say(t->message, "out of memory");
    return 1;
  }
  int failed = 0;
  for (uint32_t plane = 0; plane < planes && !failed; plane++) {
    for (uint64_t y = 0; y < p->rows && !failed; y += height) {
      for (uint64_t x = 0; x < p->columns && !failed; x += width) {
        uint32_t n = TIFFComputeTile(t->tiff, (uint32_t)x, (uint32_t)y, 0, (uint16_t)plane);
        tmsize_t size = (tmsize_t)p->block_bytes;
        failed = TIFFReadEncodedTile(t->tiff, n, tile, size) != size || t->failed;
        uint64_t start = x * pixel / 8, left = p->row_bytes - start, rows = p->rows - y;
        if (failed) break;
        place(
          out, tile, p, plane, y, rows < height ? rows : height, stride, start, left < stride ? left : stride);
      }
    }
  }
  free(tile);
  return failed;
}

int lumen_tiff_read(
  lumen_tiff *t, const lumen_tiff_page *p, uint8_t *out, size_t count, char message[LUMEN_TIFF_MESSAGE]) {
  begin(t, message, 1);
  int failed = 1;
  if (count != p->row_bytes * p->rows * (p->is_separate ? p->samples : 1) || (p->is_separate && p->bits % 8)) {
    say(message, "page size differs from the header's");
  } else {
    failed = TIFFIsTiled(t->tiff) ? read_tiles(t, p, out) : read_strips(t, p, out);
  }
  t->decoding = 0;
  if (failed && !message[0]) say(message, "the pixels are cut");
  return failed;
}

void lumen_tiff_close(lumen_tiff *t) {
  if (!t) return;
  t->message = NULL;
  TIFFClose(t->tiff);
  free(t);
}
