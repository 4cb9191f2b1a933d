"""Coefficients of AlpacaEval 2's length regression on random preferences, by statsmodels (no penalty) and scipy (ridge).

pip install numpy scipy statsmodels
Run: python length-control.py > length-control.json
"""

import json

import numpy as np
import statsmodels.api as sm
from scipy.optimize import minimize

rng = np.random.default_rng(20261126)


def case(n, hard, binary, ridge):
    length = rng.integers(50, 4000, n)
    other = rng.integers(50, 4000, n)
    difficulty = rng.normal(size=n)
    delta = length - other
    shift = np.tanh(delta / delta.std(ddof=1))
    eta = -0.4 + 0.9 * shift + (0.7 * difficulty if hard else 0)
    p = 1 / (1 + np.exp(-eta - rng.normal(size=n)))
    y = (rng.random(n) < p).astype(float) if binary else np.round(p, 4)
    x = np.column_stack([np.ones(n), shift] + ([difficulty] if hard else []))
    if ridge == 0:
        beta = sm.GLM(y, x, family=sm.families.Binomial()).fit(tol=1e-13, maxiter=200).params
    else:
        loss = lambda b: np.sum(np.logaddexp(0, x @ b) - y * (x @ b)) + ridge / 2 * b @ b
        grad = lambda b: x.T @ (1 / (1 + np.exp(-x @ b)) - y) + ridge * b
        beta = minimize(loss, np.zeros(x.shape[1]), jac=grad, method="BFGS", options={"gtol": 1e-10}).x
    flat = beta[0] + (beta[2] * difficulty if hard else np.zeros(n))
    return {
        "ridge": ridge,
        "comparisons": [
            {
                "preference": float(a),
                "length": int(b),
                "otherLength": int(c),
                **({"difficulty": float(d)} if hard else {}),
            }
            for a, b, c, d in zip(y, length, other, difficulty)
        ],
        "beta": [float(b) for b in beta],
        "raw": float(y.mean()),
        "controlled": float(np.mean(1 / (1 + np.exp(-flat)))),
    }


cases = [case(40, False, True, 0), case(60, True, False, 0), case(40, False, False, 0.5), case(50, True, True, 2.0)]
print(json.dumps(cases, separators=(",", ":")))
