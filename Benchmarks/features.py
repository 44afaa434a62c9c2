# SPDX-License-Identifier: Apache-2.0
"""Radiomics beside the peers: values first, by name, then time and memory. Part of peers.py; see there.

Every item of every tool runs in a process of its own. Time is the median of the calls, memory the most that the process had
resident during them, its inputs and its interpreter included. A peer agrees when every value that both have under one name
is the same within the tolerance of TOLERANCE; what has another definition is listed in OTHERWISE with the reason.
"""
import json, math, os, re, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.environ.get("LUMEN_PEERS", os.path.join(HERE, "../../shared/peers"))
SIZES = ("1e4", "1e5", "1e6")
CLASSES = ("fo", "shape", "glcm", "glrlm", "glszm", "gldm", "ngtdm")

# Relative differences that count as the same. bench_peers.py writes nine digits.
# Resampled masks of 2.3 million voxels differ in four of them that are filled by one half but for rounding.
TOLERANCE = {"": 1e-7, "r.vox": 1e-5, "r.fbn32": 2e-4, "r.morph": 1e-5}
# Values under one name with different definitions: (item, peer, name), each a pattern, and why.
OTHERWISE = [
    ("r.(morph|fbn32).*", "pictologics.*", "ZH1A|IQYR", "pictologics lays the oriented box along the principal axes; IBSI "
     "asks for the least volume"),
    ("r.(morph|fbn32).*", "pictologics.*", "SWZ1|BRI8", "pictologics ends its search for the least ellipsoid early: its "
     "volume is the larger one"),
    ("r.fbn32.*", "pictologics.*", "9CMM", "pictologics has the area under the IVH in grey levels, not in fractions"),
    ("r.objects2d", "skimage", "orientation", "-pi/2 and pi/2 are one angle, and rounding decides which of them an object "
     "gets whose longer axis lies along the columns: the mean of 5000 angles moves by pi/5000"),
]

# Codes of pictologics that are not those of IBSI's table: of the IVH the kind of value, then the percentage.
CODES = {"P001": "5QRC", "1PR": "GPMT", "GPMT": "OZ0C",
         "BC2M_10": "NK6P", "BC2M_90": "4279", "GBPN_10": "PWN1", "GBPN_90": "BOHI", "DDTU": "WITY", "CNV2": "JXJA"}
# Lumen's name of a column of another tool's table, and what makes the column the same quantity.
COLUMNS = {
    ("r.objects2d", "SimpleITK"): {"0": "area", "3": ("equivalent_diameter_area", 2), "4": "intensity_mean",
                                   "5": "intensity_max"},
    ("r.objects2d.int", "SimpleITK (7 statistics)"): {"0": "num_pixels", "1": "intensity_mean", "3": "intensity_min",
                                                      "4": "intensity_max"},
    ("r.objects2d.int", "scipy (mean, std, min, max)"): {"0": "intensity_mean", "1": "intensity_std",
                                                         "2": "intensity_min", "3": "intensity_max"},
    ("r.objects2d", "nyxus intensity + basic morphology"): {
        "AREA_PIXELS_COUNT": "area", "MEAN": "intensity_mean", "MIN": "intensity_min", "MAX": "intensity_max",
        "CENTROID_X": "centroid-1", "CENTROID_Y": "centroid-0"},
    ("r.objects2d.int", "nyxus"): {"MEAN": "intensity_mean", "MIN": "intensity_min", "MAX": "intensity_max"},
}


def lookup(table, item):
    """The entry of the longest beginning of the item's name."""
    return table[max((k for k in table if item.startswith(k)), key=len)]


def their_values(item, peer, out):
    """A peer's values under Lumen's names."""
    if (item, peer) in COLUMNS:
        found = {}
        for theirs, ours in COLUMNS[item, peer].items():
            name, factor = ours if isinstance(ours, tuple) else (ours, 1)
            if theirs in out:
                found[name] = factor * out[theirs]
        return found
    if peer.startswith("pictologics"):
        named = {}
        for name, value in out.items():
            code = re.search(r"_((?:BC2M|GBPN)_\d+|[0-9A-Z]{3,4})$", name)
            if code:
                named[CODES.get(code[1], code[1])] = value
        return named
    return out


