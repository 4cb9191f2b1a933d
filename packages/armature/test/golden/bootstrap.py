"""Percentile bootstrap intervals by SciPy, for bootstrap.test.ts. Run: python bootstrap.py > bootstrap.json"""

import json

import numpy as np
from scipy.stats import bootstrap

rng = np.random.default_rng(20260211)
LEVELS = [0.95, 0.8]


def intervals(data, statistic, **options):
    found = {}
    for level in LEVELS:
        result = bootstrap(
            data, statistic, n_resamples=100_000, batch=2000, confidence_level=level,
            method="percentile", rng=np.random.default_rng(1), **options,
        )
        found[str(level)] = [float(result.confidence_interval.low), float(result.confidence_interval.high)]
    return {"intervals": found, "standardError": float(result.standard_error)}


def ratio(sums, sizes, axis):
    return sums.sum(axis=axis) / sizes.sum(axis=axis)


hits = (rng.random(400) < 0.7).astype(float)
skewed = rng.exponential(1.0, 60).round(4)
sizes = rng.integers(1, 5, 80)
clusters = [(rng.normal(rng.normal(), 0.5, size)).round(4).tolist() for size in sizes]
before = (rng.random(150) < 0.6).astype(float)
after = np.where(rng.random(150) < 0.3, (rng.random(150) < 0.9).astype(float), before)

print(json.dumps({
    "scipy": __import__("scipy").__version__,
    "hits": {"values": hits.astype(int).tolist(), **intervals((hits,), np.mean)},
    "skewed": {"values": skewed.tolist(), **intervals((skewed,), np.mean)},
    "clusters": {
        "values": clusters,
        **intervals((np.array([sum(c) for c in clusters]), sizes.astype(float)), ratio, paired=True),
    },
    "difference": {
        "before": before.astype(int).tolist(),
        "after": after.astype(int).tolist(),
        **intervals((after - before,), np.mean),
    },
}))
