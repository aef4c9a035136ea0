"""Samples: one measurement each, kept as lines of JSON; their medians and ratios.

A sample has area, peer, cell, round, run (which sitting), foreign (cores that other programs used
meanwhile) and what was measured. A file starts with a line for each run that says where and when.
"""

import json
import os
import statistics

QUIET = 0.15  # cores: with more than this used by other programs, a sample counts as disturbed
ENOUGH = 3  # quiet samples that do without the disturbed ones


class Samples:
    def __init__(self, rows=(), runs=()):
        self.rows = list(rows)
        self.runs = list(runs)  # what is known of each sitting

    def add(self, **sample):
        self.rows.append(sample)

    def of(self, **wanted):
        return [row for row in self.rows if all(row.get(key) == value for key, value in wanted.items())]

    def names(self, key, **wanted):
        """The different values of a key, in the order in which they came first."""
        return list(dict.fromkeys(row[key] for row in self.of(**wanted)))

    def disturbed(self, area):
        rows = self.of(area=area)
        return sum(row["foreign"] > QUIET for row in rows), len(rows)


def load(paths):
    samples = Samples()
    for path in paths:
        with open(path) as file:
            for line in file:
                row = json.loads(line)
                (samples.runs if "machine" in row else samples.rows).append(row)
    return samples


class Keeper:
    """Appends samples to a file as they come, so that a run that is broken off keeps what it has."""

    def __init__(self, path, about):
        self.samples = Samples(runs=[about])
        self.run = about["run"]
        self.file = open(path, "a") if path else open(os.devnull, "w")
        self._write(about)

    def _write(self, row):
        self.file.write(json.dumps(row) + "\n")
        self.file.flush()

    def add(self, **sample):
        sample = {"run": self.run, **sample}
        self.samples.add(**sample)
        self._write(sample)


def quiet(samples):
    """The samples that nothing disturbed; the least disturbed ones where those are too few."""
    calm = [sample for sample in samples if sample["foreign"] <= QUIET]
    return calm if len(calm) >= ENOUGH else sorted(samples, key=lambda x: x["foreign"])[:ENOUGH]


def median(samples, key):
    values = [sample[key] for sample in quiet([s for s in samples if s.get(key) is not None])]
    return statistics.median(values) if values else None


def paired(samples, base, key):
    """Median over the rounds of a sample against the base's sample of the same round."""
    by_round = {(row["run"], row["round"]): row for row in base if row.get(key)}
    ratios = []
    for row in samples:
        other = by_round.get((row["run"], row["round"]))
        if other and row.get(key) is not None:
            foreign = max(row["foreign"], other["foreign"])
            ratios.append({"ratio": row[key] / other[key], "foreign": foreign})
    return median(ratios, "ratio")
