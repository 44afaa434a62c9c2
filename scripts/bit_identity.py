#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The same bits whatever measures: 1, 2 and 3 threads, decoding in this process and in workers, every build given.

    bit_identity.py LUMEN [LUMEN built for another instruction set …]

Measures the fixtures and computed images of every stored type with all families, aggregations, discretisations and the
filters whose sums a thread or a vector unit could reorder. Numbers are printed so that they read back to the same bits:
equal text is equal bits. Exits with 1 when a value differs or fewer than 100000 were compared.
"""
import array, csv, os, subprocess, sys, tempfile

FAMILIES = "morphology, local, statistics, histogram, ivh, glcm, glrlm, glszm, gldzm, ngtdm, ngldm, diagnostics"
WAYS = '"2D:avg", "2D:mrg", "2.5D:avg", "2.5D:mrg", "3D:avg", "3D:mrg"'
SETTINGS = {
    "32 bins": ("discretisation: fixed-bin-number 32", ""),
    "bins of 12.5, outliers, euclidean weights": (
        "discretisation: fixed-bin-size 12.5\n  outliers: 3\n  weighting: euclidean\n  ivh: fixed-bin-size 2.5", ""),
    "whole numbers, distance 2, coarseness 1": (
        "discretisation: fixed-bin-number 64\n  round: true\n  distance: 2\n  coarseness: 1\n  weighting: manhattan\n"
        "  ivh: none", ""),
    "cubic splines to 1.1 mm": (
        "discretisation: fixed-bin-number 16", "interpolate: {spacing: 1.1mm, interpolation: cubic-spline}"),
    "Laplacian of Gaussian": (
        "discretisation: fixed-bin-number 16", "response: [{laplacian-of-gaussian: {sigma: 1.5mm}}]"),
    "Gabor": ("discretisation: fixed-bin-number 16", "response: [{gabor: {sigma: 2mm, wavelength: 4mm}}]"),
    "wavelet, Simoncelli": ("discretisation: fixed-bin-number 16", "response: [wavelet, simoncelli]"),
    "Riesz": ("discretisation: fixed-bin-number 16", "response: [{riesz: {x: 1}}]"),
    "Laws, mean": ("discretisation: fixed-bin-number 16", "response: [laws, mean]"),
    "recursive Gaussian, diffusion, bilateral": (
        "discretisation: fixed-bin-number 16",
        "response: [recursive-gaussian, anisotropic-diffusion, bilateral]"),
    "total variation, vesselness": (
        "discretisation: fixed-bin-number 16",
        "response: [{total-variation: {iterations: 10}}, {vesselness: {scales: 1}}]"),
    "non-local means, unsharp mask, gradient": (
        "discretisation: fixed-bin-number 16",
        "response: [{non-local-means: {patch: 1, search: 2}}, unsharp-mask, gradient-magnitude]"),
}
KINDS = [
    ("B", "uint8", 0, 250), ("b", "int8", -120, 240), ("H", "uint16", 0, 60000), ("h", "int16", -1000, 3000),
    ("I", "uint32", 0, 4000000), ("i", "int32", -2000000, 4000000), ("f", "float", -1, 2), ("d", "double", -1e3, 2e3),
]


def images(folder):
    """Bright bodies with texture, one image a stored type; odd sizes, one of a single slice. Their masks beside them."""
    os.mkdir(f"{folder}-masks")
    for n, (code, kind, low, span) in enumerate(KINDS):
        nx, ny, nz = 37 + n, 41 - n, 1 if n == 3 else 17 + n
        state, voxels, inside = 12345 + n, array.array(code), bytearray()
        for i in range(nx * ny * nz):
            x, y, z = i % nx / nx - 0.45, i // nx % ny / ny - 0.5, (i // (nx * ny) + 0.5) / nz - 0.5
            state = (1103515245 * state + 12345) % 2**31
            body = 0.5 if x * x + 1.3 * y * y + z * z < 0.11 + (state >> 16) % 100 / 2500 else 0
            value = low + span * (body + (state >> 8) % 1000 / 2500)
            voxels.append(value if code in "fd" else int(value))
            inside.append(body > 0)
        for path, stored, content in ((f"{folder}/{kind}.nrrd", kind, voxels.tobytes()),
                                      (f"{folder}-masks/{kind}.nrrd", "uint8", inside)):
            with open(path, "wb") as f:
                f.write((f"NRRD0004\ntype: {stored}\ndimension: 3\nsizes: {nx} {ny} {nz}\nencoding: raw\n"
                         "endian: little\nspace: left-posterior-superior\n"
                         "space directions: (0.9,0,0) (0,1.1,0) (0,0,2.5)\nspace origin: (3,-7,11)\n\n").encode())
                f.write(content)


def measure(lumen, inputs, recipe, out, threads, in_process):
    """Every numeric cell of the features of all inputs, by row and column."""
    arguments = [lumen, "run", *inputs, "--recipe", recipe, "--out", out, "--jobs", "1", "--threads", str(threads)]
    run = subprocess.run(arguments + (["--in-process"] if in_process else []), capture_output=True, text=True)
    if run.returncode not in (0, 3):
        sys.exit(f"bit identity: {' '.join(arguments)}: {run.stderr}")
    return table(open(f"{out}/features.csv").read())


def table(text):
    rows = list(csv.reader(text.splitlines()))
    if len(rows) < 2:
        sys.exit("bit identity: a table without rows")
    failed = [row for row in rows[1:] if "status" in rows[0] and row[rows[0].index("status")] != "ok"]
    known = {"id", "roi", "status", "error", "source", "modality", "geometry_notes", "recipe", "lumen", "finding",
             "probability", "outside_training_range", "Image", "Mask"}
    cells = {(n, key): cell for n, row in enumerate(rows[1:]) for key, cell in zip(rows[0], row)
             if key not in known and not key.startswith("diagnostics_") and cell != ""}
    return cells, len(failed)


def compare(title, ways):
    """The first way's values against those of all others."""
    (first, (reference, failed)), differences = ways[0], 0
    for name, (cells, other) in ways[1:]:
        wrong = [k for k in reference.keys() | cells.keys() if reference.get(k) != cells.get(k)]
        differences += len(wrong)
        for row, key in sorted(wrong)[:3]:
            print(f"  {title}: row {row} {key} is {cells.get((row, key))} with {name}, "
                  f"{reference.get((row, key))} with {first}")
    note = f", {failed} rows failed" if failed else ""
    print(f"{title}: {len(reference)} values, {len(ways)} ways, {differences} differ{note}", flush=True)
    return len(reference), differences


