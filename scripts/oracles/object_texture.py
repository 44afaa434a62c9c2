#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Oracle of the texture of many objects: Nyxus in IBSI mode on a computed label map of grey levels 1 to 8.

Needs Nyxus 0.11. Left out: its GLCM, which in this version pairs each pixel with itself; its zones, which are neither
those of eight nor of four neighbours (SciPy's label finds 51 or 94 in object 1, Nyxus 63); entropies, which it computes
with p + ε.
"""
import base64, importlib.metadata, json, os
import numpy as np
import nyxus
from common import FOLDER, noise

# Name of Nyxus: Lumen's column.
RUNS = dict(SRE="sre", LRE="lre", LGLRE="lgre", HGLRE="hgre", SRLGLE="srlge", SRHGLE="srhge", LRLGLE="lrlge",
            LRHGLE="lrhge", GLN="glnu", GLNN="glnu_norm", RLN="rlnu", RLNN="rlnu_norm", RP="r_perc", GLV="gl_var",
            RV="rl_var")
DEPENDENCES = dict(SDE="lde", LDE="hde", LGLE="lgce", HGLE="hgce", SDLGLE="ldlge", SDHGLE="ldhge", LDLGLE="hdlge",
                   LDHGLE="hdhge", GLN="glnu", DN="dcnu", DNN="dcnu_norm", GLV="gl_var", DV="dc_var")
TONE = dict(COARSENESS="coarseness", CONTRAST="contrast", BUSYNESS="busyness", COMPLEXITY="complexity",
            STRENGTH="strength")
COLUMNS = {"GLRLM_%s_AVE" % a: "rlm_%s_2D:avg" % b for a, b in RUNS.items()}
for prefix, tag, names in (("GLDM", "ngl", DEPENDENCES), ("NGTDM", "ngt", TONE)):
    COLUMNS.update({"%s_%s" % (prefix, a): "%s_%s_2D" % (tag, b) for a, b in names.items()})

SIDE = 40
n = (noise(SIDE * SIDE, 5) >> 20).astype(int).reshape(SIDE, SIDE)
y, x = np.mgrid[:SIDE, :SIDE]
image = (1 + (n % 3 + x // 5 + y // 7) % 8).astype(np.uint32)
labels = np.zeros((SIDE, SIDE), np.uint32)
labels[(x - 9) ** 2 + (y - 9) ** 2 <= 60] = 1
labels[3:15, 22:36] = 2
labels[(x - 10) ** 2 + 2 * (y - 30) ** 2 <= 70] = 3
labels[(x - y < 4) & (y - x < 6) & (x > 22) & (y > 22)] = 9
labels[(n % 7 == 0) & (labels == 2)] = 0

measure = nyxus.Nyxus(["*ALL_GLRLM*", "*ALL_GLDM*", "*ALL_NGTDM*"], n_feature_calc_threads=1, ibsi=True)
table = measure.featurize(image, labels)
row = dict(oracle="Nyxus %s" % importlib.metadata.version("nyxus"), size=[SIDE, SIDE],
           image=base64.b64encode(image.astype("u1").tobytes()).decode(),
           labels=base64.b64encode(labels.astype("u1").tobytes()).decode(), ids=[int(v) for v in table["ROI_label"]],
           values={b: [float(v) for v in table[a]] for a, b in COLUMNS.items()})
with open(os.path.join(FOLDER, "radiomics", "object_texture.jsonl"), "w") as f:
    f.write(json.dumps(row) + "\n")
print("object_texture.jsonl: %d values" % sum(len(v) for v in row["values"].values()))
