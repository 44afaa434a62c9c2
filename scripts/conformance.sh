#!/usr/bin/env bash
# Runs the commands of README and guide, and scores the release build against the reference data (LUMEN_REFERENCE,
# default ../shared/reference): n of n a table.
set -euo pipefail
cd "$(dirname "$0")/.."
reference=${LUMEN_REFERENCE:-../shared/reference}
lumen=.build/release/lumen
status=0
python3 scripts/guide.py "$lumen" || status=1
if [ ! -d "$reference/ibsi" ]; then
  echo "conformance: no reference data at $reference; nothing was scored (set LUMEN_REFERENCE)"
  exit $status
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 scripts/ibsi1.py "$lumen" "$reference/ibsi" || status=1
python3 scripts/ibsi2.py "$lumen" "$reference/ibsi" || status=1

# Threads and workers; `make identity` adds builds for the other instruction sets.
python3 scripts/bit_identity.py "$lumen" || status=1

decodes() {  # TITLE OPTIONS… of check_decode.py
  echo "$1"
  shift
  python3 "$reference/dicom/check_decode.py" --jobs 2 --names "$@" || status=1
}
decodes "DICOM corpus, stored pixels, by transfer syntax" --cmd "$lumen convert {file} --raw {out}"
decodes "DICOM corpus, values after the Modality LUT" --stats-cmd "$lumen stats {file} --json"
decodes "Other formats" --other --cmd "$lumen convert {file} --raw {out}"
decodes "DICOM series" --series --cmd "$lumen volume {dir} --raw {out}"

# Independent readers, where the Python of LUMEN_PYTHON (default python3) has them.
python=${LUMEN_PYTHON:-python3}
phantom=$reference/ibsi/ibsi1_ct_phantom
echo "DICOM results of the IBSI CT phantom: Segmentation and measurement report"
"$lumen" features "$phantom/dicom" "$phantom/dicom/DCM_RS_00060.dcm" --recipe recipes/ibsi/a.yaml --long \
  --seg "$work/seg.dcm" --sr "$work/sr.dcm" -o "$work/features.csv"
if command -v dciodvfy > /dev/null; then
  for object in seg sr; do
    errors=$(dciodvfy "$work/$object.dcm" 2>&1 | grep -c '^Error' || true)
    echo "dciodvfy $object.dcm: $errors errors"
    [ "$errors" -eq 0 ] || status=1
  done
else
  echo "skipped: dciodvfy (Debian: dicom3tools) is not here"
fi
if "$python" -c "import highdicom, skimage, SimpleITK" 2> /dev/null; then
  "$python" scripts/check_results.py "$work/seg.dcm" "$work/sr.dcm" "$work/features.csv" "$phantom/mask.nii.gz" || status=1
  echo "Regions beside independent readers"
  "$python" scripts/check_regions.py "$lumen" "$reference" || status=1
else
  echo "skipped: highdicom, scikit-image and SimpleITK are not in $python (set LUMEN_PYTHON)"
fi
exit $status
