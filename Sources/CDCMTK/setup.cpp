// SPDX-License-Identifier: Apache-2.0
#include "shared.hpp"
#include "dcmtk/dcmdata/dcrledrg.h"
#include "dcmtk/dcmdata/dcrleerg.h"
#include "dcmtk/dcmjpeg/djdecode.h"
#include "dcmtk/dcmjpeg/djencode.h"
#include "dcmtk/oflog/oflog.h"
#include <mutex>

void prepare() {
  static std::once_flag once;
  std::call_once(once, [] {
    OFLog::configure(OFLogger::OFF_LOG_LEVEL);
    if (!dcmDataDict.isDictionaryLoaded()) {
      // DCMDICTPATH may name files that are not there.
      OFString paths(DCM_DICT_DEFAULT_PATH);
      DcmDataDictionary &dictionary = dcmDataDict.wrlock();
      size_t from = 0;
      while (from < paths.length()) {
        size_t to = paths.find(ENVIRONMENT_PATH_SEPARATOR, from);
        if (to == OFString_npos) to = paths.length();
        dictionary.loadDictionary(paths.substr(from, to - from).c_str(), OFFalse);
        from = to + 1;
      }
      dcmDataDict.wrunlock();
    }
    DJDecoderRegistration::registerCodecs(EDC_photometricInterpretation, EUC_never, EPC_colorByPixel);
    DcmRLEDecoderRegistration::registerCodecs();
    DJEncoderRegistration::registerCodecs(ECC_lossyYCbCr, EUC_never);
    DcmRLEEncoderRegistration::registerCodecs();
  });
}
