#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times Lumen beside the peers on their items (ITEMS.md there) in one run, after checking that the results agree.

usage: peers.py LUMEN_BENCH RESULTS_FOLDER [decode|filters|radiomics] [NAME…]     without a group all
LUMEN_PEERS names the folder of bench_peers.py (default ../shared/peers), LUMEN_PEER_INPUTS that of its inputs (made when
absent). LUMEN_PEER_NAMES limits the peers of the radiomics (features.py), LUMEN is the command for the time of a whole
process (default: the release build). GDCM's own reader is added here. Medians of wall times, warm page cache, fresh output memory in every call. "best
peer" is the quickest whose result agrees; a quicker one that does a variant of the work stands in brackets.
"""
import json, os, statistics, subprocess, sys, tempfile, time, zlib

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.environ.get("LUMEN_PEERS", os.path.join(HERE, "../../shared/peers"))


def gdcm_series(files):
    import gdcm
    import numpy as np
    slices = []
    for f in files:
        r = gdcm.ImageReader()
        r.SetFileName(f)
        if not r.Read():
            raise RuntimeError("GDCM cannot read a slice")
        image = r.GetImage()
        a = np.frombuffer(image.GetBuffer().encode("utf-8", errors="surrogateescape"), np.uint16)
        slices.append((image.GetOrigin(2), a.reshape(image.GetDimension(1), image.GetDimension(0)),
                       int(image.GetIntercept())))
    slices.sort(key=lambda t: t[0])
    out = np.empty((len(slices), *slices[0][1].shape), np.int16)
    for i, (_, a, c) in enumerate(slices):
        out[i] = a
        out[i] += np.int16(c)
    return out


def gdcm_times(inputs, threads):
    """GDCM decodes JPEG 2000 with as many threads as there are processors: at one thread it gets one processor."""
    rows, before = [], os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(before)[:threads]))
    for kind in ("raw", "rle", "jpll", "jpls", "j2k"):
        folder = os.path.join(inputs, "dicom", kind)
        files = [os.path.join(folder, f) for f in sorted(os.listdir(folder))]
        samples = []
        for _ in range(1 if kind == "j2k" else 3):
            start = time.perf_counter()
            out = gdcm_series(files)
            samples.append(time.perf_counter() - start)
        rows.append(dict(item="dec.series." + kind, peer="GDCM", threads=threads, median_s=statistics.median(samples),
                         out=dict(crc32=zlib.crc32(out.tobytes()))))
    os.sched_setaffinity(0, before)
    return rows


def summary(path, kind):
    """What bench_peers.py says of a result."""
    import numpy as np
    if not os.path.exists(path):
        return None
    a = np.memmap(path, dtype=kind, mode="r") if os.path.getsize(path) else np.zeros(0, kind)
    d = dict(mean=float(a.mean(dtype="f8")), std=float(a.std(dtype="f8")), min=float(a.min()), max=float(a.max()),
             samples=[float(a[a.size * k // 9]) for k in range(1, 9)], size=a.size)
    if a.dtype.kind in "iu":
        d["crc32"] = zlib.crc32(a.view("u1").data)
    return d


# Whole numbers that libraries round in different ways, or that lie within a voxel of a border they treat differently.
ROUNDED = {"f.resample.lin", "f.affine3d", "f.nlm2d"}
# Odd kernels: a convolution has the other sign than a correlation.
EITHER_SIGN = {"f.laws3d"}


def agree(item, ours, theirs):
    """Integers: the same bytes, or where they are rounded every sample within 1 and the mean within 1e-3 of the range.
    Floats: samples and extremes within 1e-4 of the range, the mean within 1e-6 of it."""
    if not isinstance(theirs, dict) or ours is None:
        return None
    if item in EITHER_SIGN and ours.get("samples"):
        flipped = dict(ours, samples=[-x for x in ours["samples"]], min=-ours["max"], max=-ours["min"], mean=-ours["mean"])
        return agree("", ours, theirs) or agree("", flipped, theirs)
    if item in ROUNDED and "samples" in theirs:
        span = max(theirs["max"] - theirs["min"], 1e-30)
        near = [abs(a - b) <= 1 for a, b in zip(ours["samples"], theirs["samples"])]
        return all(near) and abs(ours["mean"] - theirs["mean"]) <= 1e-3 * span
    if "crc32" in ours and "crc32" in theirs:
        return ours["crc32"] == theirs["crc32"]
    if "samples" not in theirs:
        return None
    span = max(theirs["max"] - theirs["min"], 1e-30)
    near = [abs(a - b) <= 1e-4 * span for a, b in zip(ours["samples"], theirs["samples"])]
    ends = [abs(ours[k] - theirs[k]) <= 1e-4 * span for k in ("min", "max")]
    return all(near) and all(ends) and abs(ours["mean"] - theirs["mean"]) <= 1e-6 * span


def lumen(bench, group, inputs, folder, threads, names):
    words = [bench, group, inputs, folder, str(threads)] + names
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return [json.loads(line) for line in text.splitlines()]


def run(bench, group, inputs, names, threads, records):
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        ours = lumen(bench, group, inputs, folder, threads, names)
        copy = next((r["bytes"] / r["median_ms"] for r in ours if r["item"] == "copy"), None)
        ours = [r for r in ours if r["item"] != "copy"]
        out = os.path.join(folder, "peers.jsonl")
        wanted = ",".join(sorted({r["item"] for r in ours}))
        subprocess.run([sys.executable, os.path.join(PEERS, "bench_peers.py"), "--inputs", inputs, "--items", wanted,
                        "--threads", str(threads), "--repeat", "3", "--json", out], check=True, capture_output=True)
        with open(out) as f:
            peers = [json.loads(line) for line in f]
        if group == "decode" and not names:
            peers += gdcm_times(inputs, threads)
        best = {}
        for r in ours:
            key = (r["item"], r["memory"])
            if key not in best or r["median_ms"] < best[key]["median_ms"]:
                best[key] = r
        records += [dict(r, tool="Lumen") for r in best.values()] + peers
        for (item, memory), r in best.items():
            if memory != "fresh":
                continue
            mine = summary(os.path.join(folder, item + ".raw"), r.get("kind", "int16"))
            same, other = [], []
            for p in peers:
                if p["item"] == item and "median_s" in p:
                    verdict = agree(item, mine, p.get("out"))
                    (other if verdict is False else same).append((p["median_s"] * 1e3, p["peer"]))
                    p["agrees"] = verdict
            ms = r["median_ms"]
            first = min(same) if same else None
            quicker = min(other) if other and (not same or min(other) < first) else None
            warm = best.get((item, "reused"), {}).get("median_ms")
            rows.append((item, threads, "%.2f" % ms, "%.2f" % warm if warm else "", first[1] if first else "",
                         "%.1f" % first[0] if first else "", "%.2f x" % (first[0] / ms) if first else "",
                         "(%s: %.1f)" % (quicker[1], quicker[0]) if quicker else "",
                         "%.0f %%" % (100 * r["bytes"] / (warm or ms) / copy) if copy and "bytes" in r else ""))
    return rows


def main():
    bench, results = sys.argv[1], sys.argv[2]
    group, names = (sys.argv[3:4] or [""])[0], sys.argv[4:]
    if not os.path.isdir(PEERS):
        print("skipped: no peers at %s (set LUMEN_PEERS)" % os.path.relpath(PEERS))
        return
    inputs = os.environ.get("LUMEN_PEER_INPUTS") or os.path.join(tempfile.gettempdir(), "lumen-peer-inputs")
    if not os.path.exists(os.path.join(inputs, "manifest.json")):
        subprocess.run([sys.executable, os.path.join(PEERS, "make_inputs.py"), inputs, "--only", "raw,dicom"], check=True)
    os.makedirs(results, exist_ok=True)
    for one in [group] if group else ["decode", "filters", "radiomics"]:
        if one == "radiomics":
            import features
            features.main(bench, inputs, results, names)
            continue
        records, rows = [], []
        for threads in (1, 2):
            rows += run(bench, one, inputs, names, threads, records)
        header = ("item", "threads", "Lumen ms", "reused", "best peer", "peer ms", "ratio", "other", "of copy")
        widths = [max(len(str(r[i])) for r in [header] + rows) for i in range(len(header))]
        for r in [header] + rows:
            print("  ".join(str(c).ljust(w) for c, w in zip(r, widths)).rstrip())
        ratios = [float(r[6].split()[0]) for r in rows if r[6]]
        if ratios:
            print("geometric mean of %d ratios: %.2f x" % (len(ratios), statistics.geometric_mean(ratios)))
        if not names:
            with open(os.path.join(results, one + ".json"), "w") as f:
                json.dump(records, f, indent=1)
                f.write("\n")
            print("raw figures: %s" % os.path.relpath(os.path.join(results, one + ".json")))


main()
