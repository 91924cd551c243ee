#!/usr/bin/env python3
"""Makes golden_index.jsonl: random catalogues and findings with the index that model.md gives them, computed here
in fractions, straight from the text and with no regard to how the program does it. Run by hand:
    tests/scoring/independent_index.py > tests/scoring/golden_index.jsonl
"""
import json
import math
import random
from fractions import Fraction as F

CASES = 120


def frequency(catalogue, item, count):
    threshold = item["threshold"]
    if count <= threshold + 1:
        return F(count)
    if catalogue["frequency"] == "continuous":
        return F(threshold) + 1 + F(math.log(count - threshold))
    base = catalogue["log_base"]
    return F(threshold) + F(math.log(count - threshold) if base == "e" else math.log(count - threshold, base))


def place(item, finding):
    """What tells this occurrence from others; None: nothing does."""
    ip, key, unit = finding.get("ip"), finding.get("key"), item["unit"]
    endpoint = ("endpoint", ip, finding.get("port"), finding.get("transport", "tcp"))
    if unit == "organization":
        return "one"
    if unit == "host" and ip:
        return ("host", ip)
    if unit == "endpoint" and ip:
        return endpoint
    if key:
        return ("key", key)
    return endpoint if ip else None


def weights(case, item):
    """b_e of every occurrence of an item, the graver of two reports on one."""
    gravest, loose = {}, []
    for finding in case["findings"]:
        if finding["item"] != item["id"]:
            continue
        weight = F(item["risk"] * item["severity"] * finding.get("asset", item["asset"])
                   * finding.get("confidence", item["confidence"])) * F(finding.get("exposure", case["exposure"]))
        where = place(item, finding)
        if where is None:
            loose += [weight] * finding.get("count", 1)
        else:
            gravest[where] = max(weight, gravest.get(where, F(0)))
    return loose + list(gravest.values())


def item_loss(case, item):
    """alpha times the integral of f(N(t)), from the lowest weight up."""
    all_weights = weights(case, item)
    area, below = F(0), F(0)
    for weight in sorted(set(all_weights)):
        area += (weight - below) * frequency(case["catalogue"], item, sum(w >= weight for w in all_weights))
        below = weight
    return F(item["alpha"]) * area


def is_assessed(case, dimension):
    items = [i["id"] for i in case["catalogue"]["items"] if i["dimension"] == dimension["id"]]
    return any(i in case["assessed"] for i in items) or any(f["item"] in items for f in case["findings"])


def score(case, absent, without=None):
    """absent: the score of what was not assessed; None: it is left out. without: an item that is fixed."""
    catalogue = case["catalogue"]
    weighted, omegas = F(0), F(0)
    for domain in catalogue["domains"]:
        dimensions = [d for d in catalogue["dimensions"] if d["domain"] == domain["id"]]
        scores = []
        for dimension in dimensions:
            loss = sum((item_loss(case, i) for i in catalogue["items"]
                        if i["dimension"] == dimension["id"] and i["id"] != without), F(0))
            value = max(F(0), 1000 - loss) if is_assessed(case, dimension) else absent
            if value is not None:
                scores.append((F(dimension["weight"]), value))
        omega = F(domain.get("omega", len(dimensions)))
        if scores:
            weighted += omega * sum(b * v for b, v in scores) / sum(b for b, v in scores)
            omegas += omega
    return weighted / omegas if omegas else None


def g(case, value):
    kind, level = case["catalogue"]["g"], case.get("informatization")
    if kind["kind"] == "identity":
        return float(value)
    if kind["kind"] == "power":
        reference = kind["f_ref"]
        gamma = kind["gamma"] * math.exp(-kind["kappa"] * ((reference if level is None else level) - reference))
        return 1000 * (float(value) / 1000) ** gamma
    knots = kind["knots"]
    if value <= knots[0][0]:
        return knots[0][1]
    for (x0, y0), (x1, y1) in zip(knots, knots[1:]):
        if value <= x1:
            return float(F(y0) + (F(y1) - F(y0)) * (value - F(x0)) / (F(x1) - F(x0)))
    return knots[-1][1]


