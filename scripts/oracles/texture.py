#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Oracles of the Gabor filter (definition in NumPy and SciPy, OpenCV), the separable wavelets (PyWavelets' filters with
SciPy's convolution, PyWavelets' transform), the Simoncelli band, the Riesz transform
and its steering (definitions in NumPy)."""
import math
from itertools import permutations, product
import numpy as np
import cv2
import pywt
import scipy
from scipy import ndimage
from common import Rows, image, spacing

MODE = dict(mirror="reflect", nearest="nearest", periodic="wrap", zero="constant")
rows = Rows("texture")


def gabor_kernel(s, sigma, wavelength, gamma, theta, radius):
    """h[j, i] with y first; spacing (x, y)."""
    j, i = np.mgrid[-radius:radius + 1, -radius:radius + 1]
    x, y, t = i * s[0], j * s[1], math.radians(theta)
    a, b = x * math.cos(t) + y * math.sin(t), -x * math.sin(t) + y * math.cos(t)
    return np.exp(-(a * a + gamma**2 * b * b) / (2 * sigma**2)) * np.exp(2j * np.pi * a / wavelength)


def gabor_plane(p, s, boundary, angles, part=np.abs, pool=np.mean, radius=40, **k):
    out = []
    for t in angles:
        h = gabor_kernel(s, theta=t, radius=radius, **k)
        c = [ndimage.convolve(p, q, mode=MODE[boundary]) for q in (h.real, h.imag)]
        out.append(part(c[0] + 1j * c[1]))
    return pool(out, axis=0)


def gabor(v, s, boundary, angles, orthogonal=False, **k):
    """v (z, y, x), s (x, y, z)."""
    a = np.stack([gabor_plane(p, (s[0], s[1]), boundary, angles, **k) for p in v])
    if not orthogonal:
        return a
    b = np.stack([gabor_plane(v[:, i], (s[0], s[2]), boundary, angles, **k) for i in range(v.shape[1])], 1)
    c = np.stack([gabor_plane(v[:, :, i], (s[1], s[2]), boundary, angles, **k) for i in range(v.shape[2])], 2)
    return (a + b + c) / 3


by = "NumPy and SciPy %s convolve, from IBSI 2, Gabor filters" % scipy.__version__
shape = dict(sigma=1.5, wavelength=3.0, gamma=0.8)
text = dict(sigma="1.5mm", wavelength="3mm", gamma=0.8)
for boundary in MODE:
    rows.add("gabor", dict(text, theta=30, boundary=boundary), "plane", by,
             gabor(image("plane", "float64"), spacing("plane"), boundary, [30], **shape), 2e-6)
rows.add("gabor", dict(text, step=45, planes="orthogonal", boundary="nearest"), "noise", by,
         gabor(image("noise", "float64"), spacing("noise"), "nearest", np.arange(0, 360, 45), True, radius=18, **shape),
         2e-6, "int16")
rows.add("gabor", dict(text, step=60, pooling="max", response="real", theta=10), "noise", by,
         gabor(image("noise", "float64"), spacing("noise"), "mirror", np.arange(10, 360, 60), part=np.real, pool=np.max,
               radius=18, **shape), 2e-6)
rows.add("gabor", dict(text, theta=200, response="imaginary", step=90, pooling="max", boundary="zero"), "body", by,
         gabor(image("body", "float64"), spacing("body"), "zero", [200, 290, 380, 470], part=np.imag, pool=np.max,
               radius=18, **shape), 2e-6, "int16")
kernel = cv2.getGaborKernel((9, 9), 2.0, math.radians(60), 4.0, 0.5, 0.0, cv2.CV_64F)
rows.add("gabor", dict(sigma="2mm", wavelength="4mm", gamma=0.5, theta=60, radius=4, response="real"), "cube",
         "OpenCV %s filter2D, getGaborKernel" % cv2.__version__,
         np.stack([cv2.filter2D(p, cv2.CV_64F, kernel, borderType=cv2.BORDER_REFLECT)
                   for p in image("cube", "float64")]),
         2e-6)


def kernels(family, letter, level):
    w = pywt.Wavelet(family)
    k = np.array(w.dec_lo if letter == "L" else w.dec_hi)
    if len(k) % 2 == 0:
        k = np.append(k, 0)
    for _ in range(level - 1):
        q = np.zeros(2 * len(k) - 1)
        q[::2] = k
        k = q
    return k


def rotations(n):
    for p in permutations(range(n)):
        for s in product((1, -1), repeat=n):
            if np.linalg.det([[s[i] if p[i] == j else 0 for j in range(n)] for i in range(n)]) > 0:
                yield p, s


def wavelet(v, family, subband, level, boundary, pool):
    n, out = len(subband), []
    for p, s in rotations(n) if pool else [(range(n), [1] * n)]:
        o = v
        for m in range(1, level + 1):
            for a in range(n):
                k = kernels(family, subband[p[a]] if m == level else "L", m)[::s[a]]
                o = ndimage.convolve1d(o, k, axis=2 - a, mode=MODE[boundary])
        out.append(o)
    return (pool or np.mean)(out, axis=0)


by = "PyWavelets %s filters, SciPy %s convolve1d, from IBSI 2, separable wavelets" % (
    pywt.__version__, scipy.__version__)
for family, subband, level, boundary, pooling, input in [
        ("db3", "LLH", 1, "mirror", "none", "noise"), ("db3", "LLH", 1, "mirror", "mean", "noise"),
        ("coif1", "HLH", 1, "zero", "max", "noise"), ("haar", "HHH", 2, "nearest", "mean", "noise"),
        ("db2", "LHL", 2, "periodic", "max", "noise"), ("coif5", "LHL", 1, "mirror", "none", "noise"),
        ("db10", "HL", 1, "mirror", "none", "plane"), ("sym4", "LH", 3, "nearest", "none", "plane"),
        ("db3", "HH", 2, "mirror", "mean", "plane"), ("sym7", "LH", 1, "zero", "max", "plane")]:
    pool = dict(none=None, mean=np.mean, max=np.max)[pooling]
    rows.add("wavelet", dict(family=family, subband=subband, level=level, boundary=boundary, pooling=pooling),
             input, by, wavelet(image(input, "float64"), family, subband, level, boundary, pool), 2e-6)
rows.add("wavelet", dict(family="db3", subband="LH", planar="true", pooling="mean"), "body", by,
         wavelet(image("body", "float64"), "db3", "LH", 1, "mirror", np.mean), 2e-6, "int16")
# The undecimated transform itself.
for subband in ("LLH", "HHL"):
    bands = pywt.swtn(image("cube", "float64"), "coif1", 1)[0]
    band = bands["".join("a" if c == "L" else "d" for c in subband[::-1])]
    rows.add("wavelet", dict(family="coif1", subband=subband, boundary="periodic"), "cube",
             "PyWavelets %s swtn" % pywt.__version__, band, 2e-6)


def frequencies(shape):
    return np.meshgrid(*[np.linspace(-1, 1, n) if n > 1 else np.zeros(1) for n in shape], indexing="ij")


def radial(v, level, order, axes):
    """order (x, y, z)."""
    shape = [n if a in axes else 1 for a, n in enumerate(v.shape)]
    w = frequencies(shape)
    length = np.sqrt(sum(q * q for q in w))
    h = np.ones(shape, complex)
    if level:
        r = np.maximum(2**(level - 1) * length, 1e-30)
        h = np.where((r > 0.25) & (r <= 1), np.cos(np.pi / 2 * np.log2(2 * r)), 0).astype(complex)
    total = sum(order)
    if total:
        h *= (-1j)**total * math.sqrt(math.factorial(total) / math.prod(math.factorial(n) for n in order))
        for q, n in zip(w, order[::-1]):
            h *= np.divide(q, length, out=np.zeros(shape), where=length > 0)**n
    return np.fft.ifftn(np.fft.fftn(v, axes=axes) * np.fft.ifftshift(h, axes=axes), axes=axes).real


def smooth(n):
    """The next length with no prime factor above 7."""
    return next(m for m in range(n, 4 * n) if 210 ** 12 % m == 0)


def padded(v, level, order, axes, boundary, margin):
    pads = []
    for a, n in enumerate(v.shape):
        total = smooth(n + 2 * min(margin, (n + 1) // 2)) - n if a in axes and n > 1 else 0
        pads.append((total // 2, total - total // 2))
    mode = dict(mirror="symmetric", nearest="edge", zero="constant")[boundary]
    out = radial(np.pad(v, pads, mode=mode), level, order, axes)
    return out[tuple(slice(p, p + n) for (p, _), n in zip(pads, v.shape))]


by = "NumPy %s fft, from IBSI 2, Simoncelli wavelet" % np.__version__
for level, input in [(1, "noise"), (2, "noise"), (1, "body"), (3, "body"), (2, "cube"), (1, "plane")]:
    rows.add("simoncelli", dict(level=level), input, by,
             radial(image(input, "float64"), level, (0, 0, 0), (1, 2) if input == "plane" else (0, 1, 2)), 2e-6,
             "int16" if input == "body" else "float32")
rows.add("simoncelli", dict(level=2, planar="true"), "body", by,
         radial(image("body", "float64"), 2, (0, 0, 0), (1, 2)), 2e-6)
rows.add("simoncelli", dict(level=1, boundary="mirror"), "noise", by,
         padded(image("noise", "float64"), 1, (0, 0, 0), (0, 1, 2), "mirror", 32), 2e-6)
by = "NumPy %s fft, from IBSI 2, Riesz transform" % np.__version__
for order, level, input in [((1, 0, 0), 0, "noise"), ((0, 2, 0), 1, "body"), ((1, 1, 1), 2, "cube"),
                            ((2, 1, 1), 0, "body"), ((0, 1, 0), 1, "plane")]:
    rows.add("riesz", dict(x=order[0], y=order[1], z=order[2], level=level, boundary="periodic"), input, by,
             radial(image(input, "float64"), level, order, (1, 2) if input == "plane" else (0, 1, 2)), 2e-6)
for boundary in ("mirror", "nearest", "zero"):
    rows.add("riesz", dict(x=0, y=1, z=2, boundary=boundary), "noise", by,
             padded(image("noise", "float64"), 0, (0, 1, 2), (0, 1, 2), boundary, 32), 2e-6)
rows.add("riesz", dict(x=1, y=1, z=0, level=1, planar="true", boundary="periodic"), "noise", by,
         radial(image("noise", "float64"), 1, (1, 1, 0), (1, 2)), 2e-6)


# Steering: the filter itself is turned at every voxel. The Riesz operator of a turned frequency plane is expanded by
# multiplying polynomials in (w1, w2, w3), independently of how the filter does it.
def frames(v, gradient, sigma, mode, axes):
    """Eigenvectors (row k: the k-th direction, x y z) of the structure tensor of the first-order responses."""
    n = len(gradient)
    j = np.empty(v.shape + (n, n))
    for a in range(n):
        for b in range(n):
            j[..., a, b] = ndimage.gaussian_filter(gradient[a] * gradient[b], sigma, mode=mode, axes=axes)
    u = np.swapaxes(np.linalg.eigh(j)[1][..., ::-1], -1, -2)
    slope = np.einsum("...ka,...a->...k", u, np.stack(gradient, -1))
    return np.where(slope[..., None] < 0, -u, u)


def steered(name, powers, sigma, level, boundary, planar=False):
    v = image(name, "float64")
    flat = planar or v.shape[0] == 1
    axes, n = ((1, 2), 2) if flat else ((0, 1, 2), 3)
    if boundary == "periodic":
        response = lambda order: radial(v, level, order, axes)
    else:
        response = lambda order: padded(v, level, order, axes, boundary, 32 if level == 0 else 16 << level)
    unit = [tuple(int(i == a) for i in range(3)) for a in range(n)]
    s = [sigma / x for x in spacing(name)]
    u = frames(v, [response(o) for o in unit], [s[2 - a] for a in axes], MODE[boundary], axes)
    total, out = sum(powers), np.zeros(v.shape)
    scale = math.factorial(total) / math.prod(math.factorial(l) for l in powers)
    # Every way to choose an axis for each of the L factors.
    direction = [k for k in range(n) for _ in range(powers[k])]
    cache = {}
    for choice in product(range(n), repeat=total):
        order = tuple(choice.count(a) for a in range(3))
        if order not in cache:
            cache[order] = response(order) / math.sqrt(
                math.factorial(total) / math.prod(math.factorial(l) for l in order))
        out += math.sqrt(scale) * np.prod([u[..., k, a] for k, a in zip(direction, choice)], axis=0) * cache[order]
    return out


by = "NumPy %s fft and eigh, SciPy %s gaussian_filter, from IBSI 2, Riesz transform and its alignment" % (
    np.__version__, scipy.__version__)
for powers, sigma, level, boundary, planar, input in [
        ((0, 2, 0), 1, 1, "nearest", False, "noise"), ((1, 0, 0), 1.5, 0, "mirror", False, "noise"),
        ((2, 0, 0), 2, 0, "zero", False, "body"), ((1, 1, 2), 2, 1, "periodic", False, "body"),
        ((0, 0, 3), 1.5, 2, "mirror", False, "cube"), ((3, 1, 2), 1, 0, "periodic", False, "noise"),
        ((0, 2, 0), 1, 0, "mirror", False, "plane"), ((1, 2, 0), 2, 1, "periodic", True, "noise")]:
    # Directions are ill-defined where two eigenvalues are nearly equal: single precision differs at a few voxels.
    rows.add("steered-riesz",
             dict(first=powers[0], second=powers[1], third=powers[2], sigma="%gmm" % sigma, level=level,
                  boundary=boundary, planar=str(planar).lower()),
             input, by, steered(input, powers, sigma, level, boundary, planar), 1e-4, outliers=8)
rows.write()
