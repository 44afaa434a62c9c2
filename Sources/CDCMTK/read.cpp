// SPDX-License-Identifier: Apache-2.0
#include "shared.hpp"
#include "dcmtk/dcmdata/dcspchrs.h"
#include <algorithm>
#include <cstring>
#include <memory>

namespace {
// Text elements above this stay unread.
constexpr Uint32 textLimit = 1 << 16;
// Values of a text above these are not trimmed one by one.
constexpr int64_t mostValues = 1 << 10;

int32_t give(const OFString &text, char *buffer, int32_t capacity) {
  if (capacity < 0 || text.length() > static_cast<size_t>(capacity)) return -2;
  std::memcpy(buffer, text.data(), text.length());
  return static_cast<int32_t>(text.length());
}

DcmElement *find(const cdcm_item *item, uint16_t group, uint16_t element) {
  DcmElement *found = nullptr;
  if (!item || as_item(item)->findAndGetElement(DcmTagKey(group, element), found).bad()) return nullptr;
  return found;
}

bool text_of(DcmElement *element, OFString &text) {
  if (!element || element->getLength() > textLimit) return false;
  if (element->ident() == EVR_UN || element->getVR() == EVR_UN) {
    // Text that was sent as unknown: the dictionary knows what it was.
    if (!DcmTag(element->getTag().getXTag()).getVR().isaString()) return false;
    Uint8 *bytes = nullptr;
    if (element->getUint8Array(bytes).bad() || !bytes) return false;
    text.assign(reinterpret_cast<const char *>(bytes), element->getLength());
    return true;
  }
  // The library goes over the whole text once for every value: very many values are taken as they stand.
  char *raw = nullptr;
  Uint32 length = 0;
  if (element->isaString() && element->getString(raw, length).good() && raw
      && std::count(raw, raw + length, '\\') > mostValues) {
    text.assign(raw, length);
    return true;
  }
  return element->getOFStringArray(text).good();
}

bool is_text(const DcmElement *element) {
  switch (element->ident()) {
  case EVR_PN: case EVR_LO: case EVR_SH: case EVR_ST: case EVR_LT: case EVR_UT: case EVR_UC: return true;
  default: return false;
  }
}

/// Whether text is the same in every character set, as far as DICOM's go.
bool is_plain(const OFString &text) {
  for (size_t i = 0; i < text.length(); i++) {
    if ((text[i] & 0x80) || text[i] == 0x1b) return false;
  }
  return true;
}

/// The values of an element as UTF-8; as they are where that is not possible.
int32_t give_converted(
  const DcmElement *element, const OFString &text, const OFString &set, char *buffer, int32_t capacity
) {
  DcmSpecificCharacterSet converter;
  if (converter.selectCharacterSet(set, "ISO_IR 192").good()) {
    std::unique_ptr<DcmElement> copy(OFstatic_cast(DcmElement *, element->clone()));
    OFString converted;
    if (copy && copy->convertCharacterSet(converter).good() && copy->getOFStringArray(converted).good()) {
      return give(converted, buffer, capacity);
    }
  }
  return give(text, buffer, capacity);
}
}

cdcm_file *cdcm_open(const char *path, cdcm_error *error) try {
  prepare();
  std::unique_ptr<cdcm_file> file(new cdcm_file);
  OFCondition result = file->format.loadFile(path, EXS_Unknown, EGL_noChange, 4096, ERM_autoDetect);
  if (result.bad()) {
    say(error, result.text());
    return nullptr;
  }
  return file.release();
} catch (const std::exception &e) {
  say(error, e.what());
  return nullptr;
} catch (...) {
  say(error, "unknown exception");
  return nullptr;
}

cdcm_file *cdcm_new(cdcm_error *error) try {
  prepare();
  return new cdcm_file;
} catch (...) {
  say(error, "out of memory");
  return nullptr;
}

void cdcm_close(cdcm_file *file) try { delete file; } catch (...) {}

