#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Oracles of the linear filters: SciPy, scikit-image, SimpleITK, and the definitions of IBSI 2 in NumPy."""
import itertools
import numpy as np
import scipy
import SimpleITK as sitk
import skimage
from scipy import ndimage
from skimage.filters import difference_of_gaussians
from common import Rows, image, spacing

MODES = dict(mirror="reflect", nearest="nearest", periodic="wrap", zero="constant")
SCIPY, SKIMAGE = "SciPy %s " % scipy.__version__, "scikit-image %s " % skimage.__version__
rows = Rows("convolution")


def voxels(name, sigma):
    """sigma in voxels, (z, y, x)."""
    return [sigma / s for s in spacing(name)[::-1]]


def per_slice(f, v):
    return np.stack([f(s) for s in v])


# Mean
for boundary, mode in MODES.items():
    rows.add("mean", dict(size=5, boundary=boundary), "noise", SCIPY + "uniform_filter",
             ndimage.uniform_filter(image("noise", "float64"), 5, mode=mode), 1e-6)
rows.add("mean", dict(size=31, boundary="periodic"), "noise", SCIPY + "uniform_filter",
         ndimage.uniform_filter(image("noise", "float64"), 31, mode="wrap"), 1e-4)  # nearly constant
rows.add("mean", dict(size=7, planar="true"), "body", SCIPY + "uniform_filter",
         per_slice(lambda s: ndimage.uniform_filter(s, 7), image("body", "float64")), 1e-6, "int16")
rows.add("mean", dict(size=9, boundary="nearest"), "plane", SCIPY + "uniform_filter",
         ndimage.uniform_filter(image("plane", "float64")[0], 9, mode="nearest"), 1e-6, "int16")


# Laplacian of Gaussian: IBSI 2 by its dense kernel, SciPy for the normalised one.
def log_kernel(sigmas, cutoff=4.0):
    r = [int(cutoff * s + 0.5) for s in sigmas]
    grid = np.meshgrid(*[np.arange(-n, n + 1) for n in r], indexing="ij")
    g, factor = 1.0, 0.0
    for k, s in zip(grid, sigmas):
        g = g * np.exp(-k * k / (2 * s * s)) / np.sqrt(2 * np.pi * s * s)
        factor = factor + k * k / s**4 - 1 / s**2
    return factor * g


for boundary, mode in MODES.items():
    rows.add("laplacian-of-gaussian", dict(sigma="1.5mm", boundary=boundary), "noise",
             "NumPy, IBSI 2 Laplacian of Gaussian (dense kernel)",
             ndimage.convolve(image("noise", "float64"), log_kernel(voxels("noise", 1.5)), mode=mode), 2e-6)
rows.add("laplacian-of-gaussian", dict(sigma="1.2mm", planar="true"), "body",
         "NumPy, IBSI 2 Laplacian of Gaussian (dense kernel)",
         per_slice(lambda s: ndimage.convolve(s, log_kernel(voxels("body", 1.2)[1:])), image("body", "float64")), 2e-6,
         "int16")
rows.add("laplacian-of-gaussian", dict(sigma="2mm", normalised="true", cutoff=3), "cube",
         SCIPY + "gaussian_laplace", ndimage.gaussian_laplace(image("cube", "float64"), 2.0, truncate=3.0), 2e-6)
rows.add("laplacian-of-gaussian", dict(sigma="1.4mm"), "plane", "NumPy, IBSI 2 Laplacian of Gaussian (dense kernel)",
         ndimage.convolve(image("plane", "float64")[0], log_kernel(voxels("plane", 1.4)[1:])), 2e-6)

# Difference of Gaussians
for boundary, mode in MODES.items():
    rows.add("difference-of-gaussians", dict(narrow="0.9mm", wide="2mm", boundary=boundary), "noise",
             SKIMAGE + "difference_of_gaussians",
             difference_of_gaussians(image("noise", "float64"), voxels("noise", 0.9), voxels("noise", 2), mode=mode), 4e-6)
rows.add("difference-of-gaussians", dict(narrow="1mm", wide="1.6mm"), "plane", SKIMAGE + "difference_of_gaussians",
         difference_of_gaussians(image("plane", "float64")[0], voxels("plane", 1)[1:], voxels("plane", 1.6)[1:],
                                 mode="reflect"), 4e-6, "int16")

