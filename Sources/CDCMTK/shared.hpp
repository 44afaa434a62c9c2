// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"
#include "dcmtk/dcmdata/dcfcache.h"
#include "include/CDCMTK.h"
#include <cstdio>

struct cdcm_file {
  DcmFileFormat format;
  DcmFileCache cache;
};

inline DcmItem *as_item(const cdcm_item *item) {
  return const_cast<DcmItem *>(reinterpret_cast<const DcmItem *>(item));
}

inline DcmElement *as_element(const cdcm_element *element) {
  return const_cast<DcmElement *>(reinterpret_cast<const DcmElement *>(element));
}

inline void say(cdcm_error *error, const char *text) {
  if (error) std::snprintf(error->text, sizeof error->text, "%s", text);
}

/// Silences DCMTK, loads its dictionary and registers its codecs; the first call of the process does it.
void prepare();
