"""Agreement statistics by statsmodels and the krippendorff package, for evaluation/agreement.test.ts.

Run: python agreement.py > agreement.json (needs numpy, statsmodels, krippendorff)
"""

import json
from importlib.metadata import version

import krippendorff
import numpy as np
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa

rng = np.random.default_rng(20261125)


def ratings(items, raters, values, agreement):
    truth = rng.integers(0, values, items)
    noise = rng.integers(0, values, (items, raters))
    return np.where(rng.random((items, raters)) < agreement, truth[:, None], noise)


def alpha(table, level):
    return float(krippendorff.alpha(reliability_data=np.asarray(table, dtype=float).T, level_of_measurement=level))


two = ratings(40, 2, 2, 0.6)
confusion = np.zeros((2, 2))
for a, b in two:
    confusion[a, b] += 1
five = ratings(30, 5, 3, 0.5)
sparse = ratings(25, 4, 5, 0.6).astype(float)
sparse[rng.random(sparse.shape) < 0.3] = np.nan

print(json.dumps({
    "krippendorff": version("krippendorff"),
    "statsmodels": version("statsmodels"),
    "two": {
        "ratings": two.tolist(),
        "percent": float((two[:, 0] == two[:, 1]).mean()),
        "cohen": float(cohens_kappa(confusion).kappa),
        "alpha": alpha(two, "nominal"),
    },
    "five": {
        "ratings": five.tolist(),
        "fleiss": float(fleiss_kappa(aggregate_raters(five)[0], method="fleiss")),
        "alpha": alpha(five, "nominal"),
    },
    "sparse": {
        "ratings": [[None if np.isnan(x) else x for x in row] for row in sparse.tolist()],
        "nominal": alpha(sparse, "nominal"),
        "interval": alpha(sparse, "interval"),
    },
}))
