#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Oracle of every IBSI 1 column under every setting: the manual's formulas in NumPy (plain.py), and MIRP where it has the
column and the setting. Small computed images; input and values in fixtures/oracles/radiomics/features.jsonl.

Needs NumPy, SciPy, scikit-image, SimpleITK, MIRP 2.7.
"""
import base64, importlib.metadata, json, logging, os, re, tempfile, warnings
import numpy as np
import SimpleITK as sitk
import plain
from common import FOLDER, noise

warnings.simplefilter("ignore")
SIZE, SPACING = (15, 13, 9), (0.9, 1.2, 2.1)
z, y, x = np.mgrid[: SIZE[2], : SIZE[1], : SIZE[0]]
grain = (noise(x.size, 21) >> 22).astype(int).reshape(x.shape)
# An ellipsoid that touches the border of the image, with a notch and a cavity.
MASK = ((x - 5.5) ** 2 / 38 + (y - 6) ** 2 / 27 + (z - 4) ** 2 / 13.5 <= 1) & ~((x > 8) & (y < 5)) & ~(
    (abs(x - 4) <= 1) & (abs(y - 7) <= 1) & (z == 4))
BODY = grain // 4 + 90 * ((x // 3 + y // 3 + z // 2) & 1) + 8 * x - 120
PICTURES = {
    "whole": BODY.astype("<i2"),
    "real": (BODY * 0.37 + grain * 0.011 + 40.5).astype("<f4"),
    "levels": (1 + (BODY - BODY.min()) * 7 // (np.ptp(BODY) + 1)).astype("<i2"),
    "response": ((np.roll(BODY, 1, 2) - np.roll(BODY, -1, 0)) * 0.21 + 300).astype("<f4"),
}
TEXTURE = dict(glcm="cm", glrlm="rlm", glszm="szm", gldzm="dzm", ngtdm="ngt", ngldm="ngl")
OTHERS = ["morphology", "local", "statistics", "histogram", "ivh", "diagnostics"]
BINNED = ["histogram"] + list(TEXTURE)
EVERYTHING = OTHERS + list(TEXTURE)

# MIRP works in single precision.
MIRP_TOLERANCE = 1e-5

# Ends of columns that Lumen finds by iteration, to this accuracy.
LOOSE = {"_mvee": 1e-5}

# What is measured of which image with which settings. Discretisations as in plain.levels_of.
CASES = [
    ("fixed bin number", "whole", EVERYTHING, dict(discretisation=["fbn", 16])),
    ("fixed bin size from the minimum", "whole", BINNED, dict(discretisation=["fbs", 37, None])),
    ("fixed bin size from a bound", "real", BINNED, dict(discretisation=["fbs", 14.5, -200])),
    ("no discretisation", "levels", EVERYTHING, dict(discretisation=["none"])),
    ("rounded, range", "real", EVERYTHING,
     dict(discretisation=["fbs", 12, None], round=True, range=[0, 130], ivh=["fbs", 2.5, None])),
    ("range, outliers", "whole", EVERYTHING,
     dict(discretisation=["fbn", 8], range=[-90, 250], sigma=1.5, ivh=["fbn", 100])),
    ("real intensities", "real", ["statistics", "local", "ivh"], {}),
    ("response of a filter", "whole", EVERYTHING,
     dict(discretisation=["fbn", 12], range=[-90, 250], response="response")),
    ("IVH of bins without range", "real", ["ivh"], dict(ivh=["fbs", 4, None])),
    ("IVH of bins from a bound", "real", ["ivh"], dict(ivh=["fbs", 4, -150])),
    ("IVH without discretisation in a range", "whole", ["ivh"], dict(ivh=["none"], range=[-100, 260])),
    ("distance 2", "levels", ["glcm", "ngtdm", "ngldm"], dict(discretisation=["none"], distance=2)),
    ("coarseness 1", "levels", ["ngldm"], dict(discretisation=["none"], coarseness=1)),
    ("distance 2, coarseness 2", "levels", ["ngldm"], dict(discretisation=["none"], distance=2, coarseness=2)),
] + [("weights: " + norm, "levels", ["glcm", "glrlm", "ngtdm"], dict(discretisation=["none"], weighting=norm))
     for norm in ("infinity", "euclidean", "manhattan")] + [
    ("distance 2, weights: euclidean", "levels", ["glcm", "ngtdm"],
     dict(discretisation=["none"], distance=2, weighting="euclidean"))]


def by_formula(image, families, s):
    """Every column of the families, from the manual's formulas."""
    a = image.astype(float)
    a = np.rint(a) if s.get("round") else a
    limits, whole = s.get("range"), MASK & np.isfinite(a)
    inside = whole.copy()
    if limits:
        inside &= (a >= limits[0]) & (a <= limits[1])
    if "sigma" in s:
        # "The intersection of the intensity ranges defined by the re-segmentation methods is used."
        inside &= np.abs(a - a[whole].mean()) <= s["sigma"] * a[whole].std()
    of_image = a
    if "response" in s:
        a, limits = PICTURES[s["response"]].astype(float), None
    v, out = a[inside], {}
    if "morphology" in families:
        out |= plain.morphology(MASK, inside, v, SPACING)
    if "local" in families:
        out |= plain.local_peaks(a, inside, v, SPACING)
    if "statistics" in families:
        out |= plain.statistics(v, "stat")
    if "ivh" in families:
        out |= plain.ivh(v, s.get("ivh"), limits)
    if "diagnostics" in families:
        out |= plain.diagnostics(a, MASK, inside, v, SPACING, "reseg", False)
        for stage in ("init", "interp"):
            out |= plain.diagnostics(of_image, MASK, MASK, of_image[MASK], SPACING, stage, True)
    if set(families) & set(BINNED):
        n, ng = plain.levels_of(v, s["discretisation"], limits)
        if "histogram" in families:
            out |= plain.histogram(n, ng)
        grid = np.zeros(a.shape, int)
        grid[inside] = n
        out |= plain.texture(grid, MASK, ng, SPACING, {TEXTURE[f] for f in families if f in TEXTURE},
                             s.get("distance", 1), s.get("coarseness", 0), s.get("weighting", "no_weighting"))
    return out


