#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times Lumen and its peers on the same volumes in one run, checks that the outputs agree, prints the ratios.

usage: compare.py LUMEN_BENCH RESULTS_FOLDER
Gaussian: sigma 2 voxels, kernel radius 8, sum 1, reflect. Median: 3 x 3 x 3, nearest. 512 x 512 x 100 voxels.
Medians of wall times; a peer's time includes the allocation of its output.
"""
import datetime, json, os, platform, statistics, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
import cv2
import numpy as np
import scipy
import SimpleITK as sitk
from scipy import ndimage

SHAPE = (100, 512, 512)
BANDWIDTH_BYTES = {"gaussian3d": 8, "median3d.f32": 8, "median3d.i16": 4, "otsu.i16": 5}  # read + written a voxel
cv2.setNumThreads(0)


def timed(work, runs):
    out = work()
    samples = []
    for _ in range(runs):
        start = time.perf_counter()
        out = work()
        samples.append((time.perf_counter() - start) * 1e3)
    return out, statistics.median(samples), min(samples)


def opencv_gaussian(v, threads):
    """Composed from the 2-D separable filter, as an expert would: every slice in its plane, then every row along z."""
    x = np.arange(-8, 9)
    k = np.exp(-0.5 * (x / 2.0) ** 2)
    k = (k / k.sum()).astype(np.float32)
    one = np.ones(1, np.float32)
    plane, out = np.empty_like(v), np.empty_like(v)

    def xy(z):
        cv2.sepFilter2D(v[z], -1, k, k, dst=plane[z], borderType=cv2.BORDER_REFLECT)

    def along_z(y):
        out[:, y] = cv2.sepFilter2D(plane[:, y], -1, one, k, borderType=cv2.BORDER_REFLECT)

    with ThreadPoolExecutor(threads) as pool:
        each = pool.map if threads > 1 else map
        list(each(xy, range(v.shape[0])))
        list(each(along_z, range(v.shape[1])))
    return out


def peers(item, v, threads):
    """name, work, has Lumen's definition, uses threads, runs"""
    sitk.ProcessObject.SetGlobalDefaultNumberOfThreads(threads)
    image = sitk.GetImageFromArray(v)
    if item == "gaussian3d":
        return [
            ("OpenCV composed", lambda: opencv_gaussian(v, threads), True, True, 5),
            ("SciPy", lambda: ndimage.gaussian_filter(v, 2.0, truncate=4.0, mode="reflect"), True, False, 3),
            ("SimpleITK recursive", lambda: sitk.SmoothingRecursiveGaussian(image, 2.0), False, True, 3),
            ("SimpleITK discrete", lambda: sitk.DiscreteGaussian(image, 4.0, 17, 0.01, False), False, True, 2),
        ]
    return [
        ("SimpleITK", lambda: sitk.GetArrayFromImage(sitk.Median(image, [1, 1, 1])), True, True, 1),
        ("SciPy", lambda: ndimage.median_filter(v, 3, mode="nearest"), True, False, 1),
    ]


def main():
    bench, results = sys.argv[1], sys.argv[2]
    records, rows = [], []
    with tempfile.TemporaryDirectory() as folder:
        for threads in (1, 2):
            lumen = {}

            def run_lumen():
                text = subprocess.run([bench, folder, str(threads)], check=True, capture_output=True, text=True).stdout
                for r in map(json.loads, text.splitlines()):
                    key = (r["item"], r["memory"])
                    if key not in lumen or r["median_ms"] < lumen[key]["median_ms"]:
                        lumen[key] = r

            run_lumen()
            timings = {}
            for item, kind, source in (("gaussian3d", np.float32, "f32"), ("median3d.f32", np.float32, "f32"),
                                       ("median3d.i16", np.int16, "i16")):
                v = np.fromfile(os.path.join(folder, "input." + source), kind).reshape(SHAPE)
                ours = np.fromfile(os.path.join(folder, item + ".raw"), kind).reshape(SHAPE)
                span = float(v.max()) - float(v.min())
                for name, work, same, uses_threads, runs in peers(item, v, threads):
                    if threads > 1 and not uses_threads:
                        continue
                    out, median, least = timed(work, runs)
                    worst = float(np.abs(out.astype(np.float64) - ours).max()) / span if same else None
                    if same and worst > (1e-5 if item == "gaussian3d" else 0):
                        sys.exit("%s: %s differs from Lumen by %g of the value range" % (item, name, worst))
                    timings.setdefault(item, []).append((median, name))
                    records.append(dict(item=item, tool=name, threads=threads, median_ms=median, min_ms=least,
                                        largest_difference=worst))
            run_lumen()
            records += [dict(r, tool="Lumen") for r in lumen.values()]
            copy = lumen[("copy", "reused")]
            for (item, memory), r in lumen.items():
                ms = r["median_ms"]
                best = min(timings[item]) if item in timings else None
                limit = ("%.0f %%" % (100 * copy["median_ms"] * BANDWIDTH_BYTES[item] / 8 / ms)
                         if item in BANDWIDTH_BYTES else "")
                rows.append((item, memory, threads, "%.2f" % ms, best[1] if best else "",
                             "%.1f" % best[0] if best else "", "%.1f x" % (best[0] / ms) if best else "", limit))
            print("copy bandwidth at %d thread(s): %.1f GB/s" % (threads, copy["gigabytesPerSecond"]))
    header = ("item", "memory", "threads", "Lumen ms", "best peer", "peer ms", "ratio", "of copy bandwidth")
    widths = [max(len(str(r[i])) for r in [header] + rows) for i in range(len(header))]
    for r in [header] + rows:
        print("  ".join(str(c).ljust(w) for c, w in zip(r, widths)).rstrip())
    os.makedirs(results, exist_ok=True)
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), "unknown")
    with open(os.path.join(results, "run.json"), "w") as f:
        json.dump(dict(date=datetime.date.today().isoformat(), cpu=cpu, versions=dict(
            python=platform.python_version(), numpy=np.__version__, scipy=scipy.__version__, opencv=cv2.__version__,
            simpleitk=sitk.Version.VersionString()), figures=records), f, indent=1)
        f.write("\n")
    print("raw figures: %s/run.json" % os.path.relpath(results))


main()
