# SPDX-License-Identifier: Apache-2.0
"""Inputs and row format of the filter oracles: what another library makes of a computed image.

Arrays are (z, y, x). A row says which filter with which parameters was compared with what, and how closely.
The same inputs are computed by Tests/LumenFiltersTests/Oracles/OracleImage.swift.
"""
import base64, json, os
import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "fixtures", "oracles")


def noise(n, seed):
    """s <- 1664525 s + 1013904223 mod 2^32; the states after each step."""
    out, s = np.empty(n, np.uint32), seed
    for i in range(n):
        s = (s * 1664525 + 1013904223) % 2**32
        out[i] = s
    return out


def _noise(size, seed=7):
    nx, ny, nz = size
    return ((noise(nx * ny * nz, seed) >> 20).astype(np.int64) - 1024).reshape(nz, ny, nx)


def _body(size, seed=11):
    """An ellipsoid with a chequered texture in air, and a little noise."""
    nx, ny, nz = size
    z, y, x = np.meshgrid(np.arange(nz), np.arange(ny), np.arange(nx), indexing="ij")
    dx, dy, dz = 2 * x - (nx - 1), 2 * y - (ny - 1), 2 * z - (nz - 1)
    inside = dx * dx * (ny * ny * nz * nz) + dy * dy * (nx * nx * nz * nz) + dz * dz * (nx * nx * ny * ny) \
        <= nx * nx * ny * ny * nz * nz * 7 // 10
    texture = 200 * ((x // 6 + y // 5 + z // 6) & 1)
    grain = (noise(nx * ny * nz, seed) >> 26).astype(np.int64).reshape(nz, ny, nx) - 32
    return np.where(inside, 400 + texture, 0) + grain


# name: (size x y z, spacing x y z in mm, voxels as int64)
INPUTS = {
    "noise": ((15, 13, 11), (0.8, 1.2, 2.5), _noise((15, 13, 11))),
    "cube": ((16, 16, 16), (1.0, 1.0, 1.0), _noise((16, 16, 16), 3)),
    "body": ((24, 20, 18), (1.0, 1.5, 2.0), _body((24, 20, 18))),
    "plane": ((33, 27, 1), (0.7, 0.9, 1.0), _body((33, 27, 1))),
    "binary": ((20, 18, 16), (1.0, 1.0, 1.0), (_body((20, 18, 16)) > 450).astype(np.int64)),
}


def image(name, kind="float32"):
    """The voxels of an input as stored type `kind`."""
    return INPUTS[name][2].astype(kind)


def spacing(name):
    """(x, y, z) in mm."""
    return INPUTS[name][1]


class Rows:
    """Collects rows and writes them as fixtures/oracles/NAME.jsonl."""

    def __init__(self, name):
        self.name, self.rows = name, []

    def add(self, filter, parameters, input, oracle, expected, tolerance=1e-5, kind="float32", margin=(0, 0, 0),
            spacing=None, outliers=0):
        """`expected`: array (z, y, x), stored as float32. `tolerance`: largest difference as a fraction of the range
        (max - min) of the expected values; 0 means equal. `kind`: stored type of the input. `margin`: voxels in x, y, z
        next to the border that are left out because the other library treats the border otherwise. `outliers`: how many
        voxels may differ by more. `spacing`: of the result, where the filter changes it. Parameters: as in a recipe."""
        expected = np.asarray(expected)
        if expected.ndim == 2:
            expected = expected[None]
        row = dict(filter=filter, parameters={k: str(v) for k, v in parameters.items()}, input=input, kind=kind,
                   oracle=oracle, tolerance=tolerance, margin=list(margin), outliers=outliers,
                   size=list(expected.shape[::-1]))
        if spacing is not None:
            row["spacing"] = list(spacing)
        row["expected"] = base64.b64encode(expected.astype("<f4").tobytes()).decode()
        self.rows.append(row)

    def write(self):
        os.makedirs(FOLDER, exist_ok=True)
        with open(os.path.join(FOLDER, self.name + ".jsonl"), "w") as f:
            for row in self.rows:
                f.write(json.dumps(row) + "\n")
        print("%s.jsonl: %d rows" % (self.name, len(self.rows)))
