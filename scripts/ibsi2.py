#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""IBSI 2 with the release build: response maps (phase 1) and their statistics (phase 2), scored by the reference kit.

usage: ibsi2.py LUMEN REFERENCE/ibsi
"""
import csv, os, subprocess, sys, tempfile
from concurrent.futures import ThreadPoolExecutor

lumen, kit = sys.argv[1], sys.argv[2]
recipes = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "recipes", "ibsi2")
with open(os.path.join(kit, "ibsi2_filter_tests.csv")) as f:
    names = {r["test_id"]: r["response_map"] for r in csv.DictReader(f)}
status = 0
with tempfile.TemporaryDirectory() as folder:
    def response(row):
        out = os.path.join(folder, names.get(row["test"]) or row["test"].replace(".", "_") + ".nii.gz")
        phantom = os.path.join(kit, "ibsi2_digital_phantoms", row["phantom"] + ".nii.gz")
        r = subprocess.run([lumen, "filter", row["step"], phantom, "-o", out, "--threads", "1"], capture_output=True, text=True)
        if r.returncode:
            print("%s: %s" % (row["test"], r.stderr.strip()))

    with open(os.path.join(recipes, "response-maps.csv")) as f:
        rows = list(csv.DictReader(f))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(response, rows))
    print("IBSI 2, phase 1: response maps")
    status |= subprocess.run([sys.executable, os.path.join(kit, "score_ibsi2.py"), "--maps", folder]).returncode

    values = os.path.join(folder, "phase2.csv")
    phantom = os.path.join(kit, "ibsi1_ct_phantom")

    def features(test):
        recipe = os.path.join(recipes, test.replace(".", "").lower() + ".yaml")
        r = subprocess.run([lumen, "features", phantom + "/image.nii.gz", phantom + "/mask.nii.gz", "--recipe", recipe,
                            "--long", "--threads", "1"], capture_output=True, text=True)
        if r.returncode:
            print("%s: %s" % (test, r.stderr.strip()))
        return [(test, v["feature"], v["value"]) for v in csv.DictReader(r.stdout.splitlines())]

    tests = ["%d.%s" % (k, s) for k in range(1, 10) for s in "AB"]
    with open(values, "w") as f, ThreadPoolExecutor(2) as pool:
        f.write("test_id,feature_id,value\n")
        for lines in pool.map(features, tests):
            f.writelines("%s,%s,%s\n" % line for line in lines)
    print("IBSI 2, phase 2: intensity statistics of the responses")
    status |= subprocess.run([sys.executable, os.path.join(kit, "score_ibsi2.py"), "--features", values]).returncode
sys.exit(status)
