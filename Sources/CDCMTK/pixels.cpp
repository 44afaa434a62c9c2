// SPDX-License-Identifier: Apache-2.0
#include "shared.hpp"
#include "dcmtk/dcmdata/dcpixel.h"
#include "dcmtk/dcmdata/dcpixseq.h"
#include "dcmtk/dcmdata/dcpxitem.h"
#include "dcmtk/dcmjpeg/djcparam.h"
#include "dcmtk/dcmjpeg/djdijg12.h"
#include "dcmtk/dcmjpeg/djdijg16.h"
#include "dcmtk/dcmjpeg/djdijg8.h"
#include <cstring>

namespace {
DcmElement *element_of(const cdcm_file *file, int32_t &kind) {
  DcmDataset *set = const_cast<cdcm_file *>(file)->format.getDataset();
  DcmElement *found = nullptr;
  kind = 0;
  if (set->findAndGetElement(DCM_PixelData, found).good()) kind = 1;
  else if (set->findAndGetElement(DCM_FloatPixelData, found).good()) kind = 2;
  else if (set->findAndGetElement(DCM_DoubleFloatPixelData, found).good()) kind = 3;
  return kind ? found : nullptr;
}

DcmPixelSequence *fragments_of(const cdcm_file *file) {
  int32_t kind;
  DcmPixelData *pixels = dynamic_cast<DcmPixelData *>(element_of(file, kind));
  if (!pixels) return nullptr;
  E_TransferSyntax syntax = EXS_Unknown;
  const DcmRepresentationParameter *parameter = nullptr;
  pixels->getOriginalRepresentationKey(syntax, parameter);
  DcmPixelSequence *sequence = nullptr;
  return pixels->getEncapsulatedRepresentation(syntax, parameter, sequence).good() ? sequence : nullptr;
}

/// A decoder of the IJG library that notices what the library would only warn of: data lost and filled in.
template <class Decoder> class Strict : public Decoder {
public:
  explicit Strict(const DJCodecParameter &parameter) : Decoder(parameter, OFFalse) {}
  void emitMessage(int level) const override {
    if (level < 0) warnings++;
  }
  mutable int warnings = 0;
};

template <class Decoder> int32_t decode_jpeg(
  const uint8_t *bytes, uint32_t count, int32_t oddities, void *out, uint32_t size, cdcm_error *error
) {
  static const DJCodecParameter plain(ECC_lossyYCbCr, EDC_never, EUC_never, EPC_colorByPixel);
  Strict<Decoder> decoder(plain);
  OFCondition result = decoder.init();
  if (result.good()) {
    result = decoder.decode(const_cast<Uint8 *>(bytes), count, static_cast<Uint8 *>(out), size, OFFalse);
  }
  if (result == EJ_Suspension) {
    say(error, "the compressed data end before the image");
  } else if (result.bad()) {
    say(error, result.text());
  } else if (decoder.warnings > oddities) {
    say(error, "the compressed data are damaged");
  } else {
    return 1;
  }
  return 0;
}
}

int32_t cdcm_jpeg(
  const uint8_t *bytes, uint32_t count, int32_t bits, int32_t oddities, void *out, uint32_t size, cdcm_error *error
) try {
  if (bits <= 8) return decode_jpeg<DJDecompressIJG8Bit>(bytes, count, oddities, out, size, error);
  if (bits <= 12) return decode_jpeg<DJDecompressIJG12Bit>(bytes, count, oddities, out, size, error);
  return decode_jpeg<DJDecompressIJG16Bit>(bytes, count, oddities, out, size, error);
} catch (...) {
  say(error, "exception while decoding");
  return 0;
}

cdcm_pixels cdcm_pixel_info(const cdcm_file *file) try {
  cdcm_pixels info = {};
  DcmElement *found = element_of(file, info.kind);
  if (!found) return info;
  if (DcmPixelSequence *sequence = fragments_of(file)) {
    info.encapsulated = 1;
    unsigned long n = sequence->card();
    info.fragments = n > 0 ? static_cast<uint32_t>(n - 1) : 0;
  } else {
    info.length = found->getLength();
  }
  return info;
} catch (...) {
  return cdcm_pixels{};
}

int32_t cdcm_native(cdcm_file *file, uint64_t offset, void *buffer, uint64_t count, cdcm_error *error) try {
  int32_t kind;
  DcmElement *found = element_of(file, kind);
  if (!found || offset > found->getLength() || count > found->getLength() - offset) {
    say(error, "range outside the pixel data");
    return 0;
  }
  OFCondition result = found->getPartialValue(
    buffer, static_cast<Uint32>(offset), static_cast<Uint32>(count), &file->cache, gLocalByteOrder);
  if (result.bad()) say(error, result.text());
  return result.good();
} catch (...) {
  say(error, "exception while reading");
  return 0;
}

uint32_t cdcm_fragments(cdcm_file *file, const cdcm_fragment **fragments, uint64_t *lengths, uint32_t capacity) try {
  DcmPixelSequence *sequence = fragments_of(file);
  if (!sequence) return 0;
  uint32_t n = 0;
  // The first item is the offset table.
  DcmObject *item = sequence->nextInContainer(sequence->nextInContainer(nullptr));
  for (; item && n < capacity; item = sequence->nextInContainer(item)) {
    DcmPixelItem *fragment = dynamic_cast<DcmPixelItem *>(item);
    if (!fragment) break;
    fragments[n] = reinterpret_cast<const cdcm_fragment *>(fragment);
    lengths[n++] = fragment->getLength();
  }
  return n;
} catch (...) {
  return 0;
}

int32_t cdcm_fragment_bytes(const cdcm_fragment *fragment, void *buffer, uint64_t capacity) try {
  DcmPixelItem *item = const_cast<DcmPixelItem *>(reinterpret_cast<const DcmPixelItem *>(fragment));
  Uint8 *bytes = nullptr;
  if (item->getLength() > capacity) return 0;
  if (item->getLength() == 0) return 1;
  if (item->getUint8Array(bytes).bad() || !bytes) return 0;
  std::memcpy(buffer, bytes, item->getLength());
  return 1;
} catch (...) {
  return 0;
}
