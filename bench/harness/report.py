"""The tables: medians of quiet samples, ratios paired within a round."""

import os

from . import processes, servers
from .machine import ROOT
from .peers import Catalogue
from .processes import PRIMITIVES
from .samples import QUIET, median, paired

TITLES = {
    "primitives": "Primitives",
    "tcp": "Echo over TCP",
    "tls": "Echo over TLS 1.3",
    "udp": "Echo over UDP",
    "unix": "Echo over Unix sockets",
    "accept": "Connections accepted",
    "idle": "Idle connections",
    "startup": "Start-up",
}
LIMITS = ("c-epoll", "c-openssl")  # what servers are compared with
CELLS = {**processes.CELLS, **servers.CELLS}


def number(value, digits=3):
    if value is None:
        return "-"
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def ratio(value):
    return "-" if value is None else f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def with_ratio(value, against):
    return "-" if value is None else number(value) if against is None else f"{number(value)} ({ratio(against)})"


def table(head, rows, markdown):
    """First column to the left, numbers to the right."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    bar = "| " if markdown else ""

    def line(cells):
        padded = [cells[0].ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:])]
        return bar + (" | " if markdown else "  ").join(padded) + bar[::-1]

    lines = [line(head)]
    if markdown:
        rules = ["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]
        lines.append("| " + " | ".join(rules) + " |")
    return "\n".join(lines + [line(row) for row in rows]) + "\n"


INTRODUCTION = """# Results

