# SPDX-License-Identifier: Apache-2.0
"""IBSI 1 straight from the formulas of the reference manual: NumPy, double precision, no cleverness.

Arrays are (z, y, x); levels are 0 outside the intensity mask. Used by features.py only; nothing is shared with Lumen.
"""
import itertools
import numpy as np
from scipy import ndimage, optimize, special
from scipy.spatial import ConvexHull
from skimage.measure import marching_cubes

ALL = list(itertools.product((-1, 0, 1), repeat=3))
DIRECTIONS = [d for d in ALL if d > (0, 0, 0)]  # 13, (z, y, x)
IN_PLANE = [d for d in DIRECTIONS if d[0] == 0]  # 4
LETTERS = ["2D", "2.5D", "3D"]


def statistics(x, prefix):
    mu, var = x.mean(), x.var()
    p10, p25, p50, p75, p90 = np.percentile(x, (10, 25, 50, 75, 90))
    inner = x[(x >= p10) & (x <= p90)]
    v = dict(mean=mu, var=var, skew=((x - mu) ** 3).mean() / var**1.5, kurt=((x - mu) ** 4).mean() / var**2 - 3,
             median=p50, min=x.min(), p10=p10, p90=p90, max=x.max(), iqr=p75 - p25, range=x.max() - x.min(),
             mad=np.abs(x - mu).mean(), rmad=np.abs(inner - inner.mean()).mean(), medad=np.abs(x - p50).mean(),
             cov=np.sqrt(var) / mu, qcod=(p75 - p25) / (p75 + p25))
    if prefix == "stat":
        v.update(energy=(x**2).sum(), rms=np.sqrt((x**2).mean()))
    return {"%s_%s" % (prefix, k): w for k, w in v.items()}


def histogram(levels, ng):
    v = statistics(levels.astype(float), "ih")
    h = np.bincount(levels, minlength=ng + 1)[1:].astype(float)
    p = h[h > 0] / h.sum()
    top = np.flatnonzero(h == h.max()) + 1
    g = np.gradient(h)
    v.update(ih_mode=top[np.argmin(np.abs(top - levels.mean()))], ih_entropy=-(p * np.log2(p)).sum(),
             ih_uniformity=(p**2).sum(), ih_max_grad=g.max(), ih_max_grad_g=g.argmax() + 1, ih_min_grad=g.min(),
             ih_min_grad_g=g.argmin() + 1)
    return v


def levels_of(x, kind, limits):
    """Levels from 1 and Ng. kind: ["none"], ["fbn", n], ["fbs", width, lower or None]."""
    if kind[0] == "none":
        return x.astype(int), int(x.max())
    if kind[0] == "fbn":
        return np.minimum(np.floor(kind[1] * (x - x.min()) / (x.max() - x.min())) + 1, kind[1]).astype(int), kind[1]
    lower = kind[2] if kind[2] is not None else limits[0] if limits else x.min()
    n = (np.floor((x - lower) / kind[1]) + 1).astype(int)
    return n, int(n.max())


def ivh(x, kind, limits):
    if kind is None:
        kind = ["none"] if (x == np.rint(x)).all() else ["fbn", 1000]
    if kind[0] == "none":
        g, at = np.arange(x.min(), x.max() + 1), x
    elif kind[0] == "fbn":
        at, g = levels_of(x, kind, limits)[0], np.arange(1, kind[1] + 1)
    else:
        lower = kind[2] if kind[2] is not None else limits[0] if limits else x.min()
        n, ng = levels_of(x, kind, limits)
        at = lower + (n - 0.5) * kind[1]
        if limits:
            ng = max(ng, int(np.ceil((limits[1] - lower) / kind[1])))
        g = lower + (np.arange(1, ng + 1) - 0.5) * kind[1]
    nu = np.array([(at >= i - 1e-9).mean() for i in g])
    gamma = (g - g[0]) / (g[-1] - g[0])

    def volume(s):
        return nu[np.argmax(gamma >= s - 1e-12)]

    def intensity(s):
        return g[np.argmax(nu <= s + 1e-12)] if (nu <= s + 1e-12).any() else np.nan

    v10, v90, i10, i90 = volume(0.1), volume(0.9), intensity(0.1), intensity(0.9)
    return dict(ivh_v10=v10, ivh_v90=v90, ivh_i10=i10, ivh_i90=i90, ivh_diff_v10_v90=v10 - v90,
                ivh_diff_i10_i90=i10 - i90, ivh_auc=np.trapezoid(nu, gamma))


