// SPDX-License-Identifier: Apache-2.0
#include "CJPEG2000.h"
