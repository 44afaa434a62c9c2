#!/usr/bin/env bash
# Fuzzes the readers: run.sh [RUNS] [TARGET…]   default: 2000000 runs of every target; `make fuzz` calls it.
# Seeds are small files of fixtures/ and of the reference data (LUMEN_REFERENCE, default ../shared/reference). Corpora and
# findings stay in .build-fuzz/corpora. Exit 1 when a target has a finding.
set -euo pipefail
cd "$(dirname "$0")"
runs=${1:-2000000}
shift || true
reference=${LUMEN_REFERENCE:-../../../shared/reference}
build=$PWD/../../.build-fuzz
swift build -c release --sanitize fuzzer --scratch-path "$build" 2>&1 | ../../scripts/quiet.sh
fuzz=$build/release/lumen-fuzz
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <("$fuzz" -help=1 2>/dev/null | head -0; LUMEN_FUZZ=list "$fuzz" -runs=0)
status=0
for t in "${targets[@]}"; do
  home=$build/corpora/$t
  mkdir -p "$home/seeds" "$home/corpus" "$home/findings"
  find seeds ../../fixtures "$reference" -type f -size -64k 2>/dev/null | while read -r f; do
    case "$t:$f" in
      dicom-regions:*/seeds/*.dcm | dicom-regions:*/dicom/files/*) ;;
      dicom-regions:*) continue ;;
      dicom*:*.dcm | dicom*:*/dicom/files/* | dicom*:*/series/*) ;;
      *:*."$t" | jpeg:*.jpg | jpeg:*.JPG | nifti:*.nii | nifti:*.nii.gz | jpeg2000:*.j2k | jpegls:*.JLS) ;;
      metaimage:*.mha | tiff:*.tif | nrrd:*.nhdr | jpegls:*.jls | jpegxl:*.jxl) ;;
      *) continue ;;
    esac
    cp "$f" "$home/seeds/$(sha256sum < "$f" | cut -c1-16)"
  done
  LUMEN_FUZZ=$t "$fuzz" "$home/corpus" "$home/seeds" -runs="$runs" -max_len=32768 -timeout=5 -rss_limit_mb=2048 \
    -artifact_prefix="$home/findings/" -print_final_stats=1 > "$home/log.txt" 2>&1 || status=1
  printf '%-12s %s executions, %s findings\n' "$t" \
    "$(sed -n 's/^stat::number_of_executed_units: *//p' "$home/log.txt")" "$(find "$home/findings" -type f | wc -l)"
done
exit $status