def compare(item, peer, ours, out):
    """How many values agree; names and values that do not; names of values defined otherwise."""
    limit, same, off, other = lookup(TOLERANCE, item), 0, [], []
    for name, b in their_values(item, peer, out or {}).items():
        a = ours.get(name)
        if name not in ours or b is None or isinstance(b, float) and math.isnan(b) and a is None:
            continue
        if any(re.fullmatch(i, item) and re.fullmatch(p, peer) and re.fullmatch(n, name) for i, p, n, _ in OTHERWISE):
            other.append(name)
        elif a is not None and abs(a - b) <= limit * max(abs(a), abs(b)) + 1e-12:
            same += 1
        else:
            off.append((name, a, b))
    return same, off, other


def lumen(bench, inputs, item, threads):
    with tempfile.TemporaryDirectory() as folder:
        text = subprocess.run([bench, "radiomics", inputs, folder, str(threads), item], check=True,
                              capture_output=True, text=True).stdout
    return [json.loads(line) for line in text.splitlines()]


def peers(inputs, items, threads):
    """bench_peers.py with the items that are added here."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "peers.jsonl")
        subprocess.run([sys.executable, os.path.abspath(__file__), "--inputs", inputs, "--items", ",".join(items), "--peers",
                        os.environ.get("LUMEN_PEER_NAMES", "*"), "--threads", str(threads), "--repeat", "5", "--json", out],
                       check=True, capture_output=True)
        with open(out) as f:
            return [r for r in map(json.loads, f) if "peer" in r]


def goals(ours, theirs):
    """What was promised: (what, ratio, at least). Ratios of time are peer over Lumen, those of memory too."""
    def best(item, like="", agreeing=True):
        found = [r for r in theirs if r["item"] == item and like in r["peer"] and "median_s" in r
                 and (r["agrees"] or not agreeing)]
        return min(found, key=lambda r: r["median_s"], default=None)
    lines = []
    for item, r in ours.items():
        ms, mib = r["median_ms"], r["rss_peak_mb"]
        if item.startswith(("r.tex", "r.fbn32", "r.morph")) and (p := best(item, "pictologics")):
            lines.append((item + " time", p["median_s"] * 1e3 / ms, 2))
            if p.get("rss_peak_mb"):
                lines.append((item + " memory", p["rss_peak_mb"] / mib, 3))
        elif item.startswith("r.all"):
            parts = [best("r.%s.%s" % (c, item[6:])) for c in CLASSES]
            if all(parts):
                lines.append((item + " time, sum of the best peers' classes", sum(p["median_s"] for p in parts) * 1e3 / ms, 1))
        elif item.startswith("r.objects2d"):
            for like in ("nyxus", "skimage"):
                if p := best(item, like, agreeing=False):
                    lines.append(("%s time, %s" % (item, p["peer"]), p["median_s"] * 1e3 / ms, 1))
        elif item.startswith("r.vox") and (p := best(item)):
            lines.append((item + " time", p["median_s"] * 1e3 / ms, 100 if item == "r.vox.glcm" else 1))
    return lines


def table(header, rows):
    rows = [header] + [[str(c) for c in r] for r in rows]
    widths = [max(len(r[i]) for r in rows) for i in range(len(header))]
    for r in rows:
        print("  ".join(c.ljust(w) for c, w in zip(r, widths)).rstrip())


def run(bench, inputs, names, threads, records, one):
    """`one`: the peers' lines at one thread, for those that use no more."""
    known = [r["item"] for r in lumen_items(bench)]
    items = [i for i in known if not names or any(i.startswith(n) for n in names)]
    theirs = peers(inputs, items, threads)
    theirs += [r for r in one if (r["item"], r["peer"]) not in {(p["item"], p["peer"]) for p in theirs}]
    if not one:
        one += theirs
    ours, rows, differ = {}, [], []
    for item in items:
        lines = lumen(bench, inputs, item, threads)
        fresh, reused = (next(r for r in lines if r["memory"] == m) for m in ("fresh", "reused"))
        ours[item], values = fresh, fresh.get("values", {})
        records += [dict(r, tool="Lumen") for r in lines]
        for p in theirs:
            if p["item"] != item:
                continue
            if "median_s" not in p:
                differ.append("%s %s: %s" % (item, p["peer"], p.get("error")))
                continue
            same, off, other = compare(item, p["peer"], values, p.get("out"))
            p["agrees"], p["values_that_agree"], p["values_defined_otherwise"] = same > 0 and not off, same, other
            if off:
                shown = ", ".join("%s %s against %s" % (n, a, b) for n, a, b in off[:4])
                differ.append("%s %s: %d differ: %s" % (item, p["peer"], len(off), shown))
            ms = fresh["median_ms"]
            rows.append((item, threads, "%.2f" % ms, "%.2f" % reused["median_ms"], "%.0f" % fresh["rss_peak_mb"], p["peer"],
                         "%.2f" % (p["median_s"] * 1e3), p.get("rss_peak_mb", ""), "%.2f x" % (p["median_s"] * 1e3 / ms),
                         "%d of %d" % (same, same + len(off)) + (", %d otherwise" % len(other) if other else "")))
    records += theirs
    table(("item", "threads", "Lumen ms", "reused", "MiB", "peer", "ms", "MiB", "ratio", "values that agree"), rows)
    for line in differ:
        print("  " + line)
    print("goals at %d thread%s:" % (threads, "s" if threads > 1 else ""))
    table(("  goal", "ratio", "at least", ""),
          [("  " + what, "%.2f" % r, g, "met" if r >= g else "MISSED") for what, r, g in goals(ours, theirs)])