def local_peaks(image, mask, x, spacing):
    radius, step = 10 * np.cbrt(3 / (4 * np.pi)), np.array(spacing[::-1])
    everywhere = np.argwhere(np.isfinite(image)) * step
    values = image[np.isfinite(image)]
    peaks = np.array([values[((everywhere - p) ** 2).sum(1) <= radius**2].mean() for p in np.argwhere(mask) * step])
    return dict(loc_peak_loc=peaks[x == x.max()].max(), loc_peak_glob=peaks.max())


# Texture matrices

def shifted(grid, d):
    """Two views: voxels and their neighbours at step d."""
    a = tuple(slice(max(0, -s), max(0, n - max(0, s))) for s, n in zip(d, grid.shape))
    b = tuple(slice(max(0, s), max(0, n - max(0, -s))) for s, n in zip(d, grid.shape))
    return grid[a], grid[b]


def weight(d, spacing, norm):
    m = np.abs(np.array(d)) * np.array(spacing[::-1])
    return dict(no_weighting=1.0, infinity=np.exp(-m.max() ** 2), euclidean=np.exp(-(m**2).sum()),
                manhattan=np.exp(-m.sum() ** 2))[norm]


def cooccurrence(grid, d, ng):
    a, b = shifted(grid, d)
    both = (a > 0) & (b > 0)
    m = np.zeros((ng, ng))
    np.add.at(m, (a[both] - 1, b[both] - 1), 1)
    return m + m.T


def runs(grid, d):
    """{(level, length): count}"""
    m, shape = {}, grid.shape

    def level(p):
        return grid[p] if all(0 <= c < n for c, n in zip(p, shape)) else 0

    for p in map(tuple, np.argwhere(grid > 0)):
        if level(tuple(c - s for c, s in zip(p, d))) == grid[p]:
            continue
        n, q = 0, p
        while level(q) == grid[p]:
            n, q = n + 1, tuple(c + s for c, s in zip(q, d))
        m[int(grid[p]), n] = m.get((int(grid[p]), n), 0) + 1
    return m


def zones(grid, border):
    """Two of {(level, size or distance): count}"""
    sizes, distances = {}, {}
    for i in np.unique(grid[grid > 0]):
        labels, n = ndimage.label(grid == i, np.ones((3, 3, 3)))
        for k in range(1, n + 1):
            for m, j in ((sizes, (labels == k).sum()), (distances, border[labels == k].min())):
                m[int(i), int(j)] = m.get((int(i), int(j)), 0) + 1
    return sizes, distances


def border_distance(mask, planar):
    """Erosions by the cross until a voxel is gone."""
    cross = ndimage.generate_binary_structure(3, 1)
    if planar:
        cross[0] = cross[2] = False
    out, left = np.zeros(mask.shape, int), mask.copy()
    while left.any():
        out += left
        left = ndimage.binary_erosion(left, cross)
    return out


def neighbourhood(reach, planar):
    r = range(-reach, reach + 1)
    return [d for d in itertools.product([0] if planar else r, r, r) if d != (0, 0, 0)]


def dependence(grid, reach, alpha, planar):
    m = {}
    for p in map(tuple, np.argwhere(grid > 0)):
        j = 1
        for d in neighbourhood(reach, planar):
            q = tuple(c + s for c, s in zip(p, d))
            if all(0 <= c < n for c, n in zip(q, grid.shape)) and grid[q] > 0:
                j += abs(int(grid[q]) - int(grid[p])) <= alpha
        m[int(grid[p]), j] = m.get((int(grid[p]), j), 0) + 1
    return m


