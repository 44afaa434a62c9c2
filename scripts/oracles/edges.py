#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Oracles of edges and structure: SciPy, scikit-image, and the papers' formulas in NumPy."""
import numpy as np
import scipy
import skimage
from scipy import ndimage
from skimage.feature import canny
from common import Rows, image, spacing

MODES = dict(mirror="reflect", nearest="nearest", periodic="wrap", zero="constant")
SCIPY, SKIMAGE = "SciPy %s " % scipy.__version__, "scikit-image %s " % skimage.__version__
rows = Rows("edges")


def voxels(name, sigma, axes=3):
    """sigma in voxels, (z, y, x)."""
    return [sigma / s for s in spacing(name)[::-1]][-axes:]


def per_slice(f, v):
    return np.stack([f(s) for s in v])


# Gradient magnitude
def gradient(v, sigma, step, mode="reflect", truncate=4.0):
    return [ndimage.gaussian_filter(v, sigma, order=[int(i == a) for i in range(v.ndim)], mode=mode, truncate=truncate)
            / step[a] for a in range(v.ndim)]


for boundary, mode in MODES.items():
    g = gradient(image("noise", "float64"), voxels("noise", 1.1), spacing("noise")[::-1], mode)
    rows.add("gradient-magnitude", dict(sigma="1.1mm", boundary=boundary), "noise",
             SCIPY + "gaussian_filter of order 1", np.sqrt(sum(x * x for x in g)), 4e-6)
rows.add("gradient-magnitude", dict(sigma="1.5mm", cutoff=3), "cube", SCIPY + "gaussian_gradient_magnitude",
         ndimage.gaussian_gradient_magnitude(image("cube", "float64"), 1.5, truncate=3.0), 4e-6, "int16")
for input, v in (("plane", image("plane", "float64")), ("body", image("body", "float64"))):
    step = spacing(input)[1::-1]
    rows.add("gradient-magnitude", dict(sigma="1.3mm", planar="true"), input, SCIPY + "gaussian_filter of order 1",
             per_slice(lambda s: np.sqrt(sum(x * x for x in gradient(s, voxels(input, 1.3, 2), step))), v), 4e-6)


# Sobel, Prewitt, Scharr
def operator(weights):
    def derivative(v, axis, output, mode, cval):
        v = ndimage.correlate1d(v, [-1, 0, 1], axis, None, mode, cval)
        for other in range(v.ndim):
            if other != axis:
                v = ndimage.correlate1d(v, weights, other, None, mode, cval)
        if isinstance(output, np.ndarray):         # the first call gives an array to fill, the others a type
            output[...] = v
        return v
    return derivative


for weights, f in dict(sobel=ndimage.sobel, prewitt=ndimage.prewitt, scharr=operator([3, 10, 3])).items():
    for boundary, mode in MODES.items():
        rows.add("sobel", dict(weights=weights, boundary=boundary), "noise", SCIPY + "generic_gradient_magnitude",
                 ndimage.generic_gradient_magnitude(image("noise", "float64"), f, mode=mode), 1e-6, "int16")
rows.add("sobel", dict(), "plane", SCIPY + "generic_gradient_magnitude",
         ndimage.generic_gradient_magnitude(image("plane", "float64")[0], ndimage.sobel), 1e-6)
rows.add("sobel", dict(planar="true"), "body", SCIPY + "generic_gradient_magnitude",
         per_slice(lambda s: ndimage.generic_gradient_magnitude(s, ndimage.sobel), image("body", "float64")), 1e-6)

# Canny
for input, sigma, low, high in (("plane", 1.0, 200, 500), ("body", 1.5, 100, 400), ("noise", 1.2, 300, 2000)):
    s = voxels(input, sigma, 2)
    rows.add("canny", dict(sigma="%gmm" % sigma, low=low, high=high), input, SKIMAGE + "canny",
             per_slice(lambda v: canny(v, s, low, high, mode="reflect"), image(input, "float64")).astype(float), 0)


# Hessian
def hessian(v, sigma, mode="reflect", truncate=4.0):
    """Eigenvalues of the scale-normalised Hessian, ascending, last axis."""
    n = v.ndim
    h = np.empty(v.shape + (n, n))
    for a in range(n):
        for b in range(a, n):
            order = [0] * n
            order[a] += 1
            order[b] += 1
            h[..., a, b] = h[..., b, a] = sigma[a] * sigma[b] * ndimage.gaussian_filter(
                v, sigma, order=order, mode=mode, truncate=truncate)
    return np.linalg.eigvalsh(h)


for rank, i in dict(largest=2, middle=1, smallest=0).items():
    rows.add("hessian-eigenvalue", dict(sigma="1.4mm", rank=rank), "noise",
             SCIPY + "gaussian_filter of order 2, NumPy eigvalsh",
             hessian(image("noise", "float64"), voxels("noise", 1.4))[..., i], 4e-6)
rows.add("hessian-eigenvalue", dict(sigma="1.4mm", rank="smallest", boundary="zero"), "plane",
         SCIPY + "gaussian_filter of order 2, NumPy eigvalsh",
         hessian(image("plane", "float64")[0], voxels("plane", 1.4, 2), "constant")[..., 0], 4e-6)
