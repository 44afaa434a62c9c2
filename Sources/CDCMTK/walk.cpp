// SPDX-License-Identifier: Apache-2.0
#include "shared.hpp"
#include "dcmtk/dcmdata/dcuid.h"
#include <cstring>
#include <memory>

cdcm_file *cdcm_open_damaged(const char *path, cdcm_error *error) try {
  prepare();
  std::unique_ptr<cdcm_file> file(new cdcm_file);
  OFCondition result = file->format.loadFile(path, EXS_Unknown, EGL_noChange, 4096, ERM_autoDetect);
  say(error, result.bad() ? result.text() : "");
  return file.release();
} catch (...) {
  say(error, "exception while reading");
  return nullptr;
}

uint32_t cdcm_elements(const cdcm_item *item, const cdcm_element **elements, uint32_t capacity) try {
  DcmItem *found = as_item(item);
  uint32_t n = 0;
  // In one go: anything that looks for an element meanwhile would make every step a search from the first.
  for (DcmObject *next = found->nextInContainer(nullptr); next && n < capacity; next = found->nextInContainer(next)) {
    if (DcmElement *element = dynamic_cast<DcmElement *>(next)) {
      elements[n++] = reinterpret_cast<const cdcm_element *>(element);
    }
  }
  return capacity ? n : static_cast<uint32_t>(found->card());
} catch (...) {
  return 0;
}

int32_t cdcm_describe(const cdcm_element *element, cdcm_description *description) try {
  DcmElement *found = as_element(element);
  std::memset(description, 0, sizeof *description);
  description->group = found->getTag().getGroup();
  description->element = found->getTag().getElement();
  std::snprintf(description->vr, sizeof description->vr, "%s", DcmVR(found->getVR()).getValidVRName());
  DcmTag tag(found->getTag());
  std::snprintf(description->keyword, sizeof description->keyword, "%s", tag.getTagName());
  if (DcmSequenceOfItems *sequence = dynamic_cast<DcmSequenceOfItems *>(found)) {
    description->is_sequence = 1;
    description->count = static_cast<uint32_t>(sequence->card());
  } else {
    description->length = found->getLength();
  }
  return 1;
} catch (...) {
  return 0;
}

const cdcm_item *cdcm_item_of(const cdcm_element *sequence, const cdcm_item *previous) try {
  DcmSequenceOfItems *found = dynamic_cast<DcmSequenceOfItems *>(as_element(sequence));
  if (!found) return nullptr;
  DcmObject *next = found->nextInContainer(previous ? as_item(previous) : nullptr);
  return reinterpret_cast<const cdcm_item *>(dynamic_cast<DcmItem *>(next));
} catch (...) {
  return nullptr;
}

int32_t cdcm_head(cdcm_file *file, const cdcm_element *element, void *buffer, uint32_t count) try {
  DcmElement *found = as_element(element);
  Uint32 length = found->getLength();
  if (length < count) count = length;
  if (count == 0) return 0;
  return found->getPartialValue(buffer, 0, count, &file->cache, gLocalByteOrder).good() ? static_cast<int32_t>(count)
                                                                                       : -1;
} catch (...) {
  return -1;
}

const char *cdcm_uid_name(const char *uid) try {
  return dcmFindNameOfUID(uid, nullptr);
} catch (...) {
  return nullptr;
}
