// SPDX-License-Identifier: Apache-2.0
#include "CJPEGXL.h"
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jxl/decode.h>

// Some builds of libjxl print every refusal; what is printed while a decoder is at work goes nowhere.
static void quiet(int on) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static FILE *nowhere, *real;
  static int users;
  pthread_mutex_lock(&lock);
  if (!nowhere) nowhere = fopen("/dev/null", "we");
  if (on && users++ == 0) real = stderr;
  if (!on) users--;
  if (nowhere) stderr = users > 0 ? nowhere : real;
  pthread_mutex_unlock(&lock);
}

struct budget {
  size_t left;
};

// Every block carries its size in front so that the budget gets it back; 64 bytes keep the alignment.
static void *take(void *opaque, size_t size) {
  struct budget *b = opaque;
  if (size > b->left || size > SIZE_MAX - 128) return NULL;
  char *block = aligned_alloc(64, (size + 64 + 63) / 64 * 64);
  if (!block) return NULL;
  b->left -= size;
  memcpy(block, &size, sizeof size);
  return block + 64;
}

static void give_back(void *opaque, void *block) {
  if (!block) return;
  struct budget *b = opaque;
  char *start = (char *)block - 64;
  size_t size;
  memcpy(&size, start, sizeof size);
  b->left += size;
  free(start);
}

static int say(char *to, const char *text) {
  strncpy(to, text, LUMEN_JXL_MESSAGE - 1);
  to[LUMEN_JXL_MESSAGE - 1] = 0;
  return 1;
}

static JxlDecoder *start(const uint8_t *bytes, size_t count, JxlMemoryManager *manager, int events) {
  JxlDecoder *decoder = JxlDecoderCreate(manager);
  if (!decoder) return NULL;
  if (JxlDecoderSubscribeEvents(decoder, events) || JxlDecoderSetKeepOrientation(decoder, JXL_TRUE) ||
      JxlDecoderSetInput(decoder, bytes, count)) {
    JxlDecoderDestroy(decoder);
    return NULL;
  }
  JxlDecoderCloseInput(decoder);
  return decoder;
}

static int read_header(
  const uint8_t *bytes, size_t count, size_t memory, lumen_jxl_shape *shape, char message[LUMEN_JXL_MESSAGE]) {
  struct budget budget = {memory};
  JxlMemoryManager manager = {&budget, take, give_back};
  JxlDecoder *decoder = start(bytes, count, &manager, JXL_DEC_BASIC_INFO);
  if (!decoder) return say(message, "the decoder cannot start");
  JxlBasicInfo info;
  int failed = JxlDecoderProcessInput(decoder) != JXL_DEC_BASIC_INFO || JxlDecoderGetBasicInfo(decoder, &info);
  JxlDecoderDestroy(decoder);
  if (failed) return say(message, "the header is cut or damaged");
  shape->columns = info.xsize;
  shape->rows = info.ysize;
  shape->colours = info.num_color_channels;
  shape->alphas = info.num_extra_channels;
  shape->bits = info.bits_per_sample;
  shape->is_float = info.exponent_bits_per_sample != 0;
  shape->is_animated = info.have_animation;
  return 0;
}

static int read_pixels(
  const uint8_t *bytes, size_t count, size_t memory, const lumen_jxl_shape *shape, void *out,
  char message[LUMEN_JXL_MESSAGE]) {
  struct budget budget = {memory};
  JxlMemoryManager manager = {&budget, take, give_back};
  const JxlPixelFormat format = {
    shape->colours, shape->bits > 8 ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8, JXL_NATIVE_ENDIAN, 0};
  const size_t size = (size_t)shape->columns * shape->rows * shape->colours * (shape->bits > 8 ? 2 : 1);
  JxlDecoder *decoder = start(bytes, count, &manager, JXL_DEC_FULL_IMAGE);
  if (!decoder) return say(message, "the decoder cannot start");
  const char *why = "the codestream is damaged";
  int done = 0;
  for (;;) {
    JxlDecoderStatus status = JxlDecoderProcessInput(decoder);
    if (status == JXL_DEC_NEED_IMAGE_OUT_BUFFER) {
      size_t need = 0;
      if (JxlDecoderImageOutBufferSize(decoder, &format, &need) || need != size ||
          JxlDecoderSetImageOutBuffer(decoder, &format, out, size)) {
        why = "the decoder finds another shape than the header says";
        break;
      }
    } else if (status == JXL_DEC_FULL_IMAGE) {
      done = 1;
      break;
    } else {
      if (status == JXL_DEC_NEED_MORE_INPUT) why = "the codestream ends before the image";
      break;
    }
  }
  JxlDecoderDestroy(decoder);
  return done ? 0 : say(message, why);
}

int lumen_jxl_header(
  const uint8_t *bytes, size_t count, size_t memory, lumen_jxl_shape *shape, char message[LUMEN_JXL_MESSAGE]) {
  quiet(1);
  int failed = read_header(bytes, count, memory, shape, message);
  quiet(0);
  return failed;
}

int lumen_jxl_decode(
  const uint8_t *bytes, size_t count, size_t memory, const lumen_jxl_shape *shape, void *out,
  char message[LUMEN_JXL_MESSAGE]) {
  quiet(1);
  int failed = read_pixels(bytes, count, memory, shape, out, message);
  quiet(0);
  return failed;
}