def tone(grid, reach, spacing, norm, planar):
    """{level: [n, s]}"""
    m = {}
    steps = [(d, weight(d, spacing, norm)) for d in neighbourhood(reach, planar)]
    for p in map(tuple, np.argwhere(grid > 0)):
        total = inside = 0.0
        for d, w in steps:
            q = tuple(c + s for c, s in zip(p, d))
            if all(0 <= c < n for c, n in zip(q, grid.shape)) and grid[q] > 0:
                total, inside = total + w * grid[q], inside + w
        if inside > 0:
            line = m.setdefault(int(grid[p]), [0, 0.0])
            line[0] += 1
            line[1] += abs(grid[p] - total / inside)
    return m


# Texture features

def entropy(p):
    p = p[p > 0]
    return -(p * np.log2(p)).sum()


def glcm_features(m, ng):
    if m is None or m.sum() == 0:
        return None
    p = m / m.sum()
    i, j = np.mgrid[1 : ng + 1, 1 : ng + 1].astype(float)
    px = p.sum(1)
    mu = (i * p).sum()
    var = ((i - mu) ** 2 * p).sum()
    diff = np.array([p[np.abs(i - j) == k].sum() for k in range(ng)])
    plus = np.array([p[i + j == k].sum() for k in range(2, 2 * ng + 1)])
    kd, ks = np.arange(ng), np.arange(2, 2 * ng + 1)
    off = i != j
    hx, hxy = entropy(px), entropy(p)
    cross = np.outer(px, px)
    h1 = -(p[p > 0] * np.log2(cross[p > 0])).sum()
    return dict(
        joint_max=p.max(), joint_avg=mu, joint_var=var, joint_entr=hxy, diff_avg=(kd * diff).sum(),
        diff_var=((kd - (kd * diff).sum()) ** 2 * diff).sum(), diff_entr=entropy(diff), sum_avg=(ks * plus).sum(),
        sum_var=((ks - (ks * plus).sum()) ** 2 * plus).sum(), sum_entr=entropy(plus), energy=(p**2).sum(),
        contrast=((i - j) ** 2 * p).sum(), dissimilarity=(np.abs(i - j) * p).sum(),
        inv_diff=(p / (1 + np.abs(i - j))).sum(), inv_diff_norm=(p / (1 + np.abs(i - j) / ng)).sum(),
        inv_diff_mom=(p / (1 + (i - j) ** 2)).sum(), inv_diff_mom_norm=(p / (1 + (i - j) ** 2 / ng**2)).sum(),
        inv_var=(p[off] / (i - j)[off] ** 2).sum(),
        corr=((i - mu) * (j - mu) * p).sum() / var if var > 0 else np.nan, auto_corr=(i * j * p).sum(),
        clust_tend=((i + j - 2 * mu) ** 2 * p).sum(), clust_shade=((i + j - 2 * mu) ** 3 * p).sum(),
        clust_prom=((i + j - 2 * mu) ** 4 * p).sum(), info_corr1=(hxy - h1) / hx if hx > 0 else np.nan,
        info_corr2=np.sqrt(1 - np.exp(-2 * max(0, entropy(cross) - hxy))))


COUNTED = {  # endings in the manual's order
    "rlm": "sre lre lgre hgre srlge srhge lrlge lrhge glnu glnu_norm rlnu rlnu_norm r_perc gl_var rl_var rl_entr",
    "szm": "sze lze lgze hgze szlge szhge lzlge lzhge glnu glnu_norm zsnu zsnu_norm z_perc gl_var zs_var zs_entr",
    "dzm": "sde lde lgze hgze sdlge sdhge ldlge ldhge glnu glnu_norm zdnu zdnu_norm z_perc gl_var zd_var zd_entr",
    "ngl": "lde hde lgce hgce ldlge ldhge hdlge hdhge glnu glnu_norm dcnu dcnu_norm dc_perc gl_var dc_var dc_entr dc_energy",
}


