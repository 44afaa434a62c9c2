// SPDX-License-Identifier: Apache-2.0
#include "shared.hpp"
#include "dcmtk/dcmdata/dcrlerp.h"
#include "dcmtk/dcmjpeg/djrplol.h"

int32_t cdcm_put_text(cdcm_file *file, uint16_t group, uint16_t element, const char *text, cdcm_error *error) try {
  DcmItem *item = group == 2 ? static_cast<DcmItem *>(file->format.getMetaInfo()) : file->format.getDataset();
  OFCondition result = item->putAndInsertString(DcmTag(group, element), text);
  if (result.bad()) say(error, result.text());
  return result.good();
} catch (...) {
  say(error, "exception while setting an element");
  return 0;
}

int32_t cdcm_put_pixels(cdcm_file *file, const int16_t *values, uint32_t count, cdcm_error *error) try {
  OFCondition result = file->format.getDataset()->putAndInsertUint16Array(
    DCM_PixelData, reinterpret_cast<const Uint16 *>(values), count);
  if (result.bad()) say(error, result.text());
  return result.good();
} catch (...) {
  say(error, "exception while setting pixels");
  return 0;
}

int32_t cdcm_save(cdcm_file *file, const char *path, const char *transfer_syntax, cdcm_error *error) try {
  DcmXfer syntax(transfer_syntax);
  DcmDataset *set = file->format.getDataset();
  DJ_RPLossless jpeg(1, 0);
  DcmRLERepresentationParameter runs;
  const DcmRepresentationParameter *parameter = nullptr;
  switch (syntax.getXfer()) {
  case EXS_JPEGProcess14SV1: parameter = &jpeg; break;
  case EXS_RLELossless: parameter = &runs; break;
  default: break;
  }
  OFCondition result = set->chooseRepresentation(syntax.getXfer(), parameter);
  if (result.good() && !set->canWriteXfer(syntax.getXfer())) result = EC_UnsupportedEncoding;
  if (result.good()) {
    result = file->format.saveFile(
      path, syntax.getXfer(), EET_ExplicitLength, EGL_recalcGL, EPD_noChange, 0, 0, EWM_dontUpdateMeta);
  }
  if (result.bad()) say(error, result.text());
  return result.good();
} catch (...) {
  say(error, "exception while writing");
  return 0;
}
