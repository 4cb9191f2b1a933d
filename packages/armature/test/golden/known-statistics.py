"""Known values of the statistics in src/evaluation by SciPy, statsmodels and krippendorff, for known-statistics.test.ts and the row
`statistics`. Run: python known-statistics.py > known-statistics.json"""

import importlib.metadata
import itertools
import json

import krippendorff
import numpy as np
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

rng = np.random.default_rng(20261126)
cases = []


def case(name, source, inputs, value):
    cases.append({"name": name, "source": source, "inputs": inputs, "value": value})


for successes, trials, level in [(0, 7, 0.95), (1, 1, 0.95), (7, 10, 0.95), (183, 400, 0.9), (2, 30000, 0.99), (800, 805, 0.95)]:
    low, high = proportion_confint(successes, trials, alpha=1 - level, method="wilson")
    case("wilson", "statsmodels proportion_confint", {"successes": successes, "trials": trials, "level": level},
         [float(low), float(high)])

for p in [1e-300, 1e-12, 1e-5, 0.004, 0.0062, 0.025, 0.3, 0.5, 0.77, 0.975, 0.99999]:
    case("normalQuantile", "scipy.stats.norm.ppf", {"p": p}, float(stats.norm.ppf(p)))

for n, a, b in [(40, 0.6, 0.6), (300, 0.8, 0.7), (3000, 0.55, 0.6), (20, 1.0, 0.7), (10, 1.0, 1.0)]:
    first, second = rng.random(n) < a, rng.random(n) < b
    table = [[int((first & second).sum()), int((first & ~second).sum())],
             [int((~first & second).sum()), int((~first & ~second).sum())]]
    case("mcNemar", "statsmodels mcnemar(exact=True)",
         {"first": first.astype(int).tolist(), "second": second.astype(int).tolist()},
         float(mcnemar(table, exact=True).pvalue))

for values in [[0.01, 0.04, 0.03, 0.005], [0.2], [0.5, 0.9, 0.0, 1.0, 0.02, 0.02], rng.random(25).round(6).tolist()]:
    case("holm", "statsmodels multipletests(holm)", {"p": values},
         multipletests(values, method="holm")[1].tolist())

for n, kinds, noise in [(30, 2, 0.3), (80, 4, 0.5), (200, 5, 0.8), (12, 3, 1.0)]:
    one = rng.integers(0, kinds, n)
    other = np.where(rng.random(n) < noise, rng.integers(0, kinds, n), one)
    table = np.zeros((kinds, kinds))
    np.add.at(table, (one, other), 1)
    for weights, wt in [("none", None), ("linear", "linear"), ("quadratic", "quadratic")]:
        case("cohenKappa", "statsmodels cohens_kappa", {"one": one.tolist(), "other": other.tolist(), "weights": weights},
             float(cohens_kappa(table, wt=wt, return_results=False)))

for items, raters, kinds in [(10, 2, 2), (50, 3, 4), (120, 7, 5)]:
    truth = rng.integers(0, kinds, items)
    ratings = np.where(rng.random((items, raters)) < 0.5, rng.integers(0, kinds, (items, raters)), truth[:, None])
    case("fleissKappa", "statsmodels fleiss_kappa", {"items": ratings.tolist()},
         float(fleiss_kappa(aggregate_raters(ratings)[0])))

for items, raters, kinds, missing in [(12, 4, 5, 0.2), (60, 3, 3, 0.0), (100, 6, 7, 0.5)]:
    truth = rng.integers(1, kinds + 1, items)
    ratings = np.where(rng.random((items, raters)) < 0.4, rng.integers(1, kinds + 1, (items, raters)), truth[:, None]).astype(float)
    ratings[rng.random((items, raters)) < missing] = np.nan
    as_json = [[None if np.isnan(v) else v for v in row] for row in ratings]
    for level in ["nominal", "ordinal", "interval"]:
        case("krippendorffAlpha", "krippendorff.alpha", {"items": as_json, "level": level},
             float(krippendorff.alpha(reliability_data=ratings.T, level_of_measurement=level)))

for n, rounding in [(15, 6), (60, 1), (300, 0), (5, 6)]:
    x = rng.normal(size=n).round(rounding) + 0.0
    y = (0.5 * x + rng.normal(size=n)).round(rounding) + 0.0
    inputs = {"one": x.tolist(), "other": y.tolist()}
    case("pearson", "scipy.stats.pearsonr", inputs, float(stats.pearsonr(x, y).statistic))
    case("spearman", "scipy.stats.spearmanr", inputs, float(stats.spearmanr(x, y).statistic))
    case("kendallTauB", "scipy.stats.kendalltau", inputs, float(stats.kendalltau(x, y).statistic))

for n, bins in [(50, 10), (400, 15), (9, 1)]:
    # Multiples of 1/1000 so that some stand on the edges of bins.
    p = rng.integers(0, 1001, n) / 1000
    happened = rng.random(n) < p**1.5
    total, assigned = 0.0, np.zeros(n, dtype=int)
    for b in range(bins):
        # Integer comparison in thousandths: (b/bins, (b+1)/bins], the first bin with its lower edge.
        thousandths = np.rint(p * 1000).astype(int) * bins
        inside = (thousandths > b * 1000) & (thousandths <= (b + 1) * 1000) | ((b == 0) & (thousandths == 0))
        assigned += inside
        if inside.any():
            total += inside.mean() * abs(happened[inside].mean() - p[inside].mean())
    assert (assigned == 1).all()
    case("calibration", "numpy, bin by bin", {"p": p.tolist(), "happened": happened.astype(int).tolist(), "bins": bins},
         [float(total), float(((p - happened) ** 2).mean())])

# The paired bootstrap's exact p-value: all n^n resamples, one by one.
for before, after in [([0, 1, 0, 0, 1], [1, 1, 1, 0, 1]), ([0.1, 0.5, 0.3, 0.9, 0.2, 0.4], [0.2, 0.4, 0.6, 1.2, 0.4, 0.5])]:
    d = np.array(after) - np.array(before)
    means = np.array(list(itertools.product(d, repeat=len(d)))).mean(axis=1)
    case("bootstrapPValue", "all resamples enumerated", {"before": before, "after": after},
         float((np.abs(means - d.mean()) >= abs(d.mean()) - 1e-12).mean()))

versions = {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "krippendorff": importlib.metadata.version("krippendorff")}
print(json.dumps({"versions": versions, "cases": cases}))
