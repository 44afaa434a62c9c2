#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Oracle of feature maps: PyRadiomics' voxel-based extraction of small computed regions, input and values in one line.

Needs PyRadiomics 3.0.1.
"""
import base64, json, logging, os, warnings
import numpy as np
import radiomics
import SimpleITK as sitk
from radiomics import firstorder, glcm, gldm, glrlm, glszm, ngtdm
from common import FOLDER, noise

radiomics.setVerbosity(60)
logging.getLogger("radiomics").setLevel(60)
warnings.simplefilter("ignore")
CLASSES = dict(firstorder=firstorder.RadiomicsFirstOrder, glcm=glcm.RadiomicsGLCM, glrlm=glrlm.RadiomicsGLRLM,
               glszm=glszm.RadiomicsGLSZM, gldm=gldm.RadiomicsGLDM, ngtdm=ngtdm.RadiomicsNGTDM)


def inputs(size, seed, sparse=False):
    nx, ny, nz = size
    n = (noise(nx * ny * nz, seed) >> 24).astype(np.int64).reshape(nz, ny, nx)
    z, y, x = np.mgrid[:nz, :ny, :nx]
    image = (n // 2 + 40 * ((x // 3 + y // 2 + z // 2) & 1) + 3 * x - 90).astype("<i2")
    d = 4 * (2 * x - nx + 1) ** 2 * ny * nz + 4 * (2 * y - ny + 1) ** 2 * nx * nz + 4 * (2 * z - nz + 1) ** 2 * nx * ny
    mask = (d <= 3.4 * nx * ny * nz * max(size)) & (n % 7 != 0)
    if sparse:
        mask &= n % 3 == 0
    return image, mask.astype(np.uint8)


rows = []


def add(name, size, families, seed=3, sparse=False, **settings):
    image, mask = inputs(size, seed, sparse)
    a, m = sitk.GetImageFromArray(image), sitk.GetImageFromArray(mask)
    for i in (a, m):
        i.SetSpacing((0.8, 1.0, 2.5))
    expected = {}
    for family in families:
        k = CLASSES[family](a, m, voxelBased=True, label=1, **settings)
        k.enableAllFeatures()
        for key, v in k.execute().items():
            v = sitk.GetArrayFromImage(v)[mask > 0]
            expected["%s_%s" % (family, key)] = base64.b64encode(v.astype("<f4").tobytes()).decode()
    rows.append(dict(name=name, oracle="PyRadiomics %s" % radiomics.__version__.lstrip("v"), size=list(size),
                     spacing=[0.8, 1.0, 2.5], image=base64.b64encode(image.tobytes()).decode(),
                     mask=base64.b64encode(mask.tobytes()).decode(), settings=settings, families=families,
                     expected=expected))
    print(name, int(mask.sum()), {f: round(float(np.nanmean(np.frombuffer(base64.b64decode(v), "<f4"))), 4)
                                  for f, v in list(expected.items())[:3]})


both = ["firstorder", "glcm"]
add("radius 1", (9, 8, 6), both, kernelRadius=1, binWidth=25)
add("radius 2", (9, 8, 7), both, kernelRadius=2, binWidth=25, voxelArrayShift=100)
add("planes", (9, 8, 6), both, kernelRadius=2, binWidth=10, force2D=True, force2Ddimension=0)
add("planes across rows", (9, 8, 6), ["glcm"], kernelRadius=1, binWidth=20, force2D=True, force2Ddimension=1)
add("planes across columns", (9, 8, 6), both, kernelRadius=1, binWidth=20, force2D=True, force2Ddimension=2)
add("bins by number", (9, 8, 6), both, kernelRadius=1, binCount=8)
add("not masked", (9, 8, 6), both, kernelRadius=2, binWidth=25, maskedKernel=False)
add("distances 1 and 2", (9, 8, 6), ["glcm"], kernelRadius=2, binWidth=25, distances=[1, 2])
texture = ["glrlm", "glszm", "gldm", "ngtdm"]
add("texture, radius 1", (7, 6, 4), texture, kernelRadius=1, binWidth=25)
add("texture, radius 2", (7, 6, 4), texture, kernelRadius=2, binWidth=40)
add("texture, radius 3", (6, 7, 5), texture, kernelRadius=3, binCount=6)
add("texture, planes", (7, 6, 4), texture, kernelRadius=2, binWidth=40, force2D=True, force2Ddimension=0)
add("texture, planes across rows", (7, 5, 4), texture, kernelRadius=1, binWidth=60, force2D=True, force2Ddimension=1)
add("texture, not masked", (5, 6, 4), texture, kernelRadius=1, binWidth=40, maskedKernel=False)
add("texture, scattered voxels", (7, 6, 5), texture, sparse=True, kernelRadius=1, binWidth=25)
add("texture, scattered voxels, radius 2", (7, 6, 5), texture, sparse=True, kernelRadius=2, binWidth=80)
add("texture, one level", (5, 5, 4), texture, sparse=True, kernelRadius=1, binCount=1)
add("texture, distances 1 and 2, coarseness 1", (6, 6, 4), ["gldm", "ngtdm"], kernelRadius=2, binWidth=25,
    distances=[1, 2], gldm_a=1)
os.makedirs(os.path.join(FOLDER, "radiomics"), exist_ok=True)
with open(os.path.join(FOLDER, "radiomics", "maps.jsonl"), "w") as f:
    for r in rows:
        f.write(json.dumps(r) + "\n")
print("maps.jsonl: %d rows" % len(rows))
