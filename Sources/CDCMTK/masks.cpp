// SPDX-License-Identifier: Apache-2.0
#include "shared.hpp"
#include <charconv>
#include <cmath>

namespace {
/// The characters of a text element as stored, however long; null when it is absent or no text.
const char *characters(const cdcm_item *item, uint16_t group, uint16_t element, size_t &length) {
  DcmElement *found = nullptr;
  if (!item || as_item(item)->findAndGetElement(DcmTagKey(group, element), found).bad() || !found) return nullptr;
  if (found->ident() == EVR_UN || found->getVR() == EVR_UN) {
    Uint8 *bytes = nullptr;
    if (found->getUint8Array(bytes).bad() || !bytes) return nullptr;
    length = found->getLength();
    return reinterpret_cast<const char *>(bytes);
  }
  DcmByteString *string = dynamic_cast<DcmByteString *>(found);
  char *text = nullptr;
  Uint32 count = 0;
  if (!string || string->getString(text, count).bad() || !text) return nullptr;
  length = count;
  return text;
}

bool is_blank(char c) { return c == ' ' || c == '\0' || c == '\t' || c == '\r' || c == '\n'; }
}

int64_t cdcm_numbers(
  const cdcm_item *item, uint16_t group, uint16_t element, double *buffer, int64_t capacity
) try {
  size_t length = 0;
  const char *text = characters(item, group, element, length);
  if (!text) return -1;
  const char *end = text + length;
  while (end > text && is_blank(end[-1])) end--;
  if (end == text) return 0;
  int64_t count = 1;
  for (const char *c = text; c < end; c++) count += *c == '\\';
  if (!buffer) return count;
  if (count > capacity) return -1;
  for (int64_t i = 0; i < count; i++) {
    const char *stop = text;
    while (stop < end && *stop != '\\') stop++;
    const char *first = text, *last = stop;
    while (first < last && is_blank(*first)) first++;
    while (last > first && is_blank(last[-1])) last--;
    if (first < last && *first == '+') first++;
    double value = 0;
    std::from_chars_result result = std::from_chars(first, last, value);
    if (result.ec != std::errc() || result.ptr != last || !std::isfinite(value)) return -2 - i;
    buffer[i] = value;
    text = stop + 1;
  }
  return count;
} catch (...) {
  return -1;
}
