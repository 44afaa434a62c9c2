#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares `lumen features -p` with PyRadiomics, column by column.

    python scripts/pyradiomics_parity.py .build/release/lumen [--only NAME] [--oracle fixtures/oracles/radiomics/pyradiomics.jsonl]

Run it with a Python that has pyradiomics 3, scikit-image, and for LBP3D trimesh and SciPy below 1.17. Every parameter
file of recipes/pyradiomics meets synthetic images of several types and grids; some also meet a mask of the fixtures and
the IBSI phantoms (LUMEN_REFERENCE, default ../shared/reference; without it they are left out). A column differs when it is missing on one side or off by more than 1e-6 relative. Exits with 1 when a column
differs for no stated reason. --oracle also writes PyRadiomics' values of the synthetic images for the unit tests.
"""
import argparse
import base64
import json
import logging
import math
import os
import re
import subprocess
import sys
import tempfile
import warnings

import numpy as np

warnings.filterwarnings("ignore")
import SimpleITK as sitk  # noqa: E402
import trimesh  # noqa: E402, F401
import yaml  # noqa: E402
from scipy.special import sph_harm  # noqa: E402, F401
import radiomics  # noqa: E402
from radiomics import featureextractor, imageoperations  # noqa: E402

logging.getLogger("radiomics").setLevel(logging.CRITICAL)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TOLERANCE = 1e-6

# Columns that differ, and why.
REASONS = [
    (r"^diagnostics_Versions_", "names the software that measured"),
    (r"^lbp-3D-k_", "SciPy computes the kurtosis of 32-bit samples in 32 bits"),
    (r"^lbp-3D-m\d+_firstorder_RobustMeanAbsoluteDeviation", "values tie with a percentile but for rounding"),
]

# Parameters beside the files: every other interpolator, and wavelets that are not orthogonal.
MORE = {
    f"interpolator {name}": {
        "imageType": {"Original": {}}, "featureClass": {"firstorder": [], "shape": ["VoxelVolume"]},
        "setting": {"binWidth": 25, "interpolator": name, "resampledPixelSpacing": [1.2, 0.9, 1.7]},
    }
    for name in [
        "sitkGaussian", "sitkLabelGaussian", "sitkHammingWindowedSinc", "sitkCosineWindowedSinc", "sitkWelchWindowedSinc",
        "sitkLanczosWindowedSinc", "sitkBlackmanWindowedSinc",
    ]
} | {
    f"wavelet {name}": {
        "imageType": {"Wavelet": {"wavelet": name}}, "featureClass": {"firstorder": []}, "setting": {"binWidth": 10},
    }
    for name in ["bior1.3", "bior2.4", "bior3.1", "bior4.4", "bior5.5", "bior6.8", "rbio2.2", "rbio3.3", "rbio5.5", "dmey"]
}

# The parameter files that the larger images meet.
LARGE = {
    "fixture": ("bin-width.yaml", "resampling.yaml", "log.yaml"),
    "digital": ("bin-width.yaml", "bin-count.yaml", "force-2d.yaml", "normalise-resegment.yaml", "resampling.yaml"),
    "ct": ("bin-width.yaml", "bin-count.yaml", "force-2d.yaml", "log.yaml", "normalise-resegment.yaml",
           "resampling.yaml", "wavelet.yaml"),
}

# Not in the oracle, to keep it small: image types that it has of other images.
LEFT_OUT = [
    ("wavelet.yaml", "float"), ("wavelet.yaml", "byte-slice"), ("resampling.yaml", "byte-slice"),
    ("all-images.yaml", "byte-slice"),
]

_edges = imageoperations.getBinEdges


def wide_edges(values, **settings):
    """Bin edges with integers as NumPy 1 had them: NumPy 2 overflows where the maximum is near that of 8 or 16 bits."""
    return _edges(values.astype(np.int64) if np.issubdtype(values.dtype, np.integer) else values, **settings)


imageoperations.getBinEdges = wide_edges


def ellipsoid(size, centre, radii):
    z, y, x = np.mgrid[0 : size[2], 0 : size[1], 0 : size[0]]
    return ((x - centre[0]) / radii[0]) ** 2 + ((y - centre[1]) / radii[1]) ** 2 + ((z - centre[2]) / radii[2]) ** 2 <= 1


def smooth(rng, size, sigma):
    image = sitk.GetImageFromArray(rng.normal(size=size[::-1]))
    return sitk.GetArrayFromImage(sitk.DiscreteGaussian(image, [s * s for s in sigma]))


def case(values, mask, kind, spacing, origin, angle=0.0):
    image = sitk.GetImageFromArray(values.astype(kind))
    labels = sitk.GetImageFromArray(mask.astype(np.uint8))
    c, s = math.cos(angle), math.sin(angle)
    for item in (image, labels):
        item.SetSpacing(spacing)
        item.SetOrigin(origin)
        item.SetDirection((c, -s, 0, s, c, 0, 0, 0, 1))
    return image, labels


def synthetic():
    """Images and masks of several types and grids: the same numbers every time."""
    rng = np.random.default_rng(20240611)
    size = (31, 27, 14)
    mask = ellipsoid(size, (14, 13, 6.5), (8.5, 7.2, 4.4)) & ~ellipsoid(size, (16, 12, 6), (2.2, 2, 1.2))
    mask = mask.astype(np.uint8)
    mask[2:4, 20:23, 25:28] = 1
    mask[9:12, 3:9, 3:10] = 2
    values = 60 + 900 * smooth(rng, size, (1.5, 1.5, 0.8)) + 25 * rng.normal(size=size[::-1])
    yield "short", *case(np.round(values), mask, np.int16, (1.3, 1.1, 2.5), (-20.5, 13.25, 7.0))

    size = (26, 24, 12)
    mask = ellipsoid(size, (12.4, 11.2, 5.6), (7.1, 8.3, 3.9))
    values = 300 + 2500 * smooth(rng, size, (2, 1.2, 1)) + 40 * rng.normal(size=size[::-1])
    yield "float", *case(values, mask, np.float32, (0.9, 1.0, 3.0), (4.0, -31.5, 112.0), 0.2)

    size = (22, 20, 8)
    mask = ellipsoid(size, (10.2, 9.4, 3.5), (6.5, 7.7, 30))
    mask[:3] = mask[4:] = False
    values = np.clip(120 + 700 * smooth(rng, size, (1.5, 1.5, 0.7)) + 12 * rng.normal(size=size[::-1]), 1, 254)
    yield "byte-slice", *case(np.round(values), mask, np.uint8, (1.0, 1.0, 4.0), (0.0, 0.0, 0.0))


def numbers(value):
    """A value of PyRadiomics or of the command's JSON as something to compare."""
    if isinstance(value, sitk.Image):
        return sitk.GetArrayFromImage(value).ravel()
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return json.loads(json.dumps(value))
    if isinstance(value, (tuple, list)):
        return np.array(value, dtype=float)
    return np.array(value, dtype=float).ravel()


