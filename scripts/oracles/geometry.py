#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Oracles of resampling, transforms and the order and extent of voxels: SciPy, SimpleITK, NumPy."""
import math
import numpy as np
import scipy
import SimpleITK as sitk
from scipy import ndimage
from common import Rows, image, spacing

rows = Rows("geometry")
SCIPY, ITK, NUMPY = "SciPy " + scipy.__version__, "SimpleITK " + sitk.__version__, "NumPy " + np.__version__


def axis(n, s, new, alignment):
    """(count, start, step, spacing) along one axis; IBSI 1 interpolation grids."""
    if n == 1:
        return 1, 0.0, 1.0, s
    if alignment == "first-voxel":
        return math.floor((n - 1) * s / new + 1e-9) + 1, 0.0, new / s, new
    count = math.ceil(n * s / new - 1e-9)
    if alignment == "centre":
        return count, (n - 1) / 2 - (count - 1) / 2 * new / s, new / s, new
    return count, (n / count - 1) / 2, n / count, n * s / count


def grid(name, new, alignment):
    """Positions along z, y, x in the image, beyond the ends taken to them; and the spacing x, y, z."""
    v, s = image(name, "float64"), spacing(name)
    axes = [axis(n, d, w, alignment) for n, d, w in zip(v.shape, s[::-1], new[::-1])]
    positions = [np.clip(a[1] + a[2] * np.arange(a[0]), 0, n - 1) for a, n in zip(axes, v.shape)]
    return v, positions, [a[3] for a in axes][::-1]


def parameters(new, interpolation, alignment, **more):
    return dict(x="%gmm" % new[0], y="%gmm" % new[1], z="%gmm" % new[2], interpolation=interpolation,
                alignment=alignment, **more)


# SciPy: nearest, linear, cubic spline on the three grids.
for name, new in (("noise", (1.1, 0.7, 1.6)), ("cube", (2.3, 2, 1.9)), ("plane", (0.5, 1.3, 1))):
    for alignment in ("centre", "first-voxel", "corner"):
        v, at, s = grid(name, new, alignment)
        for interpolation, order in (("nearest", 0), ("linear", 1), ("cubic-spline", 3)):
            if order == 0:
                # Half-way SciPy and ITK differ; the upper voxel, as ITK.
                e = v[np.ix_(*[np.floor(p + 0.5 + 1e-9).astype(int).clip(0, n - 1) for p, n in zip(at, v.shape)])]
                oracle = NUMPY + ", upper voxel half-way"
            else:
                e = ndimage.map_coordinates(v, np.meshgrid(*at, indexing="ij"), order=order, mode="mirror")
                oracle = SCIPY + " map_coordinates, mirror"
            rows.add("resample", parameters(new, interpolation, alignment), name, oracle, e,
                     0 if order == 0 else 1e-6, spacing=s)

# In single precision a sum within 2e-5 of one half may go to either integer; these spacings make few such sums.
NEAR_HALF = 3
TYPED = (1.917, 2.131, 1.373)

# Stored types: nearest integer, ties to even; saturated where the spline overshoots.
for kind in ("uint8", "int16", "uint16", "int32", "float64"):
    v, at, s = grid("body", TYPED, "centre")
    typed = v if kind == "float64" else v.clip(np.iinfo(kind).min, np.iinfo(kind).max)
    for interpolation, order in (("linear", 1), ("cubic-spline", 3)):
        e = ndimage.map_coordinates(typed, np.meshgrid(*at, indexing="ij"), order=order, mode="mirror")
        if kind != "float64":
            info = np.iinfo(kind)
            e = np.rint(e).clip(info.min, info.max)
        rows.add("resample", parameters(TYPED, interpolation, "centre"), "body",
                 SCIPY + " map_coordinates, rint", e, 1e-6 if kind == "float64" else 0, kind, spacing=s,
                 outliers=NEAR_HALF if kind in ("uint8", "int16", "uint16") else 0)
v, at, s = grid("body", TYPED, "centre")
e = ndimage.map_coordinates(v, np.meshgrid(*at, indexing="ij"), order=1, mode="mirror")
rows.add("resample", parameters(TYPED, "linear", "centre", rounded="true"), "body",
         SCIPY + " map_coordinates, rint", np.rint(e), 0, spacing=s, outliers=NEAR_HALF)
