#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Oracles of the Gaussian and the median: SciPy."""
import scipy
from scipy import ndimage
from common import Rows, image, spacing

rows = Rows("spine")
for boundary, mode in dict(mirror="reflect", nearest="nearest", periodic="wrap", zero="constant").items():
    v, s = image("noise", "float64"), spacing("noise")
    rows.add("gaussian", dict(sigma="1.6mm", boundary=boundary), "noise", "SciPy %s gaussian_filter" % scipy.__version__,
             ndimage.gaussian_filter(v, [1.6 / s[2], 1.6 / s[1], 1.6 / s[0]], truncate=4.0, mode=mode), 2e-6)
    for radius in (1, 2):
        rows.add("median", dict(radius=radius, boundary=boundary), "noise",
                 "SciPy %s median_filter" % scipy.__version__,
                 ndimage.median_filter(image("noise", "int16"), 2 * radius + 1, mode=mode), 0, "int16")
rows.write()