def counted_features(m, voxels, prefix):
    if not m:
        return None
    i, j = np.array(list(m), float).T
    n = np.array(list(m.values()), float)
    total = n.sum()
    p = n / total
    ni = np.array([n[i == k].sum() for k in np.unique(i)])
    nj = np.array([n[j == k].sum() for k in np.unique(j)])
    v = [(p / j**2).sum(), (p * j**2).sum(), (p / i**2).sum(), (p * i**2).sum(), (p / (i * j) ** 2).sum(),
         (p * i**2 / j**2).sum(), (p * j**2 / i**2).sum(), (p * (i * j) ** 2).sum(), (ni**2).sum() / total,
         (ni**2).sum() / total**2, (nj**2).sum() / total, (nj**2).sum() / total**2, total / voxels,
         (p * (i - (p * i).sum()) ** 2).sum(), (p * (j - (p * j).sum()) ** 2).sum(), entropy(p), (p**2).sum()]
    return dict(zip(COUNTED[prefix].split(), v))


def tone_features(m):
    if not m:
        return None
    i = np.array(sorted(m), float)
    n, s = np.array([m[int(k)] for k in i]).T
    total = n.sum()
    p = n / total
    a, b = np.meshgrid(np.arange(len(i)), np.arange(len(i)), indexing="ij")
    grades, busy = len(i), np.abs(i[a] * p[a] - i[b] * p[b]).sum()
    return dict(
        coarseness=min(1 / (p * s).sum(), 1e6) if (p * s).sum() > 0 else 1e6,
        contrast=(p[a] * p[b] * (i[a] - i[b]) ** 2).sum() / (grades * (grades - 1)) * s.sum() / total if grades > 1 else 0,
        busyness=(p * s).sum() / busy if grades > 1 and busy > 0 else 0,
        complexity=(np.abs(i[a] - i[b]) * (p[a] * s[a] + p[b] * s[b]) / (p[a] + p[b])).sum() / total,
        strength=((p[a] + p[b]) * (i[a] - i[b]) ** 2).sum() / s.sum() if s.sum() > 0 else 0)


def mean_of(samples):
    """Mean of each feature over matrices; those without entries and undefined values are left out."""
    samples = [s for s in samples if s is not None]
    return {k: np.nanmean([s[k] for s in samples]) for k in samples[0]} if samples else {}


def merged(tables, weights):
    out = {}
    for t, w in zip(tables, weights):
        for k, n in t.items():
            out[k] = out.get(k, 0) + w * n
    return out


def texture(grid, morphological, ng, spacing, families, distance, alpha, norm):
    out = {}

    def put(prefix, way, values):
        out.update({"%s_%s_%s" % (prefix, k, way): v for k, v in values.items()})

    planes = [grid[z : z + 1] for z in range(grid.shape[0]) if (grid[z] > 0).any()]
    for prefix in ("cm", "rlm"):
        if prefix not in families:
            continue
        scale = distance if prefix == "cm" else 1

        def tables(g, directions):
            return [cooccurrence(g, [scale * s for s in d], ng) if prefix == "cm" else runs(g, d) for d in directions]

        def read(ts, ws, voxels):
            if prefix == "cm":
                return glcm_features(sum(w * t for t, w in zip(ts, ws)), ng)
            return counted_features(merged(ts, ws), sum(ws) * voxels, "rlm")

        for letters, directions, parts in (("2D", IN_PLANE, planes), ("3D", DIRECTIONS, [grid])):
            ws = [weight([scale * s for s in d], spacing, norm) for d in directions]
            each = [(tables(g, directions), (g > 0).sum()) for g in parts]
            put(prefix, letters + ":avg", mean_of([read([t], [1], n) for ts, n in each for t in ts]))
            put(prefix, letters + ":mrg", mean_of([read(ts, ws, n) for ts, n in each]))
            if letters == "2D":
                n = (grid > 0).sum()
                stacked = [sum(t) if prefix == "cm" else merged(t, [1] * len(t)) for t in zip(*(ts for ts, _ in each))]
                put(prefix, "2.5D:avg", mean_of([read([t], [1], n) for t in stacked]))
                put(prefix, "2.5D:mrg", read(stacked, ws, n) or {})
    for letters, planar in (("2D", True), ("3D", False)):
        parts = [(z, grid[z : z + 1]) for z in range(grid.shape[0]) if (grid[z] > 0).any()] if planar else [(None, grid)]
        border = border_distance(morphological, planar)
        found = {"szm": [], "dzm": [], "ngl": [], "ngt": []}
        for z, g in parts:
            if {"szm", "dzm"} & families:
                s, d = zones(g, border[z : z + 1] if planar else border)
                found["szm"].append(s)
                found["dzm"].append(d)
            if "ngl" in families:
                found["ngl"].append(dependence(g, distance, alpha, planar))
            if "ngt" in families:
                found["ngt"].append(tone(g, distance, spacing, norm, planar))
        for prefix, ts in found.items():
            if prefix not in families:
                continue
            if prefix == "ngt":
                put(prefix, letters, mean_of([tone_features(t) for t in ts]))
                if planar:
                    every = {}
                    for t in ts:
                        for i, (n, s) in t.items():
                            every[i] = [every.get(i, [0, 0])[0] + n, every.get(i, [0, 0])[1] + s]
                    put(prefix, "2.5D", tone_features(every) or {})
                continue
            put(prefix, letters, mean_of([counted_features(t, (g > 0).sum(), prefix) for t, (_, g) in zip(ts, parts)]))
            if planar:
                put(prefix, "2.5D", counted_features(merged(ts, [1] * len(ts)), (grid > 0).sum(), prefix) or {})
    return out