rows.add("resample", parameters(TYPED, "linear", "centre", float="true"), "body",
         SCIPY + " map_coordinates", e, 1e-6, "int16", spacing=s)

# Each slice for itself.
v, at, s = grid("noise", (1.1, 0.7, 2.5), "centre")
e = ndimage.map_coordinates(v, np.meshgrid(*at, indexing="ij"), order=3, mode="mirror")
rows.add("resample", dict(x="1.1mm", y="0.7mm", interpolation="cubic-spline", planar="true"), "noise",
         SCIPY + " map_coordinates, mirror", e, 1e-6, spacing=s)


# SciPy zoom: the corner grid.
v, s = image("cube", "float64"), spacing("cube")
for factor, new in ((2, 0.5), (0.5, 2.0)):
    rows.add("resample", dict(spacing="%gmm" % new, alignment="corner"), "cube",
             SCIPY + " zoom, grid_mode, nearest", ndimage.zoom(v, factor, order=1, mode="nearest", grid_mode=True), 1e-6,
             spacing=[new] * 3)


# Windowed sincs from their formulas; and ITK, which does not divide by the sum of the weights.
def sampled(v, at, radius, window):
    for axis, positions in enumerate(at):
        n, out = v.shape[axis], []
        for p in positions:
            base = math.floor(p)
            k = np.arange(base - radius + 1, base + radius + 1)
            d = p - k
            w = np.sinc(d) * window(d)
            w /= w.sum()
            out.append(np.tensordot(w, np.take(v, k.clip(0, n - 1), axis), (0, axis)))
        v = np.stack(out, axis)
    return v


WINDOWS = {"lanczos": (3, lambda d: np.sinc(d / 3)), "windowed-sinc": (5, lambda d: 0.54 + 0.46 * np.cos(np.pi * d / 5))}
for interpolation, (radius, window) in WINDOWS.items():
    for name, new in (("noise", (1.1, 0.7, 1.6)), ("plane", (0.31, 1.3, 1))):
        v, at, s = grid(name, new, "first-voxel")
        rows.add("resample", parameters(new, interpolation, "first-voxel"), name,
                 "NumPy, from Duchon 1979" if radius == 3 else "NumPy, from Meijering 1999",
                 sampled(v, at, radius, window), 2e-6, spacing=s)


def itk(name, kind="float32"):
    out = sitk.GetImageFromArray(image(name, kind))
    out.SetSpacing(spacing(name))
    return out


for interpolation, method in (("linear", sitk.sitkLinear), ("cubic-spline", sitk.sitkBSpline),
                              ("windowed-sinc", sitk.sitkHammingWindowedSinc)):
    new = (1.3, 1.1, 1.9)
    v, at, s = grid("noise", new, "first-voxel")
    e, ones = [sitk.GetArrayFromImage(
        sitk.Resample(v, [len(p) for p in at][::-1], sitk.Transform(), method, (0, 0, 0), new))
        for v in (itk("noise", "float64"), itk("noise", "float64") * 0 + 1)]
    rows.add("resample", parameters(new, interpolation, "first-voxel"), "noise",
             ITK + " Resample, divided by that of a constant 1", e / ones, 2e-6, spacing=s)

