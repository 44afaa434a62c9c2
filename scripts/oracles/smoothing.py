#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Oracles of the rank filters and of smoothing that adapts to the image: SciPy, OpenCV, SimpleITK, scikit-image."""
import cv2, numpy as np, scipy, skimage, SimpleITK as sitk
from scipy import ndimage
from skimage.restoration import denoise_tv_chambolle
from common import Rows, image, spacing

rows = Rows("smoothing")
SCIPY, CV, ITK, SK = ("%s %s " % p for p in (("SciPy", scipy.__version__), ("OpenCV", cv2.__version__), (
    "SimpleITK", sitk.Version_VersionString()), ("scikit-image", skimage.__version__)))
MODE = dict(mirror="reflect", nearest="nearest", periodic="wrap", zero="constant")
PAD = dict(mirror="symmetric", nearest="edge", periodic="wrap", zero="constant")


def volume(name, kind="float32"):
    """The input, saturated to its stored type, as a 2-D array when it has one slice."""
    v = image(name, "int64")
    if kind.startswith(("int", "uint")):
        v = v.clip(np.iinfo(kind).min, np.iinfo(kind).max)
    v = v.astype(kind)
    return v[0] if v.shape[0] == 1 else v


# ---- rank
for name, kind, radius, boundary in (
        ("plane", "uint8", 3, "mirror"), ("plane", "uint8", 7, "zero"), ("plane", "int16", 2, "periodic"),
        ("plane", "uint16", 5, "nearest"), ("body", "uint8", 3, "nearest"), ("body", "int16", 4, "mirror"),
        ("noise", "float32", 3, "zero"), ("noise", "uint16", 6, "periodic")):
    rows.add("median", dict(radius=radius, boundary=boundary), name, SCIPY + "median_filter",
             ndimage.median_filter(volume(name, kind), 2 * radius + 1, mode=MODE[boundary]), 0, kind)
for name, kind, radius, boundary, percentiles in (
        ("plane", "uint8", 4, "mirror", (0, 25, 90, 100)), ("plane", "float32", 1, "zero", (10, 75)),
        ("noise", "int16", 2, "nearest", (0, 5, 62.5, 100)), ("noise", "float32", 4, "periodic", (30,)),
        ("body", "uint8", 2, "periodic", (1, 80))):
    for p in percentiles:
        rows.add("percentile", dict(percentile=p, radius=radius, boundary=boundary), name, SCIPY + "percentile_filter",
                 ndimage.percentile_filter(volume(name, kind), p, 2 * radius + 1, mode=MODE[boundary]), 0, kind)


# ---- bilateral
def bilateral(name, sr, ss, radius, boundary, step=(1.0, 1.0, 1.0)):
    """Tomasi & Manduchi 1998 in double precision; spacing x, y, z."""
    v = image(name, "float64")
    r = [0 if v.shape[a] == 1 else int(radius / step[2 - a] + 1e-9) for a in range(3)]
    p = np.pad(v, [(k, k) for k in r], mode=PAD[boundary])
    num, den = np.zeros_like(v), np.zeros_like(v)
    for z, y, x in np.ndindex(*[2 * k + 1 for k in r]):
        d2 = ((z - r[0]) * step[2]) ** 2 + ((y - r[1]) * step[1]) ** 2 + ((x - r[2]) * step[0]) ** 2
        if d2 > radius * radius * (1 + 1e-9):
            continue
        q = p[z:z + v.shape[0], y:y + v.shape[1], x:x + v.shape[2]]
        w = np.exp(-d2 / (2 * ss * ss) - (q - v) ** 2 / (2 * sr * sr))
        num += w * q
        den += w
    return num / den


for name, sr, ss, radius, boundary in (("plane", 60.0, 1.5, 3.0, "mirror"), ("noise", 800.0, 2.0, 4.0, "zero"),
                                       ("body", 100.0, 2.0, 4.0, "periodic")):
    rows.add("bilateral", dict(range=sr, sigma="%gmm" % ss, radius="%gmm" % radius, boundary=boundary), name,
             "NumPy, from Tomasi & Manduchi 1998, eq. 5", bilateral(name, sr, ss, radius, boundary, spacing(name)), 2e-6)
# OpenCV knows no spacing and mirrors without the edge: one slice of unit spacing, its inside.
cube = image("cube", "float32")
rows.add("bilateral", dict(range=200, sigma="3mm", radius="4mm", planar="true"), "cube", CV + "bilateralFilter",
         np.stack([cv2.bilateralFilter(s, 9, 200.0, 3.0, borderType=cv2.BORDER_REFLECT_101) for s in cube]), 2e-4,
         margin=(4, 4, 0))


# ---- diffusion
def itk(v, name):
    i = sitk.GetImageFromArray(v.astype("float32"))
    i.SetSpacing(spacing(name)[:v.ndim])
    return i