# Laplacian
for boundary, mode in MODES.items():
    rows.add("laplacian", dict(boundary=boundary), "cube", SCIPY + "laplace",
             ndimage.laplace(image("cube", "float64"), mode=mode), 1e-6, "int16")
v = sitk.GetImageFromArray(image("body", "float64"))
v.SetSpacing(spacing("body"))
rows.add("laplacian", dict(boundary="nearest"), "body", "SimpleITK %s Laplacian" % sitk.Version.VersionString(),
         sitk.GetArrayFromImage(sitk.Laplacian(v, True)), 1e-6)
rows.add("laplacian", dict(planar="true"), "cube", SCIPY + "laplace",
         per_slice(ndimage.laplace, image("cube", "float64")), 1e-6)

# Unsharp mask
for input, amount in (("noise", 1), ("plane", 2.5)):
    v = image(input, "float64")
    sigma = voxels(input, 1.5)
    if input == "plane":
        sigma[0] = 0
    rows.add("unsharp-mask", dict(sigma="1.5mm", amount=amount), input, SCIPY + "gaussian_filter",
             v + amount * (v - ndimage.gaussian_filter(v, sigma)), 2e-6)

# Laws: every rotation as a dense kernel, pooled, then the energy.
LAWS = dict(L3=(1, 2, 1), E3=(-1, 0, 1), S3=(-1, 2, -1), L5=(1, 4, 6, 4, 1), E5=(-1, -2, 0, 2, 1), S5=(-1, 0, 2, 0, -1),
            W5=(-1, 2, 0, -2, 1), R5=(1, -4, 6, -4, 1))


def laws_kernel(names):
    out = np.ones(())
    for name in names[::-1]:                       # array axes are (z, y, x)
        k = np.array(LAWS[name], float)
        out = np.multiply.outer(out, k / np.linalg.norm(k))
    return out


def rotations(k):
    n = k.ndim
    for order in itertools.permutations(range(n)):
        for flips in itertools.product((1, -1), repeat=n):
            matrix = np.zeros((n, n))
            for i in range(n):
                matrix[i, order[i]] = flips[i]
            if round(np.linalg.det(matrix)) == 1:
                r = np.transpose(k, order)
                yield np.flip(r, [i for i in range(n) if flips[i] < 0])


def laws(v, names, pooling, energy, mode):
    k = laws_kernel(names)
    if pooling == "none":
        r = ndimage.convolve(v, k, mode=mode)
    else:
        r = np.stack([ndimage.convolve(v, q, mode=mode) for q in rotations(k)])
        assert len(r) == (4 if v.ndim == 2 else 24)
        r = r.max(0) if pooling == "max" else r.mean(0)
    return ndimage.uniform_filter(abs(r), 2 * energy + 1, mode=mode) if energy else r


for names, pooling, energy, boundary in (
        (("L5", "E5", "S5"), "none", 0, "mirror"), (("E5", "L5", "S5"), "max", 0, "zero"),
        (("E3", "W5", "R5"), "max", 3, "nearest"), (("L5", "S5", "L3"), "mean", 0, "periodic"),
        (("S3", "L5", "R5"), "mean", 2, "mirror"), (("E5", "E5", "L5"), "max", 0, "mirror")):
    rows.add("laws", dict(kernels="".join(names), pooling=pooling, energy=energy, boundary=boundary), "noise",
             "NumPy, IBSI 2 Laws kernels (dense, all rotations)",
             laws(image("noise", "float64"), names, pooling, energy, MODES[boundary]), 2e-6)
for names, pooling, energy in ((("L5", "S5"), "max", 2), (("L5", "E3"), "max", 0), (("W5", "L3"), "none", 0)):
    p = dict(kernels="".join(names), pooling=pooling, energy=energy)
    rows.add("laws", p, "plane", "NumPy, IBSI 2 Laws kernels (dense, all rotations)",
             laws(image("plane", "float64")[0], names, pooling, energy, "reflect"), 2e-6, "int16")
rows.add("laws", dict(kernels="E5L5", pooling="max", energy=1), "body", "NumPy, IBSI 2 Laws kernels (dense, all rotations)",
         per_slice(lambda s: laws(s, ("E5", "L5"), "max", 1, "reflect"), image("body", "float64")), 2e-6)
# Recursive Gaussian and its derivatives, in double precision: ITK keeps float32 between the axes of a float32 image.
SITK = "SimpleITK %s " % sitk.Version.VersionString()