def by_mirp(image, families, s):
    """MIRP's columns under Lumen's names; None where it lacks the setting."""
    from mirp import extract_features
    if "weighting" in s or "response" in s or "ivh" in s and s["ivh"][0] == "fbs" and "range" not in s:
        return None
    if s.get("distance", 1) > 1:
        families = [f for f in families if f != "ngtdm"]
    names = [f for f in families if f != "diagnostics"]
    ways = ["2d_average", "2d_slice_merge", "2.5d_direction_merge", "2.5d_volume_merge", "3d_average", "3d_volume_merge"]
    options = dict(base_feature_families=[dict(local="local_intensity", histogram="intensity_histogram",
                                               ivh="intensity_volume_histogram").get(f, f) for f in names])
    words = dict(none="none", fbn="fixed_bin_number", fbs="fixed_bin_size")
    for key, d in (("base", s.get("discretisation")), ("ivh", s.get("ivh"))):
        if d is None:
            continue
        options[key + "_discretisation_method"] = words[d[0]]
        if d[0] == "fbn":
            options[key + "_discretisation_n_bins"] = d[1]
        if d[0] == "fbs":
            options[key + "_discretisation_bin_width"] = float(d[1])
    if "ivh" not in s:
        whole = (image == np.rint(image)).all()
        options["ivh_discretisation_method"] = "none" if whole else "fixed_bin_number"
    for f in ("glcm", "glrlm"):
        options[f + "_spatial_method"] = ways
    for f in ("glszm", "gldzm", "ngtdm", "ngldm"):
        options[f + "_spatial_method"] = ["2d", "2.5d", "3d"]
    options.update(glcm_distance=float(s.get("distance", 1)), ngldm_distance=float(s.get("distance", 1)),
                   ngldm_difference_level=float(s.get("coarseness", 0)))
    a = np.rint(image) if s.get("round") else image
    if s.get("discretisation", [""])[0] == "fbs" and "range" not in s:
        # MIRP's bins of a size start at the lower end of a range.
        lower = s["discretisation"][2]
        s = dict(s, range=[float(a[MASK].min()) if lower is None else lower, float(a[MASK].max())])
    if "range" in s:
        options["resegmentation_intensity_range"] = [float(v) for v in s["range"]]
    if "sigma" in s:
        options["resegmentation_sigma"] = s["sigma"]
    # MIRP rounds CT, and bins intensities of MR for the IVH whatever is asked.
    kind = "ct" if (a == np.rint(a)).all() else "mr"
    with tempfile.TemporaryDirectory() as folder:
        for name, voxels in (("image", a.astype("<f4")), ("mask", MASK.astype(np.uint8))):
            v = sitk.GetImageFromArray(voxels)
            v.SetSpacing(SPACING)
            sitk.WriteImage(v, "%s/%s.nii.gz" % (folder, name))
        logging.disable(logging.INFO)
        line = extract_features(image=folder + "/image.nii.gz", mask=folder + "/mask.nii.gz", image_modality=kind,
                                **options)[0].iloc[0]
    ends = {"2d_avg": "2D:avg", "2d_s_mrg": "2D:mrg", "2.5d_d_mrg": "2.5D:avg", "2.5d_v_mrg": "2.5D:mrg",
            "3d_avg": "3D:avg", "3d_v_mrg": "3D:mrg", "2d": "2D", "2.5d": "2.5D", "3d": "3D"}
    out = {}
    for column, v in line.items():
        m = re.fullmatch(r"((?:morph|loc|stat|ih|ivh|cm|rlm|szm|dzm|ngt|ngl)_.*?)(_d\d+)?(_a[\d.]+)?(_(?:%s))?(_fb[ns]_.*)?" % "|".join(map(re.escape, ends)), column)
        if m:
            out[m[1] + ("_" + ends[m[4][1:]] if m[4] else "")] = float(v)
    return out