for scheme, f in (("gradient", sitk.GradientAnisotropicDiffusion), ("curvature", sitk.CurvatureAnisotropicDiffusion)):
    label = ITK + f.__name__ + "ImageFilter"
    for name, steps, dt, conductance in (("cube", 5, 0.0625, 3.0), ("body", 7, 0.05, 1.0), ("plane", 10, 0.04, 0.7)):
        rows.add("anisotropic-diffusion",
                 {"scheme": scheme, "iterations": steps, "time-step": dt, "conductance": conductance}, name, label,
                 sitk.GetArrayFromImage(f(itk(volume(name), name), dt, conductance, 1, steps)), 1e-5)

# ---- non-local means
def non_local_means(v, h, patch, search, boundary):
    """Buades, Coll & Morel 2005 with a flat patch, in double precision; no weight beyond 5 h^2.

    Not scikit-image: the sums of its fast mode leave out the first row and column of every patch."""
    r, size = patch + search, 2 * patch + 1
    p = np.pad(v, r, mode=PAD[boundary])
    num, den = np.zeros_like(p), np.zeros_like(p)
    for shift in np.ndindex(*[2 * search + 1] * v.ndim):
        q = np.roll(p, [search - s for s in shift], range(v.ndim))
        d2 = ndimage.uniform_filter((p - q) ** 2, size) / h ** 2
        w = np.where(d2 <= 5, np.exp(-d2), 0)
        num += w * q
        den += w
    return (num / den)[(slice(r, -r),) * v.ndim]


for name, h, patch, search, boundary in (
        ("plane", 40.0, 3, 10, "mirror"), ("plane", 25.0, 2, 5, "zero"), ("plane", 90.0, 1, 4, "periodic"),
        ("body", 60.0, 1, 3, "mirror"), ("noise", 900.0, 2, 2, "nearest")):
    r, parameters = patch + search, dict(strength=h, patch=patch, search=search, boundary=boundary)
    v = volume(name, "float64")
    rows.add("non-local-means", parameters, name, "NumPy, from Buades, Coll & Morel 2005, eq. 1",
             non_local_means(v, h, patch, search, boundary), 1e-5)
    if v.ndim == 2:
        eight = np.pad(volume(name, "uint8"), r, mode=PAD[boundary])
        rows.add("non-local-means", parameters, name, CV + "fastNlMeansDenoising",
                 cv2.fastNlMeansDenoising(eight, None, h, 2 * patch + 1, 2 * search + 1)[r:-r, r:-r], 0, "uint8")

# ---- total variation
for name, weight, eps, most in (("plane", 60.0, 2e-4, 200), ("body", 40.0, 1e-3, 100), ("noise", 500.0, 1e-5, 60),
                                ("cube", 100.0, 2e-4, 1)):
    rows.add("total-variation", dict(weight=weight, tolerance=eps, iterations=most), name, SK + "denoise_tv_chambolle",
             denoise_tv_chambolle(volume(name, "float64"), weight, eps=eps, max_num_iter=most), 1e-5)

# Kuwahara, from the definition: the mean of the box with the smallest variance, of those that have the voxel as a corner
def kuwahara(v, radius, mode="symmetric"):
    pad = np.pad(v.astype(float), [(radius if n > 1 else 0,) * 2 for n in v.shape],
                 **(dict(mode="constant") if mode == "zero" else dict(mode=mode)))
    out = np.empty(v.shape)
    side = [radius if n > 1 else 0 for n in v.shape]
    for p in np.ndindex(v.shape):
        best, mean = np.inf, np.nan
        for corner in np.ndindex(*[2 if s else 1 for s in side]):      # x last: it changes first
            box = pad[tuple(slice(q + c * s, q + c * s + s + 1) for q, c, s in zip(p, corner, side))]
            spread = box.size * (box * box).sum() - box.sum() ** 2     # exact for whole numbers
            if spread < best:
                best, mean = spread, box.mean()
        out[p] = mean
    return out


for boundary, mode in dict(mirror="symmetric", nearest="edge", periodic="wrap", zero="zero").items():
    rows.add("kuwahara", dict(radius=2, boundary=boundary), "noise", "NumPy, Kuwahara et al. 1976, octants",
             kuwahara(image("noise"), 2, mode), 1e-6, "int16")
rows.add("kuwahara", dict(radius=4), "plane", "NumPy, Kuwahara et al. 1976",
         kuwahara(image("plane"), 4), 1e-6, "int16")
rows.add("kuwahara", dict(radius=1, planar="true"), "body", "NumPy, Kuwahara et al. 1976",
         np.concatenate([kuwahara(s[None], 1) for s in image("body")]), 1e-6)
rows.write()
