#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares regions that Lumen draws with independent readers: an even-odd polygon rasteriser (scikit-image) for RT Structure
Sets, highdicom for Segmentations. Prints Dice for each; exit 1 below 0.99.

usage: check_regions.py LUMEN REFERENCE_FOLDER
"""
import glob, os, subprocess, sys, tempfile, warnings
import highdicom, numpy as np, pydicom, SimpleITK as sitk
from skimage.draw import polygon2mask

warnings.simplefilter("ignore")
lumen, reference = sys.argv[1:3]
bad = 0


def dice(name, ours, theirs):
    global bad
    both, total = int((ours & theirs).sum()), int(ours.sum() + theirs.sum())
    d = 2 * both / total if total else 1.0
    bad += d < 0.99
    print("%-60s %9d %9d voxels  Dice %.4f" % (name, ours.sum(), theirs.sum(), d))


def drawn(image, mask, folder):
    out = os.path.join(folder, "mask.nii.gz")
    done = subprocess.run([lumen, "mask", image, mask, "-o", out], capture_output=True, text=True)
    return sitk.ReadImage(out) if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


with tempfile.TemporaryDirectory() as folder:
    for name, image, contours in (
            ("IBSI CT phantom", "ibsi/ibsi1_ct_phantom/dicom", "ibsi/ibsi1_ct_phantom/dicom/DCM_RS_00060.dcm"),
            ("CT sarcoma", "dicom/series/ct_sarcoma", "dicom/series/ct_sarcoma_rtstruct/RS.dcm")):
        image, contours = os.path.join(reference, image), os.path.join(reference, contours)
        ours = drawn(image, contours, folder)
        ds = pydicom.dcmread(contours)
        theirs = np.zeros(sitk.GetArrayViewFromImage(ours).shape, bool)
        for contour in ds.ROIContourSequence[0].ContourSequence:
            points = np.array(contour.ContourData, float).reshape(-1, 3)
            index = np.array([ours.TransformPhysicalPointToContinuousIndex(p) for p in points])
            z = int(round(index[0, 2]))
            theirs[z] ^= polygon2mask(theirs.shape[1:], index[:, 1::-1])
        dice("RTSTRUCT %s, scikit-image" % name, sitk.GetArrayFromImage(ours) > 0, theirs)
    for path in sorted(glob.glob(os.path.join(reference, "dicom/files/*"))):
        try:
            if pydicom.dcmread(path, force=True).SOPClassUID != "1.2.840.10008.5.1.4.1.1.66.4":
                continue
        except Exception:
            continue
        try:
            seg = highdicom.seg.segread(path)
            volume = seg.get_volume(combine_segments=False, allow_missing_positions=True)
        except Exception as e:
            print("%-60s not read by highdicom: %s" % ("SEG " + os.path.basename(path), str(e).split(".")[0][:60]))
            continue
        # The segmentation's own grid as the image: highdicom's volume, without values.
        a = volume.array[..., 0].astype(np.uint8)
        lps = np.array(volume.affine)
        spacing = np.linalg.norm(lps[:3, :3], axis=0)
        grid = sitk.GetImageFromArray(np.zeros_like(a))
        grid.SetSpacing([float(spacing[k]) for k in (2, 1, 0)])
        grid.SetOrigin([float(v) for v in lps[:3, 3]])
        direction = lps[:3, :3] / spacing
        grid.SetDirection([float(direction[r, k]) for r in range(3) for k in (2, 1, 0)])
        frame = os.path.join(folder, "grid.nii.gz")
        sitk.WriteImage(grid, frame)
        for n, number in enumerate(seg.segment_numbers):
            out = os.path.join(folder, "mask.nii.gz")
            done = subprocess.run([lumen, "mask", frame, path, "--roi", str(number), "-o", out], capture_output=True, text=True)
            if done.returncode:
                print("%-60s Lumen: %s" % (os.path.basename(path), done.stderr.strip().splitlines()[-1][-90:]))
                continue
            dice("SEG %s, segment %d, highdicom" % (os.path.basename(path), number),
                 sitk.GetArrayFromImage(sitk.ReadImage(out)) > 0, volume.array[..., n] >= 0.5)
sys.exit(1 if bad else 0)