def main(builds):
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    values = differences = 0
    with tempfile.TemporaryDirectory() as work:
        os.mkdir(f"{work}/images")
        images(f"{work}/images")
        inputs = [f"{root}/fixtures/cohort", f"{root}/fixtures/images", f"{work}/images"]
        plan = [(f"{threads} threads, {'this process' if own else 'workers'}", builds[0], threads, own)
                for threads, own in ((1, True), (2, False), (3, False))]
        plan += [(f"{build}, 2 threads, {'this process' if n % 2 else 'workers'}", build, 2, n % 2 == 1)
                 for n, build in enumerate(builds[1:])]
        for number, (title, (settings, more)) in enumerate(SETTINGS.items()):
            recipe = f"{work}/{number}.yaml"
            with open(recipe, "w") as f:
                f.write(f"read: {{geometry: accept, colour: luminance}}\nsegment: [{{median: {{radius: 1}}}}, otsu, "
                        f"largest-component]\n{more}\nfeatures:\n  families: [{FAMILIES}]\n  aggregations: [{WAYS}]\n"
                        f"  {settings}\n")
            ways = [(name, measure(build, inputs, recipe, f"{work}/{number}-{n}", threads, own))
                    for n, (name, build, threads, own) in enumerate(plan)]
            count, wrong = compare(title, ways)
            values, differences = values + count, differences + wrong
        for name in sorted(os.listdir(f"{root}/recipes/pyradiomics")):
            ways = []
            for way, build, threads, _ in plan:
                run = subprocess.run(
                    [build, "features", f"{work}/images/int8.nrrd", f"{work}/images-masks/int8.nrrd", "-p",
                     f"{root}/recipes/pyradiomics/{name}", "--format", "csv", "--threads", str(threads)],
                    capture_output=True, text=True)
                ways.append((way, table(run.stdout)))
            count, wrong = compare(f"PyRadiomics, {name}", ways)
            values, differences = values + count, differences + wrong
    print(f"bit identity: {values} values measured in {len(plan)} ways ({len(builds)} builds), {differences} differ")
    return 0 if differences == 0 and values >= 100_000 else 1


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
