#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which columns IBSI 1 has reference values for, with the values: fixtures/oracles/radiomics/ibsi1.csv.

usage: ibsi1.py REFERENCE    the folder with ibsi1_reference_values.csv and ibsi1_diagnostics.csv
Configurations A to E measure a lung CT that is not in this repository; `make conformance` compares them, and the digital
phantom is compared by the tests. Values: IBSI 1 reference manual, chapter 3 (CC BY 4.0); Zwanenburg et al., Radiology
2020;295:328-338; diagnostics: theibsi/ibsi_1_data_analysis.
"""
import csv, os, sys
from common import FOLDER

rows = []
for r in csv.DictReader(open(os.path.join(sys.argv[1], "ibsi1_reference_values.csv"))):
    way = "" if r["aggregation"] == "-" else "_" + r["aggregation"]
    rows.append([r["config"], r["feature_id"] + way, r["value"], r["tolerance"]])
for r in csv.DictReader(open(os.path.join(sys.argv[1], "ibsi1_diagnostics.csv"))):
    rows.append([r["config"], r["diagnostic_id"], r["value"], r["tolerance"]])
with open(os.path.join(FOLDER, "radiomics", "ibsi1.csv"), "w") as f:
    csv.writer(f, lineterminator="\n").writerows([["configuration", "column", "value", "tolerance"]] + rows)
print("ibsi1.csv: %d values" % len(rows))
