"""Facts of the harness that no measurement is needed for. python3 -m unittest discover bench/harness"""

import importlib.machinery
import importlib.util
import os
import re
import sys
import tempfile
import unittest
import xml.etree.ElementTree as xml

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, BENCH)
sys.dont_write_bytecode = True

from harness import machine, report, samples, servers, targets  # noqa: E402
from harness.peers import Catalogue  # noqa: E402


def command(name):
    """A command of bench/ as a module."""
    loader = importlib.machinery.SourceFileLoader(name, os.path.join(BENCH, name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


def echo(peer, turn, microseconds, foreign=0.0, run=1, cell="1K/100"):
    return {"area": "tcp", "peer": peer, "cell": cell, "round": turn, "run": run, "foreign": foreign,
            "server_us": microseconds, "rps": 1e6 / microseconds, "p50_us": 1.0, "p99_us": 2.0}


class SamplesTest(unittest.TestCase):
    def test_a_median_leaves_disturbed_samples_out_where_three_are_quiet(self):
        rows = [echo("go", i, value, foreign) for i, (value, foreign) in
                enumerate([(1, 0), (2, 0), (3, 0.1), (90, 0.5), (99, 0.9)])]
        self.assertEqual(2, samples.median(rows, "server_us"))

    def test_a_median_takes_the_three_least_disturbed_where_too_few_are_quiet(self):
        rows = [echo("go", i, value, foreign) for i, (value, foreign) in
                enumerate([(1, 0), (5, 0.2), (7, 0.3), (99, 0.9)])]
        self.assertEqual(5, samples.median(rows, "server_us"))

    def test_a_ratio_is_of_samples_of_the_same_round_of_the_same_sitting(self):
        ours = [echo("ours-streams", 0, 20), echo("ours-streams", 1, 40), echo("ours-streams", 0, 9, run=2)]
        limit = [echo("c-epoll", 0, 10), echo("c-epoll", 1, 20), echo("c-epoll", 2, 1)]
        self.assertEqual(2, samples.paired(ours, limit, "server_us"))

    def test_what_is_kept_can_be_loaded_from_several_files(self):
        with tempfile.TemporaryDirectory() as folder:
            files = [os.path.join(folder, name) for name in ("one", "two")]
            for number, file in enumerate(files):
                keeper = samples.Keeper(file, {"run": number, "machine": "a machine"})
                keeper.add(area="tcp", peer="go", cell="1K/1", round=0, foreign=0)
                keeper.file.close()
            loaded = samples.load(files)
        self.assertEqual([0, 1], [row["run"] for row in loaded.of(area="tcp", peer="go")])
        self.assertEqual(2, len(loaded.runs))


class ReportTest(unittest.TestCase):
    def setUp(self):
        self.samples = samples.Samples(runs=[{"run": 1, "machine": "a machine"}])
        for turn in range(3):
            for row in (echo("go", turn, 15), echo("ours-protocol", turn, 9), echo("c-epoll", turn, 10)):
                self.samples.add(**row)

    def test_servers_are_compared_with_the_limit_and_listed_after_it(self):
        text = report.Report(self.samples).text()
        self.assertLess(text.index("c-epoll   "), text.index("ours-protocol"))
        self.assertLess(text.index("ours-protocol"), text.index("go   "))
        self.assertIn("9 (0.90)", text)
        self.assertIn("15 (1.50)", text)
        self.assertIn("disturbed 0 of 9 samples", text)

    def test_markdown_has_a_rule_below_each_head(self):
        text = report.Report(self.samples, markdown=True).text()
        self.assertEqual(len(report.Report.ECHO), len(re.findall(r"^\| -+ \|( -+: \|)+$", text, re.M)))

    def test_a_target_is_held_or_not(self):
        text = targets.text(self.samples, markdown=False)
        line = next(line for line in text.splitlines() if "tcp 1K/100 ours-protocol" in line and "CPU" in line)
        self.assertRegex(line, r"≤ 1\.05 × c-epoll's CPU +0\.90 +yes")

    def test_every_target_names_a_peer_and_a_cell_that_exist(self):
        for area, cell, ours, key, _, peer in targets.TARGETS:
            self.assertIn(cell, report.CELLS[area])
            self.assertIn(ours, Catalogue.order(area))
            self.assertTrue(peer is None or peer in Catalogue.order(area))
            self.assertIn(key, targets.UNITS)


class ServersTest(unittest.TestCase):
    def test_every_cell_of_a_load_has_a_size_and_a_number_of_connections(self):
        for area in ("tcp", "udp", "unix", "tls"):
            for cell in servers.CELLS[area]:
                if cell not in ("handshake", "resumed"):
                    size, count = cell.split("/")
                    self.assertIn(size, servers.SIZES)
                    self.assertGreater(int(count), 0)


    def test_the_processes_of_a_load_make_one_sample(self):
        part = {"requests": 100, "rps": 50.0, "server_us": 20.0, "server_busy": 0.5, "load_busy": 0.2,
                "p50_us": 10.0, "p99_us": 30.0, "lost": 0}
        self.assertEqual(part, servers.together([part]))
        # either saw the server's CPU for the requests of both
        other = {**part, "requests": 300, "rps": 150.0, "server_us": 20 / 3, "p50_us": 20.0, "p99_us": 20.0}
        both = servers.together([part, other])
        summed = [both[key] for key in ("requests", "rps", "server_busy", "load_busy")]
        self.assertEqual([400, 200, 0.5, 0.4], summed)
        self.assertAlmostEqual(5, both["server_us"])
        self.assertEqual((15, 30), (both["p50_us"], both["p99_us"]))


class MachineTest(unittest.TestCase):
    def test_servers_and_loads_have_different_cores(self):
        mine, loads = machine.halves()
        self.assertEqual(len(mine), len(loads))
        self.assertFalse(set(mine) & set(loads))

    def test_an_image_without_a_compiler_can_run_the_library_but_not_build_it(self):
        with tempfile.TemporaryDirectory() as home:
            os.mkdir(os.path.join(home, "bin"))
            for path, text in (("bin/java", ""), ("release", 'JAVA_VERSION="25.0.1"\n')):
                with open(os.path.join(home, path), "w") as file:
                    file.write(text)
            self.assertEqual(25, machine.release_of(home, "java"))
            self.assertEqual(0, machine.release_of(home))


class ChartsTest(unittest.TestCase):
    def test_bars_are_in_proportion_from_zero(self):
        svg = command("charts").draw("A title", [("a panel", [("ours", 10), ("go", 20)])], "a machine")
        widths = [float(bar.get("width")) for bar in xml.fromstring(svg).iter("{http://www.w3.org/2000/svg}rect")]
        self.assertAlmostEqual(2, widths[1] / widths[0], places=2)

    def test_every_panel_names_an_area_and_a_cell_that_exist(self):
        for _, panels in command("charts").CHARTS.values():
            for _, area, cell, _ in panels:
                self.assertIn(cell, report.CELLS[area])

    def test_an_axis_starts_at_zero_and_ends_at_the_greatest_value(self):
        for most in (0.7, 3.1, 39, 1118, 30_000):
            ticks = command("charts").ticks(most)
            self.assertEqual(0, ticks[0])
            self.assertLessEqual(ticks[-1], most)


class GrowthTest(unittest.TestCase):
    def test_what_a_logarithm_grows_by_falls_with_the_number(self):
        allowed = command("growth").allowed
        self.assertAlmostEqual(6.66, allowed(1, 100), places=2)
        self.assertAlmostEqual(1.5, allowed(10_000, 1_000_000), places=2)


if __name__ == "__main__":
    unittest.main()