def difference(a, b):
    """The largest relative difference; inf for different kinds or missing numbers."""
    if isinstance(a, (str, dict)) or isinstance(b, (str, dict)):
        return 0.0 if a == b else math.inf
    if a.shape != b.shape:
        return math.inf
    scale = np.maximum(np.abs(a), np.abs(b))
    off = np.abs(a - b)
    both = (np.isnan(a) & np.isnan(b)) | (a == b)
    off = np.where(both, 0.0, np.where(scale > 0, off / np.where(scale > 0, scale, 1), 0.0))
    return float("inf") if np.isnan(off).any() else float(off.max(initial=0.0))


def ours(lumen, image, mask, parameters, folder, voxel):
    command = [lumen, "features", image, mask, "-p", parameters, "--format", "json"]
    if voxel:
        command += ["--mode", "voxel", "--out-dir", folder]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        raise RuntimeError(run.stderr.strip())
    values = json.loads(run.stdout)[0]
    for path in ("Image", "Mask"):
        values.pop(path)
    if voxel:
        for key in list(values):
            if not key.startswith("diagnostics"):
                values[key] = sitk.ReadImage(values[key])
    return values


def nested(values):
    """Features as {image_class: {name: value}} with ten digits."""
    out = {}
    for key, value in values.items():
        if key.startswith("diagnostics") or isinstance(value, str):
            continue
        image, family, name = key.rsplit("_", 2)
        out.setdefault(f"{image}_{family}", {})[name] = float(f"{float(value):.9g}")
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lumen")
    parser.add_argument("--only", help="parameter files whose name holds this")
    parser.add_argument("--oracle", help="file of PyRadiomics' values to write")
    parser.add_argument("--verbose", action="store_true", help="list every column that differs")
    options = parser.parse_args()

    folder = tempfile.mkdtemp()
    cases = []
    for name, image, mask in synthetic():
        paths = [f"{folder}/{name}-{kind}.nrrd" for kind in ("image", "mask")]
        sitk.WriteImage(image, paths[0])
        sitk.WriteImage(mask, paths[1])
        cases.append((name, image, mask, *paths))
    fixture = f"{ROOT}/fixtures/cohort/case-01"
    if os.path.isdir(fixture):
        path = f"{folder}/fixture.nii.gz"
        subprocess.run([options.lumen, "convert", fixture, "-o", path], check=True, capture_output=True)
        mask = f"{ROOT}/fixtures/masks/case-01.nii.gz"
        cases.append(("fixture", None, None, path, mask))
    ibsi = os.path.join(os.environ.get("LUMEN_REFERENCE", f"{ROOT}/../shared/reference"), "ibsi")
    for name in ("digital", "ct"):
        paths = [f"{ibsi}/ibsi1_{name}_phantom/{kind}.nii.gz" for kind in ("image", "mask")]
        if os.path.exists(paths[0]):
            cases.append((name, None, None, *paths))

    oracle = [
        {
            "image": name, "size": image.GetSize(), "spacing": image.GetSpacing(), "origin": image.GetOrigin(),
            "direction": image.GetDirection(), "kind": image.GetPixelIDTypeAsString(),
            "voxels": base64.b64encode(sitk.GetArrayFromImage(image).tobytes()).decode(),
            "mask": base64.b64encode(sitk.GetArrayFromImage(mask).tobytes()).decode(),
        }
        for name, image, mask, _, _ in cases if image is not None
    ]
    unexplained = 0
    for file in sorted(os.listdir(f"{ROOT}/recipes/pyradiomics")) + list(MORE):
        if options.only and options.only not in file:
            continue
        parameters = f"{ROOT}/recipes/pyradiomics/{file}"
        if file in MORE:
            parameters = f"{folder}/more.yaml"
            with open(parameters, "w") as text:
                yaml.safe_dump(MORE[file], text)
        voxel = file.startswith("voxel")
        for name, _, _, image, mask in cases:
            if file not in LARGE.get(name, [file]) or file in MORE and name != "short":
                continue
            try:
                extractor = featureextractor.RadiomicsFeatureExtractor(parameters)
                theirs = extractor.execute(image, mask, voxelBased=voxel)
            except Exception as error:  # PyRadiomics refuses: so must Lumen
                try:
                    ours(options.lumen, image, mask, parameters, folder, voxel)
                    print(f"{file:28} {name:11} PyRadiomics refuses ({error}), Lumen does not")
                    unexplained += 1
                except RuntimeError as own:
                    print(f"{file:28} {name:11} both refuse: {str(own)[:80]}")
                continue
            values = ours(options.lumen, image, mask, parameters, folder, voxel)
            worst, bad, explained = 0.0, [], {}
            for key in list(theirs) + [k for k in values if k not in theirs]:
                off = (
                    difference(numbers(theirs[key]), numbers(values[key]))
                    if key in theirs and key in values else math.inf
                )
                if off <= TOLERANCE:
                    worst = max(worst, off)
                    continue
                reason = next((why for pattern, why in REASONS if re.search(pattern, key)), None)
                if reason:
                    explained[reason] = explained.get(reason, 0) + 1
                else:
                    bad.append((off, key))
            unexplained += len(bad)
            total = len(theirs)
            good = total - len(bad) - sum(explained.values())
            print(f"{file:28} {name:11} {good} of {total} columns within {TOLERANCE:g} (worst {worst:.1e})")
            for why, count in explained.items():
                print(f"    {count} differ: {why}")
            for off, key in sorted(bad, key=lambda b: str(b[1]))[: None if options.verbose else 12]:
                print(f"    {key}: {theirs.get(key, 'missing')!s:.60} / {values.get(key, 'missing')!s:.60} ({off:.1e})")
            if len(bad) > 12 and not options.verbose:
                print(f"    … {len(bad) - 12} more")
            with open(parameters) as text:
                content = yaml.safe_load(text)
            line = {"case": name, "parameters": file, "content": content}
            if options.oracle and name not in LARGE and not voxel and (file, name) not in LEFT_OUT:
                oracle.append(line | {"values": nested(theirs)})
            if options.oracle and name == "short" and voxel:
                maps = {
                    k: [float(f"{x:.10g}") for x in np.quantile(sitk.GetArrayFromImage(v), [0.5, 0.8, 0.95])]
                    + [float(f"{np.nanmean(sitk.GetArrayFromImage(v)):.10g}")]
                    for k, v in theirs.items() if isinstance(v, sitk.Image)
                }
                oracle.append(line | {"maps": maps})
    if options.oracle:
        with open(options.oracle, "w") as out:
            for line in oracle:
                out.write(json.dumps(line, separators=(",", ":")).replace("NaN", "null") + "\n")
    print("PyRadiomics", radiomics.__version__, "NumPy", np.__version__, "SimpleITK", sitk.Version.VersionString())
    sys.exit(1 if unexplained else 0)


if __name__ == "__main__":
    main()