def lumen_items(bench):
    text = subprocess.run([bench, "radiomics", "list"], check=True, capture_output=True, text=True).stdout
    return [dict(item=line) for line in text.split()]


def nodule(lumen, inputs):
    """A nodule of 5,000 voxels from a DICOM series of 200 slices to a row of CSV: a process from its start to its end,
    everything in the page cache. Goal: 250 ms."""
    try:
        import numpy as np, pydicom, SimpleITK as sitk
    except ImportError as e:
        print("nodule: skipped, %s" % e)
        return
    series = os.path.join(inputs, "dicom", "raw")
    heads = [pydicom.dcmread(os.path.join(series, f), stop_before_pixels=True) for f in os.listdir(series)]
    heads.sort(key=lambda h: float(h.ImagePositionPatient[2]))
    row, column = map(float, heads[0].PixelSpacing)
    depth = float(heads[1].ImagePositionPatient[2]) - float(heads[0].ImagePositionPatient[2])
    shape = (len(heads), heads[0].Rows, heads[0].Columns)
    centre = [int(s * f) for s, f in zip(shape, (0.55, 0.45, 0.35))]
    z, y, x = np.ogrid[tuple(slice(0, n) for n in shape)]
    mm = ((z - centre[0]) * depth) ** 2 + ((y - centre[1]) * row) ** 2 + ((x - centre[2]) * column) ** 2
    near = np.sort(mm[tuple(slice(c - 30, c + 30) for c in centre)].ravel())
    ball = (mm <= near[4999]).astype("u1")
    mask = sitk.GetImageFromArray(ball)
    mask.SetSpacing((column, row, depth))
    mask.SetOrigin([float(v) for v in heads[0].ImagePositionPatient])
    with tempfile.TemporaryDirectory() as folder:
        print("nodule: %d voxels, %d slices, all default features" % (ball.sum(), len(heads)))
        for kind, threads in ((kind, threads) for kind in ("nii.gz", "nii") for threads in (1, 2)):
            path = os.path.join(folder, "nodule." + kind)
            sitk.WriteImage(mask, path)
            words = [lumen, "features", series, path, "--threads", str(threads), "-o", os.path.join(folder, "out.csv")]
            samples = []
            for k in range(8):
                start = time.perf_counter()
                subprocess.run(words, check=True, capture_output=True)
                if k:
                    samples.append((time.perf_counter() - start) * 1e3)
            ms = statistics.median(samples)
            with open(os.path.join(folder, "out.csv")) as f:
                rows = f.read().strip().split("\n")
            assert len(rows) == 2, "one row is expected"
            print("  mask.%s, %d thread%s: %.0f ms (least %.0f), %d columns; goal 250 ms: %s" % (
                kind, threads, "s" if threads > 1 else "", ms, min(samples), rows[0].count(",") + 1,
                "met" if ms <= 250 else "MISSED"))