const cdcm_item *cdcm_dataset(const cdcm_file *file) try {
  DcmItem *item = const_cast<cdcm_file *>(file)->format.getDataset();
  return reinterpret_cast<const cdcm_item *>(item);
} catch (...) {
  return nullptr;
}

int32_t cdcm_transfer_syntax(const cdcm_file *file, char *buffer, int32_t capacity) try {
  DcmFileFormat &format = const_cast<cdcm_file *>(file)->format;
  OFString uid;
  DcmMetaInfo *meta = format.getMetaInfo();
  if (meta && meta->findAndGetOFString(DCM_TransferSyntaxUID, uid).good() && !uid.empty()) {
    return give(uid, buffer, capacity);
  }
  const char *known = DcmXfer(format.getDataset()->getOriginalXfer()).getXferID();
  return give(known ? known : "", buffer, capacity);
} catch (...) {
  return -1;
}

int32_t cdcm_has(const cdcm_item *item, uint16_t group, uint16_t element) try {
  return find(item, group, element) ? 1 : 0;
} catch (...) {
  return 0;
}

int32_t cdcm_text(const cdcm_item *item, uint16_t group, uint16_t element, char *buffer, int32_t capacity) try {
  OFString text;
  return text_of(find(item, group, element), text) ? give(text, buffer, capacity) : -1;
} catch (...) {
  return -1;
}

int32_t cdcm_utf8(
  const cdcm_file *file, const cdcm_item *item, uint16_t group, uint16_t element, char *buffer, int32_t capacity
) try {
  DcmElement *found = find(item, group, element);
  OFString text;
  if (!text_of(found, text)) return -1;
  if (is_plain(text) || !is_text(found)) return give(text, buffer, capacity);
  DcmItem *root = as_item(cdcm_dataset(file));
  OFString set;
  if (as_item(item)->findAndGetOFStringArray(DCM_SpecificCharacterSet, set).bad() || set.empty()) {
    if (root->findAndGetOFStringArray(DCM_SpecificCharacterSet, set).bad() || set.empty()) {
      return give(text, buffer, capacity);
    }
  }
  return give_converted(found, text, set, buffer, capacity);
} catch (...) {
  return -1;
}

int32_t cdcm_element_utf8(
  const cdcm_element *element, const char *character_set, char *buffer, int32_t capacity
) try {
  DcmElement *found = as_element(element);
  OFString text;
  if (!text_of(found, text)) return -1;
  if (!*character_set || is_plain(text) || !is_text(found)) return give(text, buffer, capacity);
  return give_converted(found, text, character_set, buffer, capacity);
} catch (...) {
  return -1;
}

int32_t cdcm_words(const cdcm_item *item, uint16_t group, uint16_t element, uint16_t *buffer, int32_t capacity) try {
  DcmElement *found = find(item, group, element);
  if (!found || capacity < 0 || found->getLength() / 2 > static_cast<Uint32>(capacity)) return -1;
  Uint32 count = found->getLength() / 2;
  Uint16 *words = nullptr;
  Sint16 *numbers = nullptr;
  if (found->getUint16Array(words).good() && words) {
    std::memcpy(buffer, words, count * 2);
  } else if (found->getSint16Array(numbers).good() && numbers) {
    std::memcpy(buffer, numbers, count * 2);
  } else {
    return -1;
  }
  return static_cast<int32_t>(count);
} catch (...) {
  return -1;
}

const cdcm_item *cdcm_next(const cdcm_item *parent, uint16_t group, uint16_t element, const cdcm_item *previous) try {
  DcmElement *found = find(parent, group, element);
  DcmSequenceOfItems *sequence = dynamic_cast<DcmSequenceOfItems *>(found);
  if (!sequence) return nullptr;
  DcmObject *next = sequence->nextInContainer(previous ? as_item(previous) : nullptr);
  return reinterpret_cast<const cdcm_item *>(dynamic_cast<DcmItem *>(next));
} catch (...) {
  return nullptr;
}