# Morphology

def ellipsoid_area(a, b, c):
    """The series of the manual, 20 terms; a >= b >= c."""
    alpha, beta = np.sqrt(1 - (b / a) ** 2), np.sqrt(1 - (c / a) ** 2)
    nu = np.arange(21)
    return 4 * np.pi * a * b * ((alpha * beta) ** nu / (1 - 4 * nu**2) * special.eval_legendre(
        nu, (alpha**2 + beta**2) / (2 * alpha * beta))).sum()


def enclosing_ellipsoid(points):
    """Semi-axes of the least ellipsoid around points: Todd and Yildirim's algorithm with away steps."""
    n, d = points.shape
    q = np.column_stack([points, np.ones(n)]).T
    u = np.full(n, 1 / n)
    for _ in range(200000):
        m = np.einsum("ij,jk,ki->i", q.T, np.linalg.inv((q * u) @ q.T), q)
        up, active = m.argmax(), np.flatnonzero(u > 0)
        down = active[m[active].argmin()]
        if m[up] - d - 1 >= d + 1 - m[down]:
            k, step = up, (m[up] - d - 1) / ((d + 1) * (m[up] - 1))
        else:
            k, step = down, max((m[down] - d - 1) / ((d + 1) * (m[down] - 1)), -u[down] / (1 - u[down]))
        u *= 1 - step
        u[k] += step
        if m[up] < (d + 1) * (1 + 1e-12):
            break
    centre = points.T @ u
    inverse = np.linalg.inv((points.T * u) @ points - np.outer(centre, centre)) / d
    # The last digits: scaled so that no point is outside.
    scale = max(np.einsum("ij,jk,ik->i", points - centre, inverse, points - centre))
    return np.sort(np.sqrt(scale / np.linalg.eigvalsh(inverse)))[::-1]


def oriented_box(points):
    """Sides of the least box around points, turned as it pleases: many starts, each improved by Nelder and Mead."""
    def sides(r):
        angle = np.linalg.norm(r)
        k = r / angle if angle > 0 else r
        cross = np.array([[0, -k[2], k[1]], [k[2], 0, -k[0]], [-k[1], k[0], 0]])
        turned = points @ (np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross).T
        return np.ptp(turned, axis=0)

    starts = np.random.default_rng(1).uniform(-np.pi / 2, np.pi / 2, (4000, 3))
    order = np.argsort([sides(r).prod() for r in starts])[:40]
    best = min((optimize.minimize(lambda r: sides(r).prod(), starts[k], method="Nelder-Mead",
                                  options=dict(xatol=1e-12, fatol=1e-12, maxiter=4000)) for k in order),
               key=lambda o: o.fun)
    return sides(best.x)


