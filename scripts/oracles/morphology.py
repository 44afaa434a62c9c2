#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Oracles of the grey morphology: SciPy and scikit-image."""
import numpy as np
import scipy, skimage
from scipy import ndimage
from skimage.morphology import reconstruction
from common import Rows, image, spacing

MODES = dict(mirror="reflect", nearest="nearest", periodic="wrap", zero="constant")
SCIPY = "SciPy %s " % scipy.__version__
rows = Rows("morphology")


def element(shape, reach, steps=(1, 1, 1), planar=False):
    """Footprint (z, y, x) of a shape that reaches `reach`; `steps`: spacing (x, y, z)."""
    n = [int(reach / s + 1e-9) for s in steps]
    if planar:
        n[2] = 0
    x, y, z = np.meshgrid(*[np.arange(-k, k + 1) for k in n], indexing="ij")
    if shape == "ball":
        inside = (x * steps[0]) ** 2 + (y * steps[1]) ** 2 + (z * steps[2]) ** 2 <= reach ** 2 * (1 + 1e-12)
    elif shape == "cross":
        inside = (x == 0).astype(int) + (y == 0) + (z == 0) >= 2
    else:
        inside = np.ones(x.shape, bool)
    return inside.transpose(2, 1, 0)


def add(filter, parameters, input, function, footprint, kind="int16", mode="nearest", **more):
    v = np.clip(image(input, "int64"), 0, None) if kind.startswith("uint") else image(input, kind)
    wide = v.astype("float64") if kind.startswith("float") else v.astype("int64")
    expected = getattr(ndimage, function)(wide, footprint=footprint, mode=mode)
    rows.add(filter, parameters, input, SCIPY + function, expected, 0, kind, **more)


for boundary, mode in MODES.items():
    for shape in ("ball", "box", "cross"):
        p = dict(voxels=2, shape=shape, boundary=boundary)
        add("grey-dilation", p, "noise", "grey_dilation", element(shape, 2), mode=mode)
        add("grey-erosion", p, "noise", "grey_erosion", element(shape, 2), mode=mode)
    for name in ("opening", "closing"):
        add("grey-" + name, dict(voxels=1, boundary=boundary), "noise", "grey_" + name, element("ball", 1), mode=mode)

# Lengths on an anisotropic grid; more voxels than a scheme's block; slices; other types.
for shape in ("ball", "box", "cross"):
    p = dict(radius="4mm", shape=shape)
    for name in ("erosion", "opening", "closing"):
        add("grey-" + name, p, "noise", "grey_" + name, element(shape, 4, spacing("noise")), "float32")
    add("grey-dilation", dict(p, planar="true"), "noise", "grey_dilation", element(shape, 4, spacing("noise"), True))
    add("grey-erosion", dict(voxels=7, shape=shape), "cube", "grey_erosion", element(shape, 7), "int32")
add("grey-dilation", dict(voxels=5), "plane", "grey_dilation", element("ball", 5, planar=True), "uint16")
add("grey-erosion", dict(radius="3.6mm", shape="ball"), "plane", "grey_erosion",
    element("ball", 3.6, spacing("plane"), True), "float64")

add("grey-dilation", dict(radius="4mm"), "body", "grey_dilation", element("ball", 4, spacing("body")), "float32")

for input, kind, planar in (("noise", "int16", False), ("noise", "float32", False), ("plane", "int16", True)):
    for side in ("white", "black"):
        add("top-hat", dict(voxels=2, side=side), input, side + "_tophat", element("ball", 2, planar=planar), kind)
    add("morphological-gradient", dict(voxels=1, shape="cross"), input, "morphological_gradient",
        element("cross", 1, planar=planar), kind)

for input, h in (("noise", 600), ("plane", 30)):
    v = image(input, "float64")
    for neighbours, rank in (("faces", 1), ("corners", 3)):
        footprint = ndimage.generate_binary_structure(3, rank)
        if v.shape[0] == 1:
            footprint = footprint[1:2]
        for by, sign in (("dilation", -1), ("erosion", 1)):
            full = reconstruction(v + sign * h, v, method=by, footprint=footprint)
            p = dict(h=h, by=by, neighbours=neighbours)
            oracle = "scikit-image %s reconstruction" % skimage.__version__
            rows.add("reconstruction", p, input, oracle, full, 0, "int16")
            rows.add("reconstruction", dict(p, dome="true"), input, oracle, sign * (full - v), 0, "float32")
v = image("noise", "float64")
flat = np.stack([reconstruction(s - 500, s, method="dilation", footprint=np.ones((3, 3))) for s in v])
rows.add("reconstruction", dict(h=500, planar="true"), "noise", "scikit-image %s reconstruction" % skimage.__version__,
         flat, 0, "int16")
rows.write()
