// SPDX-License-Identifier: Apache-2.0
#include "shared.hpp"
#include "dcmtk/dcmdata/dcpixel.h"
#include "dcmtk/dcmdata/dcpixseq.h"
#include "dcmtk/dcmdata/dcpxitem.h"
#include "dcmtk/dcmdata/dcrlerp.h"
#include "dcmtk/dcmdata/dcvrsv.h"
#include "dcmtk/dcmdata/dcvruv.h"
#include "dcmtk/dcmjpeg/djrplol.h"
#include <memory>

namespace {
cdcm_item *handle(DcmItem *item) { return reinterpret_cast<cdcm_item *>(item); }

DcmSequenceOfItems *sequence_of(cdcm_item *item, uint16_t group, uint16_t element) {
  DcmElement *found = nullptr;
  if (as_item(item)->findAndGetElement(DcmTagKey(group, element), found).bad()) return nullptr;
  return dynamic_cast<DcmSequenceOfItems *>(found);
}

int32_t done(const OFCondition &result, cdcm_error *error) {
  if (result.bad()) say(error, result.text());
  return result.good();
}

/// Syntaxes that DCMTK does not know are encapsulated ones: encoded as the others, only the meta header tells them apart.
E_TransferSyntax encoding_of(const char *transfer_syntax) {
  E_TransferSyntax known = DcmXfer(transfer_syntax).getXfer();
  return known == EXS_Unknown ? EXS_JPEG2000 : known;
}

template <class T> const T *as(const void *values) { return static_cast<const T *>(values); }
}

cdcm_item *cdcm_writable(cdcm_file *file) try {
  return handle(file->format.getDataset());
} catch (...) {
  return nullptr;
}

cdcm_item *cdcm_meta(cdcm_file *file) try {
  return handle(file->format.getMetaInfo());
} catch (...) {
  return nullptr;
}

int32_t cdcm_put(
  cdcm_item *item, uint16_t group, uint16_t element, const char vr[3], const void *values, uint64_t bytes,
  cdcm_error *error
) try {
  if (bytes > 0xFFFFFFFEu) {
    say(error, "more than 4 GiB");
    return 0;
  }
  DcmItem *set = as_item(item);
  DcmVR kind(vr);
  DcmTagKey key(group, element);
  // The codecs work on pixel data of the dictionary's own VR only.
  DcmTag tag = key == DCM_PixelData ? DcmTag(key) : DcmTag(key, kind);
  Uint32 n = static_cast<Uint32>(bytes);
  if (n == 0) return done(set->insertEmptyElement(tag), error);
  switch (kind.getEVR()) {
  case EVR_US: case EVR_OW:
    return done(set->putAndInsertUint16Array(tag, as<Uint16>(values), n / 2), error);
  case EVR_SS: return done(set->putAndInsertSint16Array(tag, as<Sint16>(values), n / 2), error);
  case EVR_FL: case EVR_OF:
    return done(set->putAndInsertFloat32Array(tag, as<Float32>(values), n / 4), error);
  case EVR_FD: case EVR_OD:
    return done(set->putAndInsertFloat64Array(tag, as<Float64>(values), n / 8), error);
  case EVR_OB: case EVR_UN:
    return done(set->putAndInsertUint8Array(tag, as<Uint8>(values), n), error);
  case EVR_AT: case EVR_UL: case EVR_OL: case EVR_SL: case EVR_SV: case EVR_UV: case EVR_OV: {
    DcmElement *made = nullptr;
    OFCondition result = DcmItem::newDicomElement(made, tag);
    std::unique_ptr<DcmElement> owner(made);
    if (result.good()) {
      switch (kind.getEVR()) {
      case EVR_AT: result = made->putUint16Array(as<Uint16>(values), n / 4); break;
      case EVR_SL: result = made->putSint32Array(as<Sint32>(values), n / 4); break;
      case EVR_SV: {
        DcmSigned64bitVeryLong *wide = dynamic_cast<DcmSigned64bitVeryLong *>(made);
        result = wide ? wide->putSint64Array(as<Sint64>(values), n / 8) : EC_CorruptedData;
        break;
      }
      case EVR_UV: case EVR_OV: {
        DcmUnsigned64bitVeryLong *wide = dynamic_cast<DcmUnsigned64bitVeryLong *>(made);
        result = wide ? wide->putUint64Array(as<Uint64>(values), n / 8) : EC_CorruptedData;
        break;
      }
      default: result = made->putUint32Array(as<Uint32>(values), n / 4); break;
      }
    }
    if (result.good()) result = set->insert(made, OFTrue);
    if (result.good()) owner.release();
    return done(result, error);
  }
  default:
    if (!kind.isaString()) {
      say(error, "a VR that cannot be set");
      return 0;
    }
    return done(set->putAndInsertString(tag, as<char>(values), n), error);
  }
} catch (...) {
  say(error, "exception while setting an element");
  return 0;
}

