#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Scores `lumen features` with recipes/ibsi/*.yaml against the reference values of IBSI 1.

usage: ibsi1.py LUMEN REFERENCE    REFERENCE: the folder with ibsi1_reference_values.csv and the phantoms
The digital phantom and configurations A to E of the CT phantom, as NIfTI and as DICOM series with RT Structure Set.
Exit 0 when every value agrees.
"""
import csv, io, os, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))


def measured(lumen, image, mask, config):
    recipe = os.path.join(HERE, "../recipes/ibsi", config.lower() + ".yaml")
    text = subprocess.run([lumen, "features", image, mask, "--recipe", recipe, "--long"], check=True,
                          capture_output=True, text=True).stdout
    for row in csv.DictReader(io.StringIO(text)):
        key, way = row["feature"], row["aggregation"]
        yield key if way == "-" else key[: -len(way) - 1], way, row["value"]


def diagnostics(path, found):
    """n of n of the diagnostic values, by the tolerances of the table."""
    good, total = 0, 0
    for r in csv.DictReader(open(path)):
        value = found.get((r["config"], r["diagnostic_id"]))
        want, tolerance = float(r["value"]), float(r["tolerance"])
        # Tolerances of 0 stand for three significant digits.
        digits = "%.3g" % float(value) if value is not None else ""
        right = value is not None and (abs(float(value) - want) <= tolerance or (digits and float(digits) == want))
        total += 1
        good += right
        if not right:
            print("  %s %s: %s, expected %s ± %s" % (r["config"], r["diagnostic_id"], value, want, tolerance))
    return good, total


def main():
    lumen, reference = sys.argv[1:3]
    digital, ct = (os.path.join(reference, f) for f in ("ibsi1_digital_phantom", "ibsi1_ct_phantom"))
    forms = {
        "NIfTI": lambda c: (os.path.join(digital if c == "digital" else ct, "image.nii.gz"),
                            os.path.join(digital if c == "digital" else ct, "mask.nii.gz")),
        "DICOM and RTSTRUCT": lambda c: (os.path.join(ct, "dicom"), os.path.join(ct, "dicom", "DCM_RS_00060.dcm")),
    }
    status = 0
    for form, files in forms.items():
        configs = ["digital", "A", "B", "C", "D", "E"] if form == "NIfTI" else ["A", "B", "C", "D", "E"]
        found = {}
        with tempfile.NamedTemporaryFile("w", suffix=".csv", delete=False) as out:
            out.write("config,feature_id,aggregation,value\n")
            for config in configs:
                start = time.perf_counter()
                for tag, way, value in measured(lumen, *files(config), config):
                    out.write(",".join((config, tag, way, value)) + "\n")
                    found[config, tag] = value
                print("IBSI 1, configuration %s from %s: %.2f s" % (config, form, time.perf_counter() - start))
        score = [sys.executable, os.path.join(reference, "score_ibsi1.py"), out.name, "--config", ",".join(configs)]
        status |= subprocess.run(score + ["--by-family"]).returncode
        os.unlink(out.name)
        good, total = diagnostics(os.path.join(reference, "ibsi1_diagnostics.csv"), found)
        print("IBSI 1, diagnostic values from %s: %d of %d" % (form, good, total))
        status |= good != total
    sys.exit(status)


main()
