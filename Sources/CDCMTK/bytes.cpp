// SPDX-License-Identifier: Apache-2.0
#include "shared.hpp"

int64_t cdcm_bytes(
  cdcm_file *file, const cdcm_item *item, uint16_t group, uint16_t element, void *buffer, uint64_t capacity
) try {
  DcmElement *found = nullptr;
  if (!item || as_item(item)->findAndGetElement(DcmTagKey(group, element), found).bad() || !found) return -1;
  if (dynamic_cast<DcmSequenceOfItems *>(found) || found->getLength() > capacity) return -1;
  if (found->getLength() == 0) return 0;
  OFCondition result =
    found->getPartialValue(buffer, 0, found->getLength(), &file->cache, EBO_LittleEndian);
  return result.good() ? static_cast<int64_t>(found->getLength()) : -1;
} catch (...) {
  return -1;
}