# Rotation, scale and translation about the centre.
for name, kind, rotation, scale, shift, outside in (
        ("cube", "float32", (7, -11, 23), (1, 1, 1), (0, 0, 0), -1024),
        ("noise", "int16", (0, 0, 30), (0.8, 1.3, 1.1), (3, -2.5, 1), -1000),
        ("noise", "float32", (90, 0, 0), (1, 1, 1), (0.3, 0, 0), 5),
        ("noise", "float32", (0, 0, 0), (0.7, 1.4, 1), (1, 2, -3), 0),
        ("noise", "float64", (20, 40, -60), (1.1, 1, 0.9), (0, 0, 0), 0),
        ("plane", "float32", (0, 0, -15), (1.2, 1.2, 1), (2, 0, 0), 7)):
    picture = itk(name, kind)
    turn = sitk.Euler3DTransform((0, 0, 0), *[math.radians(a) for a in rotation], (0, 0, 0))
    affine = sitk.AffineTransform(3)
    affine.SetMatrix((np.array(turn.GetMatrix()).reshape(3, 3) @ np.diag(scale)).ravel().tolist())
    affine.SetCenter(picture.TransformContinuousIndexToPhysicalPoint([(n - 1) / 2 for n in picture.GetSize()]))
    affine.SetTranslation(shift)
    names = ["rotation-x", "rotation-y", "rotation-z", "scale-x", "scale-y", "scale-z"]
    given = dict(zip(names, rotation + scale), outside=outside,
                 **{"translation-" + a: "%gmm" % t for a, t in zip("xyz", shift)})
    wide = sitk.Cast(picture, sitk.sitkFloat64)
    integers = np.rint if kind == "int16" else lambda e: e
    for interpolation, method in (("nearest", sitk.sitkNearestNeighbor), ("linear", sitk.sitkLinear)):
        e = integers(sitk.GetArrayFromImage(sitk.Resample(wide, wide, affine, method, outside)))
        rows.add("affine", dict(given, interpolation=interpolation), name, ITK + " Resample, AffineTransform", e,
                 0 if kind == "int16" else 5e-6, kind)
    # Up to half a voxel beyond the outermost centres ITK's spline is its mirror image, Lumen's the value at the edge.
    v, n = image(name, "float64"), np.array(picture.GetSize())
    m, c = np.array(affine.GetMatrix()).reshape(3, 3), np.array(affine.GetCenter())
    z, y, x = np.meshgrid(*[np.arange(k) for k in v.shape], indexing="ij")
    p = ((np.stack([x, y, z], -1) * spacing(name) - c) @ m.T + c + np.array(shift)) / spacing(name)
    inside = ((p >= -0.5 - 1e-9) & (p < n - 0.5 - 1e-9)).all(-1)
    e = ndimage.map_coordinates(v, [p[..., k].clip(0, n[k] - 1) for k in (2, 1, 0)], order=3, mode="mirror")
    rows.add("affine", dict(given, interpolation="cubic-spline"), name, SCIPY + " map_coordinates, mirror",
             integers(np.where(inside, e, outside)), 0 if kind == "int16" else 5e-6, kind)

for name, kind in (("noise", "int16"), ("plane", "float32"), ("binary", "uint8")):
    v = itk(name, kind)
    for axis_number, axis_name in enumerate(("columns", "rows", "slices")):
        e = sitk.Flip(v, [axis_number == k for k in range(3)], False)
        rows.add("flip", dict(axis=axis_name), name, ITK + " Flip", sitk.GetArrayFromImage(e), 0, kind)
for code in ("LPS", "RAS", "axial", "coronal", "sagittal", "SAR", "ILP", "AIL"):
    e = sitk.DICOMOrient(itk("noise", "int16"), dict(axial="LPS", coronal="LIP", sagittal="PIR").get(code, code))
    rows.add("reorient", dict(orientation=code), "noise", ITK + " DICOMOrient", sitk.GetArrayFromImage(e), 0, "int16",
             spacing=e.GetSpacing())
v = itk("noise", "int16")
rows.add("crop", dict(x=3, y=1, z=2, columns=7, rows=0, slices=4), "noise", ITK + " RegionOfInterest",
         sitk.GetArrayFromImage(sitk.RegionOfInterest(v, (7, 12, 4), (3, 1, 2))), 0, "int16")
sides = {"x-before": 4, "x-after": 17, "y-before": 0, "y-after": 1, "z-before": 2, "z-after": 0}
rows.add("pad", dict(sides, value=-1000), "noise", ITK + " ConstantPad",
         sitk.GetArrayFromImage(sitk.ConstantPad(v, (4, 0, 2), (17, 1, 0), -1000)), 0, "int16")
for boundary, mode in dict(mirror="symmetric", nearest="edge", periodic="wrap").items():
    rows.add("pad", dict(sides, boundary=boundary), "noise", NUMPY + " pad",
             np.pad(image("noise", "int16"), ((2, 0), (0, 1), (4, 17)), mode), 0, "int16")
rows.write()