def itk_image(name):
    v = image(name, "float64")
    out = sitk.GetImageFromArray(v[0] if len(v) == 1 else v)
    out.SetSpacing(spacing(name)[:out.GetDimension()])
    return out


def recursive(v, sigma, orders, across_scale=False, axes=None):
    axes = range(v.GetDimension()) if axes is None else axes
    for axis in sorted(axes, key=lambda a: -orders[a]):
        v = sitk.RecursiveGaussian(v, sigma, across_scale, orders[axis], axis)
    return sitk.GetArrayFromImage(v)


def orders_of(orders):
    return dict(zip(("x-order", "y-order", "z-order"), orders))


for input, sigma, orders in (("noise", 1.5, (0, 0, 0)), ("body", 6, (0, 0, 0)), ("cube", 40, (0, 0, 0)),
                             ("body", 2, (1, 0, 0)), ("noise", 2, (0, 1, 0)), ("cube", 1.2, (0, 0, 2)),
                             ("body", 3, (1, 0, 1)), ("cube", 1.5, (2, 1, 0))):
    rows.add("recursive-gaussian", dict(sigma="%gmm" % sigma, **orders_of(orders)), input, SITK + "RecursiveGaussian",
             recursive(itk_image(input), sigma, orders), 1e-6)
rows.add("recursive-gaussian", {"sigma": "3mm", "across-scale": "true", **orders_of((2, 0, 0))}, "body",
         SITK + "RecursiveGaussian", recursive(itk_image("body"), 3, (2, 0, 0), True), 1e-6, "int16")
rows.add("recursive-gaussian", dict(sigma="2mm", planar="true", **orders_of((0, 1, 0))), "noise",
         SITK + "RecursiveGaussian", recursive(itk_image("noise"), 2, (0, 1, 0), axes=(0, 1)), 1e-6)
for orders in ((0, 0, 0), (1, 1, 0)):
    rows.add("recursive-gaussian", dict(sigma="1.3mm", **orders_of(orders)), "plane", SITK + "RecursiveGaussian",
             recursive(itk_image("plane"), 1.3, orders), 1e-6, "int16")
for input, sigma, across_scale in (("noise", 1.5, True), ("noise", 3, False), ("body", 2, True), ("body", 5, True),
                                   ("cube", 1, False), ("plane", 1.2, True), ("plane", 3, False)):
    rows.add("recursive-laplacian", {"sigma": "%gmm" % sigma, "across-scale": str(across_scale).lower()}, input,
             SITK + "LaplacianRecursiveGaussian",
             sitk.GetArrayFromImage(sitk.LaplacianRecursiveGaussian(itk_image(input), sigma, across_scale)), 1e-6)
rows.add("recursive-laplacian", {"sigma": "2mm", "planar": "true"}, "body", SITK + "LaplacianRecursiveGaussian, slices",
         per_slice(lambda s: sitk.GetArrayFromImage(sitk.LaplacianRecursiveGaussian(s, 2.0)),
                   [itk_image("body")[:, :, k] for k in range(18)]), 1e-6, "int16")

# Convolution with a given kernel
def kernel_text(k):
    k = np.asarray(k, "float32")
    return " | ".join("; ".join(" ".join(repr(float(w)) for w in r) for r in s) for s in (k[None] if k.ndim == 2 else k))


rng = np.random.default_rng(7)
dense = (rng.integers(-64, 65, (7, 7)) / 64).astype("float32")
box = (rng.integers(-64, 65, (3, 5, 3)) / 64).astype("float32")
for boundary, mode in MODES.items():
    rows.add("convolve", dict(kernel=kernel_text(box), boundary=boundary), "noise", SCIPY + "convolve",
             ndimage.convolve(image("noise", "float64"), box.astype(float), mode=mode), 1e-6)
rows.add("convolve", dict(kernel=kernel_text(dense), correlate="true"), "plane", SCIPY + "correlate",
         ndimage.correlate(image("plane", "float64")[0], dense.astype(float)), 1e-6, "int16")
rows.add("convolve", dict(kernel=kernel_text(dense), boundary="nearest"), "body", SCIPY + "convolve, slices",
         per_slice(lambda s: ndimage.convolve(s, dense.astype(float), mode="nearest"), image("body", "float64")), 1e-6)
rows.write()