rows.add("hessian-eigenvalue", dict(sigma="1.4mm", planar="true"), "body",
         SCIPY + "gaussian_filter of order 2, NumPy eigvalsh",
         per_slice(lambda s: hessian(s, voxels("body", 1.4, 2))[..., 1], image("body", "float64")), 4e-6)


def frangi_of(e, alpha, beta, c):
    """Frangi et al. 1998, equations 13 and 15, bright tubes."""
    e = np.take_along_axis(e, abs(e).argsort(-1), -1)
    s = np.sqrt((e**2).sum(-1))
    c = c or s.max() / 2
    with np.errstate(all="ignore"):
        if e.shape[-1] == 2:
            v = np.exp(-(e[..., 0] / e[..., 1])**2 / (2 * beta**2)) * (1 - np.exp(-s**2 / (2 * c * c)))
            return np.where(e[..., 1] < 0, v, 0)
        ra, rb = e[..., 1] / e[..., 2], abs(e[..., 0]) / np.sqrt(abs(e[..., 1] * e[..., 2]))
        v = (1 - np.exp(-ra**2 / (2 * alpha**2))) * np.exp(-rb**2 / (2 * beta**2)) * (1 - np.exp(-s**2 / (2 * c * c)))
    return np.where((e[..., 1] < 0) & (e[..., 2] < 0), v, 0)


def sato_of(e):
    """Sato et al. 1998, equation 8: lines, bright."""
    l1, lc = e[..., 2], -e[..., 1]
    with np.errstate(all="ignore"):
        v = lc * np.exp(-l1**2 / (2 * (np.where(l1 <= 0, 0.5, 2.0) * lc)**2))
    return np.where(lc > 0, v, 0)


def over_scales(input, sigmas, f, sign=1):
    v = sign * image(input, "float64")
    if v.shape[0] == 1:
        v = v[0]
    return np.max([f(hessian(v, voxels(input, s, v.ndim))) for s in sigmas], 0)


for dark, sign in (("false", 1), ("true", -1)):
    rows.add("vesselness", dict(smallest="1.2mm", largest="2.7mm", scales=3, dark=dark), "body",
             "NumPy, Frangi et al. 1998, eq. 13", over_scales("body", (1.2, 1.8, 2.7), lambda e: frangi_of(e, .5, .5, 0), sign),
             5e-5)
    rows.add("vesselness", dict(measure="sato", smallest="1.2mm", largest="1.8mm", scales=2, dark=dark), "body",
             "NumPy, Sato et al. 1998, eq. 8", over_scales("body", (1.2, 1.8), sato_of, sign), 5e-5)
rows.add("vesselness", dict(smallest="1.5mm", largest="1.5mm", alpha=1, beta=0.7, structure=150), "noise",
         "NumPy, Frangi et al. 1998, eq. 13", over_scales("noise", (1.5,), lambda e: frangi_of(e, 1, .7, 150)), 5e-5)
rows.add("vesselness", dict(smallest="1.2mm", largest="1.2mm", structure=50), "plane", "NumPy, Frangi et al. 1998, eq. 15",
         over_scales("plane", (1.2,), lambda e: frangi_of(e, .5, .5, 50)), 5e-5)
rows.add("vesselness", dict(measure="sato", smallest="1.5mm", largest="3mm", scales=2, dark="true", cutoff=5, planar="true"),
         "cube", "NumPy, Sato et al. 1998 in two dimensions",
         per_slice(lambda s: np.max([np.maximum(hessian(s, (x, x), truncate=5)[..., 1], 0) for x in (1.5, 3)], 0),
                   image("cube", "float64")), 1e-5)


# Structure tensor
def structure(v, sigma, rho, step, mode="reflect"):
    g = gradient(v, sigma, step, mode)
    j = np.empty(v.shape + (v.ndim, v.ndim))
    for a in range(v.ndim):
        for b in range(v.ndim):
            j[..., a, b] = ndimage.gaussian_filter(g[a] * g[b], rho, mode=mode)
    return np.linalg.eigvalsh(j)[..., ::-1]


TENSOR = SCIPY + "gaussian_filter, NumPy eigvalsh"
for boundary, mode in MODES.items():
    e = structure(image("noise", "float64"), voxels("noise", 1), voxels("noise", 2), spacing("noise")[::-1], mode)
    for measure, x in dict(largest=e[..., 0], middle=e[..., 1], smallest=e[..., 2],
                           coherence=((e[..., 0] - e[..., 1]) / (e[..., 0] + e[..., 1]))**2).items():
        if boundary == "mirror" or measure == "largest":
            rows.add("structure-tensor", dict(measure=measure, sigma="1mm", integration="2mm", boundary=boundary), "noise",
                     TENSOR, x, 1e-5 if measure != "coherence" else 1e-4)
e = structure(image("plane", "float64")[0], voxels("plane", 1, 2), voxels("plane", 2, 2), spacing("plane")[1::-1])
rows.add("structure-tensor", dict(measure="coherence"), "plane", TENSOR,
         ((e[..., 0] - e[..., 1]) / (e[..., 0] + e[..., 1]))**2, 1e-4)
rows.write()