def gate(case):
    items = {i["id"]: i for i in case["catalogue"]["items"]}
    dimensions = set()
    for finding in case["findings"]:
        item = items[finding["item"]]
        if item["severity"] == 5 and finding.get("confidence", item["confidence"]) >= 4 \
                and finding.get("asset", item["asset"]) >= 4:
            dimensions.add(item["dimension"])
    return "fair" if len(dimensions) >= 3 else "good" if dimensions else "excellent"


def expectation(case):
    assessed = score(case, None)
    found = sorted({f["item"] for f in case["findings"]})
    result = {"literal": g(case, score(case, F(1000))), "gate": gate(case),
              "bounds": [g(case, score(case, F(0))), g(case, score(case, F(1000)))],
              "score": None if assessed is None else float(assessed)}
    if assessed is not None:
        index = g(case, assessed)
        result["index"] = index
        result["gains"] = {i: g(case, score(case, None, without=i)) - index for i in found}
    return result


def some(rng, values):
    return values[rng.randrange(len(values))]


def make_catalogue(rng):
    domains = [{"id": f"K{i}", "zh": "域", "en": "domain"} for i in range(rng.randint(1, 4))]
    if rng.random() < 0.3:
        domains[0]["omega"] = rng.choice([0.5, 3, 7.25])
    dimensions = [{"id": f"D{i}", "domain": some(rng, domains)["id"], "zh": "维", "en": "dimension",
                   "weight": rng.choice([1, 1, 0.5, 0.1, 3])} for i in range(rng.randint(1, 7))]
    items = [{"id": f"I{i}", "dimension": some(rng, dimensions)["id"], "zh": "项", "en": "item", "source": "import",
              "risk": rng.randint(1, 2), "severity": rng.randint(1, 5), "asset": rng.randint(1, 5),
              "confidence": rng.randint(1, 5), "threshold": rng.choice([0, 1, 1, 2, 3, 5]),
              "alpha": rng.choice([8, 8, 4, 1, 0.3]),
              "unit": some(rng, ["endpoint", "host", "site", "domain", "account", "organization", "key"])}
             for i in range(rng.randint(1, 9))]
    kind = some(rng, [{"kind": "identity"}, {"kind": "identity"},
                      {"kind": "power", "gamma": 1.4, "kappa": 0.1, "f_ref": 4},
                      {"kind": "quantile", "knots": [[0, 0], [400, 500], [750, 759], [1000, 1000]]}])
    return {"auscult_catalogue": 1, "name": "golden", "frequency": rng.choice(["printed", "printed", "continuous"]),
            "log_base": rng.choice([2, 2, 10, "e", 3]), "g": kind, "domains": domains, "dimensions": dimensions,
            "items": items}


def make_finding(rng, items):
    finding = {"item": some(rng, items)["id"]}
    if rng.random() < 0.7:
        finding["ip"] = f"192.0.2.{rng.randint(1, 9)}"
        finding["port"] = rng.randint(20, 22)
        finding["transport"] = rng.choice(["tcp", "tcp", "udp"])
    if rng.random() < 0.4:
        finding["key"] = f"k{rng.randint(0, 5)}"
    for name in ("asset", "confidence"):
        if rng.random() < 0.5:
            finding[name] = rng.randint(1, 5)
    if rng.random() < 0.5:
        finding["exposure"] = rng.choice([1, 0.6, 0.3])
    if rng.random() < 0.2:
        finding["count"] = rng.randint(1, 12)
    return finding


def main():
    rng = random.Random(20260101)
    for _ in range(CASES):
        catalogue = make_catalogue(rng)
        case = {"catalogue": catalogue, "exposure": rng.choice([1, 0.6, 0.3]),
                "findings": [make_finding(rng, catalogue["items"]) for _ in range(rng.randint(0, 16))],
                "assessed": [i["id"] for i in catalogue["items"] if rng.random() < 0.3]}
        if rng.random() < 0.5:
            case["informatization"] = rng.choice([2, 4.5, 7])
        case["expect"] = expectation(case)
        print(json.dumps(case, ensure_ascii=False, separators=(",", ":")))


if __name__ == "__main__":
    main()
