// SPDX-License-Identifier: Apache-2.0
#include "shared.hpp"
#include "dcmtk/dcmdata/dcpixel.h"
#include "dcmtk/dcmdata/dcpixseq.h"
#include "dcmtk/dcmdata/dcpxitem.h"
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
  if (!DcmXfer(syntax).isEncapsulated()) return nullptr;
  DcmPixelSequence *sequence = nullptr;
  return pixels->getEncapsulatedRepresentation(syntax, parameter, sequence).good() ? sequence : nullptr;
}
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

int32_t cdcm_frame(
  cdcm_file *file, uint32_t frame, uint32_t *start, void *buffer, uint32_t capacity, char colour[32],
  cdcm_error *error
) try {
  int32_t kind;
  DcmPixelData *pixels = dynamic_cast<DcmPixelData *>(element_of(file, kind));
  if (!pixels) {
    say(error, "no pixel data");
    return 0;
  }
  OFString model;
  Uint32 first = *start;
  OFCondition result = pixels->getUncompressedFrame(
    file->format.getDataset(), frame, first, buffer, capacity, model, &file->cache);
  if (result.bad()) {
    say(error, result.text());
    return 0;
  }
  *start = first;
  std::snprintf(colour, 32, "%s", model.c_str());
  return 1;
} catch (...) {
  say(error, "exception while decoding");
  return 0;
}

int64_t cdcm_fragment_length(cdcm_file *file, uint32_t index) try {
  DcmPixelSequence *sequence = fragments_of(file);
  DcmPixelItem *item = nullptr;
  if (!sequence || sequence->getItem(item, index).bad() || !item) return -1;
  return item->getLength();
} catch (...) {
  return -1;
}

int32_t cdcm_fragment(cdcm_file *file, uint32_t index, void *buffer, uint64_t capacity) try {
  DcmPixelSequence *sequence = fragments_of(file);
  DcmPixelItem *item = nullptr;
  if (!sequence || sequence->getItem(item, index).bad() || !item || item->getLength() > capacity) return 0;
  Uint8 *bytes = nullptr;
  if (item->getLength() == 0) return 1;
  if (item->getUint8Array(bytes).bad() || !bytes) return 0;
  std::memcpy(buffer, bytes, item->getLength());
  return 1;
} catch (...) {
  return 0;
}
