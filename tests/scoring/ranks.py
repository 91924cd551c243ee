#!/usr/bin/python3
"""ranks.py > ranks.tsv: what test_ranks.c holds this program against.

The p-values come from SciPy (Debian python3-scipy), Holm's correction from statsmodels (python3-statsmodels);
ranks and the ranks that could as well be are counted from them here, in another way than the program's. The
seed is fixed; no case was left out for its result. A line is a group: case, organizations, mean, deviation,
rank, the two ends of the ranks that it could have, and the p-value of "above the next group of its case".
"""
import random

from scipy import stats
from statsmodels.stats.multitest import multipletests

chance = random.Random(20180801)
CASES = 120


def draw():
    """Groups as provinces are, or few and far apart, with some of one organization and some without spread."""
    apart = chance.choice([0, 5, 30, 100, 300])
    groups = []
    for _ in range(chance.randint(1, 36)):
        count = chance.choice([1, 2, 3, chance.randint(2, 60), chance.randint(20, 400)])
        mean = round(min(1000, max(0, chance.gauss(700, apart))), chance.choice([0, 6]))
        spread = chance.choice([0, 152, chance.uniform(1, 250), chance.uniform(1, 40)])
        groups.append((count, mean, 0 if count < 2 else spread))
    return groups


def above(a, b):
    """The one-sided p-value of Welch's test, or None where there is none."""
    if a is b or a[0] < 2 or b[0] < 2 or a[2] + b[2] == 0:
        return None
    return stats.ttest_ind_from_stats(a[1], a[2], a[0], b[1], b[2], b[0], equal_var=False,
                                      alternative="greater").pvalue


for case in range(CASES):
    groups = draw()
    pairs = [(i, j, above(a, b)) for i, a in enumerate(groups) for j, b in enumerate(groups)]
    pairs = [pair for pair in pairs if pair[2] is not None]
    certain = set()
    if pairs:
        rejected = multipletests([p for _, _, p in pairs], alpha=0.05, method="holm")[0]
        certain = {(i, j) for (i, j, _), sure in zip(pairs, rejected) if sure}
    for i, group in enumerate(groups):
        rank = 1 + sum(other[1] > group[1] for other in groups)
        low = 1 + sum((j, i) in certain for j in range(len(groups)))
        high = len(groups) - sum((i, j) in certain for j in range(len(groups)))
        follower = above(group, groups[i + 1]) if i + 1 < len(groups) else None
        print(case, group[0], repr(float(group[1])), repr(float(group[2])), rank, low, high,
              "nan" if follower is None else repr(float(follower)), sep="\t")