Ours beside the event loops that a Java or Python programmer could pick, one after the other in each
round. [README.md](README.md) tells how it is measured and what the names mean. This page is what
`bench/compare --report … --markdown` and `bench/growth --markdown` print.
"""

CHARTS = {
    "primitives": ("primitives", "memory"),
    "tcp": ("tcp",),
    "tls": ("tls",),
    "accept": ("connections",),
    "startup": ("startup",),
}


QUICK = "\nA quick run: short samples, JVMs hardly warmed up. It shows that all works, not how fast it is."


class Report:
    def __init__(self, samples, markdown=False):
        self.samples, self.markdown = samples, markdown

    def text(self):
        areas = [area for area in TITLES if self.samples.of(area=area)]
        parts = [INTRODUCTION] if self.markdown else []
        parts.append(self._where())
        for area in areas:
            title = TITLES[area]
            parts.append(f"## {title}\n" if self.markdown else f"{title}\n{'=' * len(title)}\n")
            if self.markdown:
                parts += [f"![{TITLES[area]}](../docs/images/{name}.svg)\n" for name in self._charts(area)]
            parts += getattr(self, area)()
            parts.append(self._disturbed(area))
        return "\n".join(parts)

    def _charts(self, area):
        """The charts that have been drawn for an area."""
        folder = os.path.join(ROOT, "docs", "images")
        return [name for name in CHARTS.get(area, ()) if os.path.exists(os.path.join(folder, name + ".svg"))]

    def _where(self):
        machines = dict.fromkeys(run["machine"] for run in self.samples.runs)
        versions = dict.fromkeys(one for run in self.samples.runs for one in run.get("peers", "").split("; ") if one)
        quick = QUICK if any(run.get("quick") for run in self.samples.runs) else ""
        return "\n".join(line for line in [*machines, "; ".join(versions), quick] if line) + "\n"

    def _disturbed(self, area):
        disturbed, all_of_them = self.samples.disturbed(area)
        rounds = max(
            len({(row["run"], row["round"]) for row in self.samples.of(area=area, cell=cell)})
            for cell in self.samples.names("cell", area=area)
        )
        what = f"Medians of {rounds} interleaved rounds" if rounds > 1 else "One round"
        if area == "idle":
            return f"{what}.\n"
        return (
            f"{what}. Other programs disturbed {disturbed} of {all_of_them} samples"
            f" (used more than {QUIET} cores meanwhile); a median leaves them out where three quiet ones are left.\n"
        )

    def _present(self, key, order, area):
        """The names of peers or cells that there are samples of, in the order of the tables."""
        names = self.samples.names(key, area=area)
        return [name for name in order if name in names] + [name for name in names if name not in order]

    def _peers(self, area):
        return self._present("peer", Catalogue.order(area), area)

    def _caption(self, text):
        return f"**{text}**\n" if self.markdown else f"{text}\n"

    def _table(self, caption, head, rows):
        return [self._caption(caption), table(head, rows, self.markdown)]

    # ---- primitives ----

    def primitives(self):
        peers = self._peers("primitives")
        base = "ours" if "ours" in peers else peers[0]
        cells = self._present("cell", CELLS["primitives"], "primitives")
        against = f"; in brackets how many times {base}"

        def of(peer, cell, key):
            mine = self.samples.of(area="primitives", peer=peer, cell=cell)
            if peer == base:
                return number(median(mine, key))
            other = self.samples.of(area="primitives", peer=base, cell=cell)
            return with_ratio(median(mine, key), paired(mine, other, key))

        timed = [peer for peer in peers if any(
            self.samples.of(area="primitives", peer=peer, cell=cell) for cell in cells if cell != "parked"
        )] or peers
        tables = []
        for key, what in (("cpu_ns", "CPU ns an operation"), ("ns", "Wall ns an operation")):
            rows = [[PRIMITIVES[cell], *(of(peer, cell, key) for peer in timed)] for cell in cells]
            tables += self._table(what + against, ["", *timed], rows)
        if "parked" in cells:
            parked = [peer for peer in peers if self.samples.of(area="primitives", cell="parked", peer=peer)]
            rows = [
                [what, *(of(peer, "parked", key) for peer in parked)]
                for key, what in (("heap_bytes", "bytes of heap"), ("rss_bytes", "bytes resident"),
                                  ("park_cpu_ns", "create and park, CPU ns"))
            ]
            tables += self._table("A parked task of 1,000,000" + against, ["", *parked], rows)
        return tables

    # ---- servers ----

    def _servers(self, area, columns):
        """A table for each (key, what, whether to compare it), with the cells as columns."""
        peers = self._peers(area)
        base = next((peer for peer in LIMITS if peer in peers), None)
        order = self._present("cell", CELLS[area], area)
        tables = []
        for key, what, compared in columns:
            def of(peer, cell):
                mine = self.samples.of(area=area, peer=peer, cell=cell)
                other = self.samples.of(area=area, peer=base, cell=cell) if base and compared else []
                against = paired(mine, other, key) if other and peer != base else None
                return with_ratio(median(mine, key), against)

            rows = [[peer, *(of(peer, cell) for cell in order)] for peer in peers]
            caption = what + (f"; in brackets against {base}" if base and compared else "")
            tables += self._table(caption, ["size/connections", *order], rows)
        return tables

    ECHO = (
        ("server_us", "Server CPU µs a request", True),
        ("rps", "Requests/s", True),
        ("p50_us", "Latency, median µs", False),
        ("p99_us", "Latency, 99th percentile µs", False),
    )

    def tcp(self):
        return self._servers("tcp", self.ECHO)

    def tls(self):
        return self._servers("tls", self.ECHO)

    def udp(self):
        return self._servers("udp", self.ECHO)

    def unix(self):
        return self._servers("unix", self.ECHO)

    def accept(self):
        return self._one("accept", (("rps", "connections/s"), ("server_us", "CPU µs each"), ("p50_us", "median µs"),
                                    ("p99_us", "p99 µs")), ("rps", "server_us"))

    def idle(self):
        return self._one("idle", (("heap_bytes", "bytes of heap each"), ("rss_bytes", "bytes resident each"),
                                  ("rss_total", "bytes resident in all"), ("left_bytes", "heap left when all are gone")))

    def startup(self):
        return self._one("startup", (("ms", "wall ms"), ("cpu_ms", "CPU ms")), ("ms", "cpu_ms"), "java")

    def _one(self, area, columns, compared=(), base=None):
        """An area of one cell: its keys as columns."""
        peers = self._peers(area)
        base = base if base in peers else next((peer for peer in LIMITS if peer in peers), None)
        other = self.samples.of(area=area, peer=base) if base else []

        def of(peer, key):
            mine = self.samples.of(area=area, peer=peer)
            against = paired(mine, other, key) if key in compared and peer != base and other else None
            return with_ratio(median(mine, key), against)

        rows = [[peer, *(of(peer, key) for key, _ in columns)] for peer in peers]
        caption = f"In brackets against {base}" if compared and base else "By server"
        return self._table(caption, ["", *(what for _, what in columns)], rows)