def morphology(mask, inside, x, spacing):
    step = np.array(spacing[::-1], float)
    corners, faces, _, _ = marching_cubes(np.pad(mask.astype(float), 1), 0.5, spacing=tuple(step))
    corners = np.asarray(corners, float)
    # Vertices are middles between two voxels: their rounding to single precision is taken away.
    corners = np.rint(corners / step * 2) / 2 * step
    a, b, c = (corners[faces[:, k]] for k in range(3))
    volume = abs((a * np.cross(b, c)).sum() / 6)
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2
    at, where = np.argwhere(mask) * step, np.argwhere(inside) * step
    l1, l2, l3 = np.sort(np.linalg.eigvalsh(np.cov(at.T)))[::-1]
    hull = ConvexHull(corners)
    tops = corners[hull.vertices]
    box = np.ptp(np.argwhere(mask), axis=0) * step + step
    turned, axes, around = oriented_box(tops), 2 * np.sqrt([l1, l2, l3]), enclosing_ellipsoid(tops)
    far = np.linalg.norm(where[:, None] - where[None], axis=2)
    w = np.divide(1, far, out=np.zeros_like(far), where=far > 0)
    d = x - x.mean()
    third = np.cbrt(36 * np.pi * volume**2)

    def solid(prefix, v, s):
        return {"vol_dens_" + prefix: volume / v, "area_dens_" + prefix: area / s}

    def faces_of(s):
        return 2 * (s[0] * s[1] + s[1] * s[2] + s[0] * s[2])

    def ball(s):
        return 4 / 3 * np.pi * np.prod(s)

    v = dict(volume=volume, vol_approx=mask.sum() * step.prod(), area_mesh=area, av=area / volume,
             comp_1=volume / np.sqrt(np.pi * area**3), comp_2=36 * np.pi * volume**2 / area**3, sph_dispr=area / third,
             sphericity=third / area, asphericity=area / third - 1,
             com=np.linalg.norm(at.mean(0) - (where * x[:, None]).sum(0) / x.sum()),
             diam=max(np.linalg.norm(tops - t, axis=1).max() for t in tops), pca_maj_axis=4 * np.sqrt(l1),
             pca_min_axis=4 * np.sqrt(l2), pca_least_axis=4 * np.sqrt(l3), pca_elongation=np.sqrt(l2 / l1),
             pca_flatness=np.sqrt(l3 / l1), **solid("aabb", box.prod(), faces_of(box)),
             **solid("ombb", turned.prod(), faces_of(turned)), **solid("aee", ball(axes), ellipsoid_area(*axes)),
             **solid("mvee", ball(around), ellipsoid_area(*around)), **solid("conv_hull", hull.volume, hull.area),
             integ_int=volume * x.mean(), moran_i=len(x) / w.sum() * (w * np.outer(d, d)).sum() / (d**2).sum(),
             geary_c=(len(x) - 1) / (2 * w.sum()) * (w * (x[:, None] - x[None]) ** 2).sum() / (d**2).sum())
    return {"morph_" + k: u for k, u in v.items()}


# Diagnostics

def diagnostics(image, mask, inside, x, spacing, stage, of_image):
    def box(m):
        return (np.ptp(np.argwhere(m), axis=0) + 1)[::-1]

    v = {}
    for axis, n in zip("xyz", image.shape[::-1]):
        v["int_mask_dim_%s_%s_roi" % (axis, stage)] = n
    for name, m in (("morph", mask), ("int", inside)):
        v["%s_mask_vox_count_%s_roi" % (name, stage)] = m.sum()
        for axis, n in zip("xyz", box(m)):
            v["%s_mask_bb_dim_%s_%s_roi" % (name, axis, stage)] = n
    for name, f in (("mean", np.mean), ("min", np.min), ("max", np.max)):
        v["int_mask_%s_int_%s_roi" % (name, stage)] = f(x)
        if of_image:
            v["%s_int_%s_img" % (name, stage)] = f(image)
    if of_image:
        for axis, n, s in zip("xyz", image.shape[::-1], spacing):
            v["img_dim_%s_%s_img" % (axis, stage)], v["vox_dim_%s_%s_img" % (axis, stage)] = n, s
    return v