def bench_peers(arguments):
    """bench_peers.py with one more item: pictologics' morphology of the largest region on a grid of 0.7 mm, without and
    with Moran's I and Geary's C."""
    sys.path.insert(0, PEERS)
    sys.argv = [os.path.join(PEERS, "bench_peers.py")] + arguments
    import bench_peers as them
    # Its main() lets the module that runs stand for it.
    globals().update({k: getattr(them, k) for k in dir(them) if not k.startswith("__")})

    def prepare(inputs, threads):
        import numpy as np
        from peers_pictologics import ready, xyz
        P = ready(threads)
        from pictologics.preprocessing import resample_image
        fine = dict(new_spacing=(0.7, 0.7, 0.7), interpolation="linear")
        spacing = dict(spacing=(0.8, 0.8, 1.25), origin=(0, 0, 0))
        mask = resample_image(P.Image(array=xyz(inputs.roi_1e6, "u1"), **spacing), mask_threshold=0.5, **fine)
        used = [np.nonzero(mask.array.any(axis=a))[0] for a in ((1, 2), (0, 2), (0, 1))]
        box = tuple(slice(max(0, u[0] - 8), min(n, u[-1] + 9)) for u, n in zip(used, mask.array.shape))
        image = resample_image(P.Image(array=xyz(inputs.ct, "f8"), **spacing), region=box, **fine)
        part = P.Image(array=np.ascontiguousarray(mask.array[box]), spacing=image.spacing, origin=image.origin)
        return image, part

    @them.peer("r.morph.27", "pictologics", mt=True, repeat=5)
    def _(inputs, threads):
        from pictologics.features.morphology import calculate_morphology_features as measure
        image, mask = prepare(inputs, threads)
        measure(mask, image)
        return lambda: measure(mask, image), them.num

    @them.peer("r.morph.29", "pictologics", mt=True, repeat=3)
    def _(inputs, threads):
        from pictologics.features.morphology import calculate_morphology_features as measure
        from pictologics.features.intensity import calculate_spatial_intensity_features as spatial
        image, mask = prepare(inputs, threads)
        run = lambda: {**measure(mask, image), **spatial(image, mask)}
        run()
        return run, them.num

    them.main()


def main(bench, inputs, results, names):
    records, one = [], []
    for threads in (1, 2):
        run(bench, inputs, names, threads, records, one)
    for item, peer, name, why in OTHERWISE:
        print("defined otherwise: %s, %s, %s: %s" % (item, peer, name, why))
    lumen = os.environ.get("LUMEN", os.path.join(HERE, "../.build/release/lumen"))
    if os.path.exists(lumen) and (not names or "nodule" in names):
        nodule(lumen, inputs)
    if not names:
        path = os.path.join(results, "radiomics.json")
        with open(path, "w") as f:
            json.dump(records, f, indent=1)
            f.write("\n")
        print("raw figures: %s" % os.path.relpath(path))


if __name__ == "__main__":
    bench_peers(sys.argv[1:])
