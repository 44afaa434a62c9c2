#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Oracles of the intensity filters and of local binary patterns: NumPy, scikit-image, OpenCV, SimpleITK.

PyRadiomics' square, root, logarithm, exponential and 3-D pattern are written out in NumPy and SciPy after the formulas
of its documentation (3.1), so that the script needs no old Python.
"""
import itertools
import math
import cv2
import numpy as np
import scipy
import SimpleITK as sitk
import skimage
from scipy import ndimage
from skimage import exposure
from skimage.feature import local_binary_pattern
from common import Rows, image, spacing

rows = Rows("intensity")
NUMPY, SKIMAGE = "NumPy %s" % np.__version__, "scikit-image %s" % skimage.__version__
SITK, OPENCV = "SimpleITK %s" % sitk.Version.VersionString(), "OpenCV %s" % cv2.__version__


def stored(name, kind):
    """An input as a stored type, saturated."""
    v = image(name, "float64")
    if np.dtype(kind).kind in "iu":
        v = np.clip(v, np.iinfo(kind).min, np.iinfo(kind).max)
    return v.astype(kind)


def as_itk(name, kind):
    i = sitk.GetImageFromArray(stored(name, kind))
    i.SetSpacing(spacing(name))
    return i


# ---- windows and ranges
for kind, target in itertools.product(("int16", "uint16", "uint8", "float32"), ("uint8", "uint16")):
    top = np.iinfo(target).max
    for lower, upper in ((-160, 240), (0.5, 33.25)):
        v = stored("noise", kind).astype("f8")
        rows.add("window", dict(lower=lower, upper=upper, type=target), "noise", NUMPY + " rint, clip",
                 np.rint(np.clip((v - lower) * top / (upper - lower), 0, top)), 0, kind)
rows.add("window", dict(centre=40, width=400, type="float32"), "body", NUMPY + " clip",
         np.clip((stored("body", "f8") + 160) / 400, 0, 1), 1e-7, "int16")
for name, kind in (("noise", "int16"), ("plane", "float32"), ("body", "int32")):
    rows.add("rescale", dict(lower=-3, upper=12.5), name, SITK + " RescaleIntensity",
             sitk.GetArrayFromImage(sitk.RescaleIntensity(as_itk(name, "float64"), -3, 12.5)), 1e-7, kind)
for kind in ("uint8", "int16", "float32", "float64"):
    rows.add("clip", dict(lower=-20, upper=77), "noise", NUMPY + " clip",
             np.clip(stored("noise", kind).astype("f8"), -20, 77), 0, kind)
for name, kind in (("noise", "int16"), ("body", "float32"), ("plane", "float64")):
    v = stored(name, "f8")
    rows.add("z-score", {}, name, NUMPY + " mean, std", (v - v.mean()) / v.std(), 1e-6, kind)
    f = v[v > 200]
    rows.add("z-score", dict(sample="true", above=200), name, NUMPY + " mean, std(ddof=1)",
             (v - f.mean()) / f.std(ddof=1), 1e-6, kind)
for target in ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"):
    for kind in ("int16", "float32", "float64", "uint8"):
        v = stored("noise", kind)
        if np.dtype(target).kind in "iu":
            i = np.iinfo(target)
            v = np.clip(np.rint(v.astype("f8")), i.min, i.max)
        rows.add("convert-type", dict(type=target), "noise", NUMPY + " rint, clip", v, 0, kind)

# ---- PyRadiomics
FORMULA = NUMPY + ", from PyRadiomics 3.1, "
for name, kind in (("noise", "int16"), ("body", "float32"), ("plane", "uint8")):
    v = stored(name, kind).astype("f8")
    m = np.abs(v).max()
    rows.add("square", {}, name, FORMULA + "getSquareImage", (v / np.sqrt(m)) ** 2, 1e-7, kind)
    rows.add("square-root", {}, name, FORMULA + "getSquareRootImage", np.sign(v) * np.sqrt(m * np.abs(v)), 1e-7, kind)
    rows.add("logarithm", {}, name, FORMULA + "getLogarithmImage",
             np.sign(v) * np.log(np.abs(v) + 1) * m / np.log(m + 1), 1e-7, kind)
    rows.add("exponential", {}, name, FORMULA + "getExponentialImage", np.exp(np.log(m) / m * v), 1e-7, kind)

# ---- curves by the histogram
for name, kind, gamma, gain in (("noise", "uint16", 0.4, 1), ("body", "uint8", 2.2, 1.5), ("binary", "float32", 3, 2)):
    top = np.iinfo(kind).max if kind != "float32" else 1
    rows.add("gamma", dict(gamma=gamma, gain=gain), name, SKIMAGE + " adjust_gamma",
             exposure.adjust_gamma(stored(name, kind) / top, gamma, gain) * top, 1e-6, kind)
for name, kind in (("noise", "int16"), ("body", "uint8"), ("plane", "int16"), ("binary", "int8")):
    rows.add("equalise-histogram", {}, name, SKIMAGE + " equalize_hist", exposure.equalize_hist(stored(name, kind)), 1e-6, kind)
for bins in (16, 256):
    rows.add("equalise-histogram", dict(bins=bins), "noise", SKIMAGE + " equalize_hist",
             exposure.equalize_hist(stored("noise", "float64"), bins), 1e-6, "float32")
for name, kind, tiles, limit in (("noise", "uint16", 3, 2), ("noise", "uint8", 4, 2), ("cube", "uint16", 8, 2),
                                 ("cube", "uint8", 2, 40), ("plane", "uint8", 8, 0), ("plane", "uint16", 5, 3.5),
                                 ("body", "uint16", 4, 1), ("body", "uint8", 5, 4)):
    c = cv2.createCLAHE(float(limit), (tiles, tiles))
    rows.add("clahe", {"tiles": tiles, "clip-limit": limit}, name, OPENCV + " createCLAHE",
             np.stack([c.apply(s) for s in stored(name, kind)]), 0, kind)


def nyul(v, percentiles, values, above):
    p = np.percentile(v[v > above], percentiles)
    f = scipy.interpolate.interp1d(p, values, bounds_error=False, fill_value="extrapolate")
    return f(v)


DECILES = [1, 10, 20, 30, 40, 50, 60, 70, 80, 90, 99]
VALUES = [0, 7, 15.5, 22, 30, 41, 52, 60, 75, 88, 100]
STANDARD = ",".join("%g:%g" % pair for pair in zip(DECILES, VALUES))
for name, kind, above in (("noise", "int16", 0), ("noise", "float32", -500), ("body", "float64", 100), ("plane", "float32", 0)):
    rows.add("nyul", dict(standard=STANDARD, above=above), name,
             "NumPy %s percentile, SciPy %s interp1d, from Nyul & Udupa 1999" % (np.__version__, scipy.__version__),
             nyul(stored(name, "f8"), DECILES, VALUES, above), 1e-6, kind)

# ---- projections
for name, kind in (("noise", "int16"), ("body", "float32"), ("cube", "uint8")):
    for axis, statistic in itertools.product("xyz", ("maximum", "minimum", "mean")):
        f = dict(maximum=sitk.MaximumProjection, minimum=sitk.MinimumProjection, mean=sitk.MeanProjection)[statistic]
        i = as_itk(name, kind)
        p = f(i if statistic != "mean" else sitk.Cast(i, sitk.sitkFloat64), "xyz".index(axis))
        v = sitk.GetArrayFromImage(p)
        rows.add("projection", dict(axis=axis, statistic=statistic), name, SITK + " %sProjection" % statistic.capitalize(),
                 v, 0 if statistic != "mean" else 1e-6, kind, spacing=p.GetSpacing())

# ---- bias field
for name, levels, iterations in (("body", 2, 20), ("cube", 1, 10), ("body", 4, 50)):
    v = as_itk(name, "float32")
    n4 = sitk.N4BiasFieldCorrectionImageFilter()
    n4.SetMaximumNumberOfIterations([iterations] * levels)
    mask = sitk.Cast(v > 100, sitk.sitkUInt8)
    rows.add("bias-field", dict(levels=levels, iterations=iterations, above=100), name,
             SITK + " N4BiasFieldCorrection, mask above 100", sitk.GetArrayFromImage(n4.Execute(v, mask)), 1e-3)

# ---- local binary patterns
for name, kind in (("noise", "int16"), ("plane", "uint8"), ("body", "float32")):
    for method, samples, radius in (("uniform", 8, 1), ("default", 8, 1), ("ror", 8, 1.5), ("nri-uniform", 8, 2),
                                    ("uniform", 16, 2), ("default", 16, 2.5)):
        v = np.stack([local_binary_pattern(s, samples, radius, method.replace("-", "_")) for s in stored(name, kind).astype("f8")])
        rows.add("local-binary-pattern", dict(method=method, samples=samples, radius=radius), name,
                 SKIMAGE + " local_binary_pattern", v, 0, kind)
    for samples, radius in ((8, 1), (5, 1.7), (24, 3)):
        # Where all samples are equal it gives NaN.
        v = np.stack([np.nan_to_num(local_binary_pattern(s, samples, radius, "var"))
                      for s in stored(name, kind).astype("f8")])
        rows.add("local-binary-pattern", dict(method="var", samples=samples, radius=radius), name,
                 SKIMAGE + " local_binary_pattern, its NaN as 0", v, 1e-6, kind)


def icosphere(subdivisions):
    t = (1 + 5 ** 0.5) / 2
    v = [np.array(p) / math.sqrt(2 + t) for a, b in itertools.product((-1, 1), repeat=2)
         for p in ((a, b * t, 0), (0, a, b * t), (b * t, 0, a))]
    for _ in range(subdivisions):
        edge = 1.25 * min(np.linalg.norm(a - b) for a, b in itertools.combinations(v, 2))
        v += [(a + b) / np.linalg.norm(a + b) for a, b in itertools.combinations(v, 2) if np.linalg.norm(a - b) < edge]
    return np.array(v)


def harmonic(m, n, azimuth, polar):
    p = scipy.special.assoc_legendre_p(n, abs(m), np.cos(polar))[0]
    y = np.sqrt((2 * n + 1) / (4 * np.pi) * math.factorial(n - abs(m)) / math.factorial(n + abs(m))) * p
    y = y * np.exp(1j * abs(m) * azimuth)
    return y if m >= 0 else (-1) ** m * np.conj(y)


def pattern3d(v, level, radius, subdivision):
    """PyRadiomics' getLBP3DImage over the whole image, in double precision."""
    s = icosphere(subdivision)
    at = np.stack(np.meshgrid(*map(np.arange, v.shape), indexing="ij"), -1).reshape(-1, 3)
    where = (at[:, None, :] + radius * s[None]).transpose(2, 0, 1)
    f = ndimage.map_coordinates(v, where.reshape(3, -1), order=3).reshape(where.shape[1:])
    if level == 0:
        return scipy.stats.kurtosis(f, axis=1).reshape(v.shape)
    b = f - v.ravel()[:, None] >= -1e-9 * (v.max() - v.min())
    n = level - 1
    y = np.stack([harmonic(m, n, np.arccos(np.clip(s[:, 2], -1, 1)), np.arctan2(s[:, 1], s[:, 0])) for m in range(-n, n + 1)], 1)
    g = (b @ y) @ y.T
    return np.real(np.sqrt(np.sum(g ** 2, axis=1))).reshape(v.shape)


for name, level, radius, subdivision in (("noise", 1, 1, 1), ("noise", 2, 1, 1), ("noise", 0, 1, 1), ("noise", 3, 1.7, 0),
                                         ("cube", 4, 2.4, 1), ("body", 2, 1.5, 1), ("body", 0, 2, 0)):
    rows.add("local-binary-pattern-3d", dict(level=level, radius=radius, subdivision=subdivision), name,
             "SciPy %s map_coordinates, from PyRadiomics 3.1 getLBP3DImage" % scipy.__version__,
             pattern3d(stored(name, "f8"), level, radius, subdivision), 1e-6)
# Of an image without NaN or infinity nothing changes; the tests put some into it.
rows.add("replace-non-finite", dict(value=7), "noise", "NumPy %s nan_to_num" % np.__version__,
         np.nan_to_num(image("noise"), nan=7, posinf=7, neginf=7), 0)
rows.write()