int32_t cdcm_put_sequence(cdcm_item *item, uint16_t group, uint16_t element, cdcm_error *error) try {
  return done(as_item(item)->insertEmptyElement(DcmTag(DcmTagKey(group, element), DcmVR(EVR_SQ))), error);
} catch (...) {
  say(error, "exception while setting a sequence");
  return 0;
}

cdcm_item *cdcm_append_item(cdcm_item *item, uint16_t group, uint16_t element, cdcm_error *error) try {
  DcmSequenceOfItems *sequence = sequence_of(item, group, element);
  if (!sequence) {
    say(error, "is not a sequence");
    return nullptr;
  }
  std::unique_ptr<DcmItem> made(new DcmItem);
  if (!done(sequence->append(made.get()), error)) return nullptr;
  return handle(made.release());
} catch (...) {
  say(error, "exception while appending an item");
  return nullptr;
}

int32_t cdcm_put_fragments(cdcm_file *file, const char *transfer_syntax, cdcm_error *error) try {
  DcmXfer syntax(encoding_of(transfer_syntax));
  if (!syntax.isEncapsulated()) {
    say(error, "is not an encapsulated transfer syntax");
    return 0;
  }
  std::unique_ptr<DcmPixelData> pixels(new DcmPixelData(DcmTag(DCM_PixelData, EVR_OB)));
  pixels->putOriginalRepresentation(
    syntax.getXfer(), nullptr, new DcmPixelSequence(DcmTag(DCM_PixelSequenceTag, EVR_pixelSQ)));
  OFCondition result = file->format.getDataset()->insert(pixels.get(), OFTrue);
  if (result.good()) pixels.release();
  return done(result, error);
} catch (...) {
  say(error, "exception while setting pixels");
  return 0;
}

int32_t cdcm_append_fragment(
  cdcm_file *file, const char *transfer_syntax, const void *bytes, uint32_t count, cdcm_error *error
) try {
  DcmElement *found = nullptr;
  file->format.getDataset()->findAndGetElement(DCM_PixelData, found);
  DcmPixelData *pixels = dynamic_cast<DcmPixelData *>(found);
  DcmPixelSequence *sequence = nullptr;
  if (!pixels ||
      pixels->getEncapsulatedRepresentation(encoding_of(transfer_syntax), nullptr, sequence).bad() || !sequence) {
    say(error, "has no fragments");
    return 0;
  }
  std::unique_ptr<DcmPixelItem> fragment(new DcmPixelItem(DcmTag(DCM_PixelItemTag, EVR_OB)));
  OFCondition result = count > 0 ? fragment->putUint8Array(as<Uint8>(bytes), count) : EC_Normal;
  if (result.good()) result = sequence->insert(fragment.get());
  if (result.good()) fragment.release();
  return done(result, error);
} catch (...) {
  say(error, "exception while setting pixels");
  return 0;
}

int32_t cdcm_save(cdcm_file *file, const char *path, const char *transfer_syntax, cdcm_error *error) try {
  DcmXfer syntax(encoding_of(transfer_syntax));
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

int32_t cdcm_entry_of(uint16_t group, uint16_t element, cdcm_entry *entry) try {
  prepare();
  int32_t known = 0;
  const DcmDataDictionary &dictionary = dcmDataDict.rdlock();
  if (const DcmDictEntry *found = dictionary.findEntry(DcmTagKey(group, element), nullptr)) {
    std::snprintf(entry->vr, sizeof entry->vr, "%s", found->getVR().getValidVRName());
    std::snprintf(entry->keyword, sizeof entry->keyword, "%s", found->getTagName());
    entry->least = found->getVMMin();
    entry->most = found->getVMMax() == DcmVariableVM ? -1 : found->getVMMax();
    known = 1;
  }
  dcmDataDict.rdunlock();
  return known;
} catch (...) {
  return 0;
}
