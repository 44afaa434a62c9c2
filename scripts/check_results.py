#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a Segmentation and a measurement report back with highdicom and compares them with the table they belong to.

usage: check_results.py SEG SR LONG_CSV [MASK_NIFTI]
"""
import csv, math, sys
import highdicom, numpy as np

seg_path, sr_path, table = sys.argv[1:4]
with open(table, newline="") as f:
    rows = [r for r in csv.DictReader(f) if r["status"] == "ok"]
want = {}
for r in rows:
    if math.isfinite(float(r["value"])):
        key = (r["roi"], r["code"] or r["feature"], r["aggregation"])
        want.setdefault(key, []).append(float(r["value"]))

report = highdicom.sr.srread(sr_path)
got = {}
for group in report.content.get_volumetric_roi_measurement_groups():
    for m in group.get_measurements():
        method = m.method.value if m.method is not None else "-"
        item = m[0].MeasuredValueSequence[0]
        value = float(item.FloatingPointValue) if "FloatingPointValue" in item else float(m.value)
        got.setdefault((group.tracking_identifier, m.name.value, method), []).append(value)
missing = [k for k in want if sorted(want[k]) != sorted(got.get(k, []))]
print("report: %d of %d values equal the table, %d more in the report" % (
    sum(len(want[k]) for k in want if k not in missing), sum(map(len, want.values())),
    sum(len(v) for k, v in got.items() if k not in want)))
for k in missing[:5]:
    print("  differs:", k, want[k], got.get(k))

segmentation = highdicom.seg.segread(seg_path)
names = [segmentation.get_segment_description(n).segment_label for n in segmentation.segment_numbers]
volume = segmentation.get_volume(combine_segments=False).array
print("segmentation: %d segments (%s), %s voxels set" % (
    len(names), ", ".join(names), ", ".join(str(int(volume[..., i].sum())) for i in range(volume.shape[-1]))))
wrong = bool(missing)
if len(sys.argv) > 4:
    import SimpleITK as sitk
    reference = sitk.GetArrayFromImage(sitk.ReadImage(sys.argv[4])) > 0
    # By voxel count and, per slice, by what is set: the two libraries may order slices differently.
    ours = volume[..., 0] > 0
    a = sorted(map(lambda s: s.tobytes(), ours[ours.any(axis=(1, 2))]))
    b = sorted(map(lambda s: s.tobytes(), reference[reference.any(axis=(1, 2))]))
    dice = 2 * sum(x == y for x, y in zip(a, b)) / (len(a) + len(b))
    print("segmentation against the published mask: %d and %d voxels, %s" % (
        ours.sum(), reference.sum(), "equal in every slice" if a == b else "slices alike: %.3f" % dice))
    wrong |= a != b
sys.exit(1 if wrong else 0)
