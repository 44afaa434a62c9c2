#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Oracle of the columns of PyRadiomics that pyradiomics_parity.py leaves out of its file: `diagnostics_*` of the same
images and parameter files, of a mask that has to be moved to the image's grid, and features that are given only when they
are named, of every image type.

Needs PyRadiomics 3.0.1, and for LBP3D trimesh and SciPy below 1.17. Reads fixtures/oracles/radiomics/pyradiomics.jsonl.
"""
import base64, json, logging, os
import numpy as np
import SimpleITK as sitk
from radiomics import featureextractor
from common import FOLDER

logging.getLogger("radiomics").setLevel(logging.CRITICAL)
KINDS = {"16-bit signed integer": "<i2", "8-bit unsigned integer": "u1", "32-bit float": "<f4"}
lines = [json.loads(line) for line in open(os.path.join(FOLDER, "radiomics", "pyradiomics.jsonl"))]
rows, pictures = [], {}


def volume(line, voxels, kind):
    image = sitk.GetImageFromArray(np.frombuffer(base64.b64decode(voxels), kind).reshape(line["size"][::-1]))
    image.SetSpacing(line["spacing"])
    image.SetOrigin(line["origin"])
    image.SetDirection(line["direction"])
    return image


def plain(value):
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(v) for v in value]
    return value.item() if isinstance(value, (np.generic, np.ndarray)) else value


def digits(v):
    return None if not np.isfinite(v) else float("%.9g" % v)


def diagnostics(name, parameters, content, mask=None, where=None):
    extractor = featureextractor.RadiomicsFeatureExtractor(content)
    extractor.enabledFeatures = {}
    found = extractor.execute(pictures[name][0], mask or pictures[name][1])
    row = dict(case=name, parameters=parameters, content=content,
               diagnostics={k: plain(v) for k, v in found.items() if "_Versions_" not in k})
    if where:
        row["mask"] = where
    rows.append(row)
    print(parameters, name, len(row["diagnostics"]), "diagnostics")


for line in lines:
    if "image" in line:
        pictures[line["image"]] = volume(line, line["voxels"], KINDS[line["kind"]]), volume(line, line["mask"], "u1")
    elif "values" in line:
        diagnostics(line["case"], line["parameters"], line["content"])

# A mask of its own grid, within the image's.
image, mask = pictures["short"]
size, start = (20, 18, 10), (5, 4, 2)
part = sitk.RegionOfInterest(mask, size, start)
part.SetOrigin([o + 1e-3 for o in part.GetOrigin()])
where = dict(size=size, spacing=part.GetSpacing(), origin=part.GetOrigin(),
             voxels=base64.b64encode(sitk.GetArrayFromImage(part).tobytes()).decode())
setting = dict(binWidth=25, correctMask=True, resegmentRange=[-200, 500], resegmentMode="absolute")
diagnostics("short", "correctMask", dict(imageType={"Original": {}}, setting=setting), part, where)

types = {t: {} for t in ("Original", "Wavelet", "Square", "SquareRoot", "Logarithm", "Exponential", "Gradient", "LBP2D",
                         "LBP3D")}
content = dict(imageType=dict(types, LoG=dict(sigma=[2.5])), featureClass=dict(firstorder=["StandardDeviation"]),
               setting=dict(binWidth=25))
for name in ("short", "float"):
    values = {}
    for key, v in featureextractor.RadiomicsFeatureExtractor(content).execute(*pictures[name]).items():
        if not key.startswith("diagnostics"):
            group, feature = key.rsplit("_", 1)
            values.setdefault(group, {})[feature] = digits(float(v))
    rows.append(dict(case=name, parameters="named only", content=content, values=values))
    print("named only", name, values)

content = dict(imageType={"Original": {}}, featureClass=dict(shape2D=["SphericalDisproportion", "PixelSurface"]),
               setting=dict(force2D=True, force2Ddimension=0))
found = featureextractor.RadiomicsFeatureExtractor(content).execute(*pictures["byte-slice"])
rows.append(dict(case="byte-slice", parameters="named only, plane", content=content, values=dict(
    original_shape2D={k.rsplit("_", 1)[1]: digits(float(v)) for k, v in found.items() if "shape2D" in k})))

content = dict(imageType={"Original": {}}, featureClass=dict(firstorder=["StandardDeviation"]),
               setting=dict(binWidth=25), voxelSetting=dict(kernelRadius=1, maskedKernel=True, initValue=0))
maps = {}
found = featureextractor.RadiomicsFeatureExtractor(content).execute(*pictures["short"], voxelBased=True)
for key, v in found.items():
    if isinstance(v, sitk.Image):
        a = sitk.GetArrayFromImage(v)
        maps[key] = [float("%.10g" % q) for q in [*np.quantile(a, [0.5, 0.8, 0.95]), np.nanmean(a)]]
rows.append(dict(case="short", parameters="named only, voxels", content=content, maps=maps))
print(maps)

with open(os.path.join(FOLDER, "radiomics", "pyradiomics-columns.jsonl"), "w") as f:
    for row in rows:
        f.write(json.dumps(row, separators=(",", ":")).replace("NaN", "null") + "\n")
print("pyradiomics-columns.jsonl: %d rows" % len(rows))
