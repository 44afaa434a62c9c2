#!/usr/bin/env bash
# Passes on what matters of a build's output: warnings, errors and the last line.
grep -E 'warning: |error: |^Build (complete|of product)|note: ' | grep -vE 'pkg-config|mktemp' || true