def rounded(v):
    return None if not np.isfinite(v) else float("%.13g" % v)


def main():
    rows = [dict(size=SIZE, spacing=SPACING, mask=base64.b64encode(MASK.astype("u1").tobytes()).decode(),
                 pictures={k: dict(kind=v.dtype.name, voxels=base64.b64encode(v.tobytes()).decode())
                           for k, v in PICTURES.items()})]
    versions = {n: importlib.metadata.version(n) for n in ("numpy", "mirp")}
    for name, picture, families, s in CASES:
        image = PICTURES[picture]
        values = by_formula(image, families, s)
        row = dict(name=name, image=picture, families=families, settings=s,
                   oracle="NumPy %s" % versions["numpy"], tolerance=1e-9, loose=LOOSE, values={k: rounded(v) for k, v in values.items()})
        rows.append(row)
        other = by_mirp(image, families, s)
        if other is None:
            print("%s: %d values" % (name, len(values)))
            continue
        same, off = {}, []
        for k, v in values.items():
            if k not in other:
                continue
            if abs(other[k] - v) <= MIRP_TOLERANCE * max(abs(v), 0.1):
                same[k] = rounded(other[k])
            else:
                off.append("%s %.12g %.12g" % (k, v, other[k]))
        rows.append(dict(row, oracle="MIRP %s" % versions["mirp"], tolerance=MIRP_TOLERANCE, values=same))
        print("%s: %d values, MIRP has %d of them, %d differ" % (name, len(values), len(same) + len(off), len(off)))
        for line in off[:6]:
            print("   NumPy, MIRP:", line)
    path = os.path.join(FOLDER, "radiomics", "features.jsonl")
    with open(path, "w") as f:
        for r in rows:
            f.write(json.dumps(r, separators=(",", ":")) + "\n")
    print("features.jsonl: %d rows, %d values" % (len(rows) - 1, sum(len(r["values"]) for r in rows[1:])))


main()
