#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Oracle of region properties: scikit-image's regionprops of small computed label maps, input and values in one line."""
import base64, json, os
import numpy as np
import skimage
from skimage.measure import regionprops, regionprops_table
from common import FOLDER, noise

PLANAR = """num_pixels area area_bbox area_filled area_convex bbox centroid centroid_weighted axis_major_length
axis_minor_length eccentricity equivalent_diameter_area euler_number extent feret_diameter_max inertia_tensor
inertia_tensor_eigvals intensity_max intensity_mean intensity_median intensity_min intensity_std moments_hu orientation
perimeter perimeter_crofton solidity""".split()
HULL = ["area_convex", "solidity", "feret_diameter_max"]
SOLID = [p for p in PLANAR if p not in ["eccentricity", "moments_hu", "orientation", "perimeter", "perimeter_crofton"] + HULL]
ANISOTROPIC = [p for p in PLANAR if p not in ("moments_hu", "perimeter", "perimeter_crofton")]


def plane():
    """Discs, a ring, bars, diagonals, single pixels, a sponge, two parts that touch at a corner, one at every border."""
    rows, columns = 52, 64
    y, x = np.mgrid[:rows, :columns]
    lab = np.zeros((rows, columns), np.uint8)
    lab[(x - 10) ** 2 * 4 + (y - 9) ** 2 * 9 <= 320] = 1
    lab[(x - 30) ** 2 + (y - 10) ** 2 <= 64] = 2
    lab[(x - 31) ** 2 + (y - 10) ** 2 <= 9] = 0
    lab[4:7, 44:60] = 3
    lab[(x - y == 30) & (y > 8) & (y < 20)] = 4
    lab[22:24, 3:9] = 5
    lab[24:26, 9:12] = 5
    lab[25, 20] = 200
    bits = (noise(15 * 17, 5) >> 20) & 7
    lab[28:43, 2:19][bits.reshape(15, 17) > 2] = 7
    lab[45:52, 0:6] = 8
    lab[47:50, 2:4] = 9
    lab[30:48, 40:64][((x - 50) ** 2 + 2 * (y - 40) ** 2 + 7 * (x - 50) * (y - 40) // 4 <= 90)[30:48, 40:64]] = 10
    lab[30, 30:37] = 11
    lab[30:40, 30] = 11
    return lab


def solid():
    """An ellipsoid, a ball with a cavity, a ring, a sponge, one voxel, a bar."""
    z, y, x = np.mgrid[:14, :16, :18]
    lab = np.zeros(z.shape, np.uint8)
    lab[(x - 4) ** 2 + 2 * (y - 4) ** 2 + 3 * (z - 4) ** 2 <= 24] = 1
    d = (x - 12) ** 2 + (y - 5) ** 2 + (z - 5) ** 2
    lab[(d <= 17) & (d > 3)] = 2
    d = (x - 5) ** 2 + (y - 12) ** 2
    lab[(d <= 11) & (d > 2) & (z > 9) & (z < 12)] = 3
    bits = ((noise(6 * 5 * 6, 9) >> 20) & 3).reshape(6, 5, 6)
    lab[7:13, 11:16, 12:18][bits > 1] = 40
    lab[13, 0, 0] = 6
    lab[1, 14, 2:15] = 7
    return lab


def row(name, lab, spacing, properties):
    image = ((noise(lab.size, 7) >> 20).astype(np.int64) - 1024).reshape(lab.shape).astype("<i2")
    t = regionprops_table(lab.astype(np.int32), image, properties=["label"] + properties, spacing=spacing[::-1])
    labels = t.pop("label")
    if lab.ndim == 3:
        # Of flat objects scikit-image finds no hull.
        solid = [r if r.image_convex.any() else None for r in regionprops(lab.astype(np.int32), spacing=spacing[::-1])]
        t.update({p: [np.nan if r is None else r[p] for r in solid] for p in HULL})
    size = list(lab.shape[::-1]) + [1] * (3 - lab.ndim)
    return dict(name=name, oracle="scikit-image %s" % skimage.__version__, size=size,
                spacing=list(spacing) + [1.0] * (3 - lab.ndim), labels=base64.b64encode(lab.tobytes()).decode(),
                image=base64.b64encode(image.tobytes()).decode(), ids=[int(v) for v in labels],
                properties={k: [None if not np.isfinite(x) else float(x) for x in v] for k, v in t.items()})


rows = [row("plane", plane(), (1.0, 1.0), PLANAR), row("plane, 0.5 mm by 0.8 mm", plane(), (0.5, 0.8), ANISOTROPIC),
        row("solid", solid(), (1.0, 1.0, 1.0), SOLID), row("solid, anisotropic", solid(), (0.8, 1.2, 2.5), SOLID)]
os.makedirs(os.path.join(FOLDER, "radiomics"), exist_ok=True)
with open(os.path.join(FOLDER, "radiomics", "objects.jsonl"), "w") as f:
    for r in rows:
        f.write(json.dumps(r) + "\n")
print("objects.jsonl: %d rows" % len(rows))
