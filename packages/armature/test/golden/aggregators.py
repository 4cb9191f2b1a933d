"""Scores of random verdicts by each paper's formula, in exact fractions, for the row `aggregators` and its test.

Written from the formulas (Rubrics as Rewards eq. 1; Chasing the Tail section 3 and its code; simple-evals
healthbench_eval.py; autorubric's clamp; open-instruct's RubricVerifier; RUBRIC-ARROW's judge), not from our code.
Run: python aggregators.py > aggregators.json
"""

import json
import random
from fractions import Fraction

random.seed(20261125)
CATEGORIES = ["essential", "important", "optional", "pitfall"]
RAR = {
    "v1": dict(essential=Fraction(10, 10), important=Fraction(7, 10), optional=Fraction(3, 10), pitfall=Fraction(8, 10)),
    "v2": dict(essential=Fraction(10, 10), important=Fraction(7, 10), optional=Fraction(3, 10), pitfall=Fraction(9, 10)),
}


def ratio(top, bottom):
    return None if bottom == 0 else top / bottom


def rar(items, version):
    total = sum(RAR[version][c["category"]] for c, v in items if v is not None)
    got = sum(RAR[version][c["category"]] * good(c, v) for c, v in items if v is not None)
    return ratio(got, total)


def good(criterion, value):
    return value if criterion["polarity"] == "good" else 1 - value


def points(criterion):
    size = abs(Fraction(criterion["weight"]))
    return size if criterion["polarity"] == "good" else -size


def scores(criteria, values, met, unmet):
    items = list(zip(criteria, values))
    known = [(c, v) for c, v in items if v is not None]
    whole = len(known) == len(items)
    result = {"rar-explicit": rar(items, "v2"), "rar-explicit-v1": rar(items, "v1")}
    yes = sum(abs(Fraction(c["weight"])) * good(c, v) for c, v in known)
    result["chasing-the-tail"] = ratio(yes, sum(abs(Fraction(c["weight"])) for c, v in known))
    result["chasing-the-tail-sum"] = yes if whole else None
    positive = sum(points(c) for c, v in known if points(c) > 0)
    earned = sum(points(c) * v for c, v in known)
    result["healthbench"] = ratio(earned, positive)
    negative_only = all(points(c) <= 0 for c in criteria)
    if negative_only:
        share = ratio(earned, sum(abs(points(c)) for c, v in known))
        clamped = None if share is None else 1 + share
    else:
        clamped = ratio(earned, positive)
    result["clamped"] = None if clamped is None else max(Fraction(0), min(Fraction(1), clamped))
    result["absolute"] = ratio(earned, sum(abs(points(c)) for c, v in known))
    result["mean"] = ratio(sum(good(c, v) for c, v in known), Fraction(len(known)))
    result.update(logic(items, known, whole))
    result["gated"] = gated(items)
    result.update(arrow(criteria, values, met, unmet, whole))
    weights = [abs(Fraction(c["weight"])) for c in criteria]
    judged = sum(w for w, v in zip(weights, values) if v is not None)
    coverage = judged / sum(weights) if sum(weights) else Fraction(len(known), len(items))
    return result, coverage


def logic(items, known, whole):
    credits = [good(c, v) for c, v in known]
    low = min(credits, default=None)
    high = max(credits, default=None)
    # What the missing ones could still be decides: the result must be the same for 0 and for 1 in their place.
    def certain(function):
        outcomes = {function(credits + [bit] * (len(items) - len(known))) for bit in (Fraction(0), Fraction(1))}
        return outcomes.pop() if len(outcomes) == 1 else None
    half = Fraction(1, 2)
    return {
        "all": certain(lambda c: Fraction(int(all(x >= half for x in c)))),
        "any": certain(lambda c: Fraction(int(any(x >= half for x in c)))),
        "min": low if whole else (low if low == 0 else None),
        "max": high if whole else (high if high == 1 else None),
    }


def gated(items):
    marked = any(c.get("gate") for c, v in items)
    gates = [(c, v) for c, v in items if (c.get("gate") if marked else c.get("kind") == "hard-rule")]
    rest = [item for item in items if item not in gates]
    if any(v is not None and good(c, v) < Fraction(1, 2) for c, v in gates):
        return Fraction(0)
    if any(v is None for c, v in gates):
        return None
    if not rest:
        return Fraction(1)
    known = [(c, v) for c, v in rest if v is not None]
    return ratio(sum(abs(Fraction(c["weight"])) * good(c, v) for c, v in known),
                 sum(abs(Fraction(c["weight"])) for c, v in known))


def arrow(criteria, values, met, unmet, whole):
    total, divisor, uniform = Fraction(0), Fraction(0), Fraction(0)
    for c, v, p, q in zip(criteria, values, met, unmet):
        if v is None:
            continue
        margin = (p - q) if p is not None else 2 * v - 1
        margin = margin if c["polarity"] == "good" else -margin
        weight = 3 if c.get("kind") == "hard-rule" else 1
        total, divisor, uniform = total + weight * margin, divisor + weight, uniform + margin
    return {
        "arrow": ratio(total, divisor),
        "arrow-sum": total if whole else None,
        "arrow-uniform-sum": uniform if whole else None,
    }


def case(size, missing, negative_only):
    criteria = []
    for i in range(size):
        criterion = {
            "id": f"c{i + 1}",
            "text": "x",
            "weight": random.choice([-10, -8, -2, -1, 1, 2, 3, 5, 10]),
            "polarity": "bad" if negative_only else random.choice(["good", "good", "bad"]),
            "category": random.choice(CATEGORIES),
        }
        if random.random() < 0.4:
            criterion["kind"] = random.choice(["hard-rule", "principle"])
        if random.random() < 0.1:
            criterion["gate"] = True
        criteria.append(criterion)
    # Eighths are exact in binary, so that our sums are exact as well.
    values = [None if random.random() < missing else Fraction(random.choice([0, 0, 0, 8, 8, 8, 8, 4, 2]), 8)
              for _ in criteria]
    met = [Fraction(random.randint(0, 8), 16) if random.random() < 0.5 else None for _ in criteria]
    unmet = [None if p is None else Fraction(random.randint(0, 8), 16) for p in met]
    result, coverage = scores(criteria, values, met, unmet)
    number = lambda x: None if x is None else float(x)
    return {
        "criteria": criteria,
        "values": [number(v) for v in values],
        "met": [number(p) for p in met],
        "unmet": [number(q) for q in unmet],
        "scores": {name: number(score) for name, score in result.items()},
        "coverage": float(coverage),
    }


cases = [case(random.randint(1, 9), random.choice([0, 0, 0.3, 1]), random.random() < 0.15) for _ in range(60)]
print(json.dumps({"cases": cases}))
