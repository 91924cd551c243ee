#!/usr/bin/python3
"""proportions.py > proportions.tsv: what test_proportion.c and test_binomial.c hold this program against.

Every column comes from SciPy (Debian python3-scipy) or statsmodels (python3-statsmodels), except the last two:
the same p-values from mpmath (python3-mpmath) with 40 digits, since SciPy's tails keep no relative accuracy far
out. Nothing here is shared with the program. The seed is fixed; no case was left out for its result.
"""
import math
import random

import mpmath
import scipy
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

mpmath.mp.dps = 40
chance = random.Random(20180801)
CASES = 1000


def draw():
    """n over seven decades; k by chance, by some other chance, or at an edge."""
    n = int(10 ** chance.uniform(0, 7))
    p0 = chance.choice([10 ** chance.uniform(-6, 0), chance.uniform(0, 1), chance.choice([0.0138, 0.0343, 0.5])])
    p0 = min(p0, 0.999999)
    kind = chance.randrange(10)
    deviation = math.sqrt(n * p0 * (1 - p0))
    if kind < 6:
        k = round(n * p0 + deviation * chance.gauss(0, 1.5))
    elif kind < 8:
        k = round(n * p0 + deviation * chance.uniform(-35, 35))
    elif kind == 8:
        k = chance.randint(0, n)
    else:
        k = chance.choice([0, 1, n - 1, n])
    return max(0, min(n, k)), n, p0


def mass(k, n, p):
    log = mpmath.loggamma(n + 1) - mpmath.loggamma(k + 1) - mpmath.loggamma(n - k + 1)
    return mpmath.exp(log + k * mpmath.log(p) + (n - k) * mpmath.log(1 - p))


def at_least(k, n, p):
    """Summed from k on where k is above the mean, else what is left of 1."""
    if k <= 0:
        return mpmath.mpf(1)
    if k > n:
        return mpmath.mpf(0)
    if k <= n * p:
        return 1 - at_least(n - k + 1, n, 1 - p)
    term = total = mass(k, n, p)
    odds = p / (1 - p)
    while k < n and term > total * mpmath.mpf(10) ** -30:
        term *= odds * (n - k) / (k + 1)
        k += 1
        total += term
    return total


def two_sided(k, n, p):
    """R's binom.test: the other side begins with the first outcome that is no likelier, ties within 1 + 1e-7."""
    if k > n * p:
        return two_sided(n - k, n, 1 - p)
    limit = mass(k, n, p) * (1 + mpmath.mpf(10) ** -7)
    low, high = int(mpmath.ceil(n * p)), n + 1
    while low < high:
        middle = (low + high) // 2
        if mass(middle, n, p) <= limit:
            high = middle
        else:
            low = middle + 1
    return min(mpmath.mpf(1), at_least(n - k, n, 1 - p) + at_least(low, n, p))


def exact(value):
    return mpmath.nstr(value, 17, min_fixed=0, max_fixed=0)


def main():
    rows = []
    for _ in range(CASES):
        k, n, p0 = draw()
        clopper = stats.beta.ppf(0.025, k, n - k + 1) if k else 0.0, stats.beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
        wilson = proportion_confint(k, n, method="wilson")
        scipy_wilson = stats.binomtest(k, n, p0).proportion_ci(method="wilson")
        assert max(abs(wilson[0] - scipy_wilson.low), abs(wilson[1] - scipy_wilson.high)) < 1e-12
        greater = stats.binomtest(k, n, p0, alternative="greater").pvalue
        both = stats.binomtest(k, n, p0).pvalue
        precise = mpmath.mpf(p0)
        rows.append([k, n, p0, stats.binom.pmf(k, n, p0), max(0.0, scipy_wilson.low), scipy_wilson.high, *clopper,
                     greater, both, exact(at_least(k, n, precise)), exact(two_sided(k, n, precise))])
    print(f"# proportions.py, SciPy {scipy.__version__}; families of Holm have 1 to 20 members")
    print("#family\tholm\tk\tn\tp0\tmass\twilson_low\twilson_high\tclopper_low\tclopper_high\tgreater\ttwo_sided"
          "\tgreater_exact\ttwo_sided_exact")
    family, at = 0, 0
    while at < len(rows):
        members = rows[at:at + chance.randint(1, 20)]
        adjusted = multipletests([row[9] for row in members], method="holm")[1]
        for holm, row in zip(adjusted, members):
            print("\t".join([str(family), repr(float(holm))] + [v if isinstance(v, str) else repr(int(v) if i < 2 else float(v))
                                                               for i, v in enumerate(row)]))
        family, at = family + 1, at + len(members)


main()
