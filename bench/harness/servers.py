"""The areas with a server under load: tcp, tls, udp, unix, accept, idle.

All servers of an area run at once, pinned to their cores and idle but for the one under load; the
load runs on other cores, over loopback. Round by round and cell by cell one follows the other, and
nobody always comes first.
"""

import json
import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
import time
import zlib
from statistics import mean

from . import build, machine
from .machine import Noise, cpu_seconds, note

START_SECONDS = 30
SETTLE_SECONDS = 0.25  # of load before a measured window
FIRST_SECONDS = 0.5  # the same in a warm-up, where a JVM may still be loading its classes

SIZES = {"1K": 1024, "10K": 10 * 1024, "100K": 100 * 1024}
COUNTS = (1, 10, 100, 1000)
HANDSHAKES_AT_A_TIME = CONNECTS_AT_A_TIME = 16
IDLE_CONNECTIONS = 10_000
IDLE_BATCH = 500  # connections at a time, in the warm-up before
IDLE_BATCHES = 80  # of them, so that what a connection holds is that of compiled code

CELLS = {
    "tcp": [f"{size}/{count}" for size in SIZES for count in COUNTS],
    "tls": ["1K/100", "10K/100", "100K/100", "handshake", "resumed"],
    "udp": ["1K/1", "1K/100"],
    "unix": ["1K/100", "10K/100", "100K/100"],
    "accept": ["accept"],
    "idle": ["idle"],
}
WARM = {"tcp": 10, "tls": 100, "udp": 6, "unix": 8, "accept": 6}  # CPU seconds of a JVM


class Broken(Exception):
    """A server that does not start or does not answer as it should."""


class Server:
    """A peer's server; it says "listening on PORT|/PATH" when it is up."""

    def __init__(self, peer, cores, where="0", environment=()):
        self.peer, self.name = peer, peer.name
        self.process = subprocess.Popen(
            [*peer.command, where],
            stdout=subprocess.PIPE, text=True, preexec_fn=machine.pin(cores),
            env={**os.environ, **peer.environment, **dict(environment)},
        )
        self.pid = self.process.pid
        said = self._say()
        if not said.startswith("listening on "):
            self.stop()
            raise Broken(f"did not start; it said: {said.strip() or 'nothing'}")
        self.address = said.rsplit(None, 1)[1]

    def _say(self):
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        return self.process.stdout.readline() if ready else ""

    def stop(self):
        self.process.kill()
        self.process.wait()


class Load:
    """The load program of an area: as many processes at once as it has cores, each on its own."""

    def __init__(self, area, cores, program=None):
        self.area, self.cores = area, cores
        if program:
            self.program = program
        elif area == "tls":
            self.program = build.c("load/tls.c", "ssl", "crypto", package="libssl-dev")
        else:
            self.program = build.c("load/accept.c" if area == "accept" else "load/echo.c")

    def command(self, server, cell, settle, seconds):
        address = f"udp:{server.address}" if self.area == "udp" else server.address
        times = [str(settle), str(seconds), str(server.pid)]
        if cell == "accept":
            return [self.program, address, str(CONNECTS_AT_A_TIME), *times]
        if cell in ("handshake", "resumed"):
            return [self.program, cell, address, str(HANDSHAKES_AT_A_TIME), "1", *times]
        size, count = cell.split("/")
        what = [address, count, str(SIZES[size])]
        return [self.program, *(["echo"] if self.area == "tls" else []), *what, *times]

    def on(self, server, cell, settle, seconds):
        """Each process makes the cell's connections; the sample is of all of them together."""
        command = self.command(server, cell, settle, seconds)
        noise = Noise(server.pid)
        runs = [
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             preexec_fn=machine.pin([core]))
            for core in self.cores
        ]
        try:
            said = [run.communicate(timeout=settle + seconds + 60) for run in runs]
        except subprocess.TimeoutExpired:
            raise Broken("the load did not end") from None
        finally:
            for run in runs:
                run.kill()
                run.wait()
        for run, (_, errors) in zip(runs, said):
            if run.returncode:
                raise Broken(errors.strip())
        return {**together([json.loads(out) for out, _ in said]), "foreign": noise.cores()}


def together(parts):
    """One sample from those of the processes of a load, each of which saw the CPU of the whole server."""
    requests = sum(part["requests"] for part in parts)
    sums = {key: sum(part[key] for part in parts) for key in ("rps", "load_busy", "lost")}
    return {
        **sums,
        "requests": requests,
        "server_us": mean([part["server_us"] * part["requests"] for part in parts]) / requests,
        "server_busy": mean([part["server_busy"] for part in parts]),
        "p50_us": mean([part["p50_us"] for part in parts]),
        "p99_us": max(part["p99_us"] for part in parts),
    }


def warm_up(server, load, cells, warm):
    """Loads the server until it has had its seconds of CPU, since that is what a compiler needs."""
    share = warm * server.peer.warm / len(cells)
    for cell in cells:
        end, give_up = cpu_seconds(server.pid) + share, time.monotonic() + 10 * share + 1
        while cpu_seconds(server.pid) < end and time.monotonic() < give_up:
            load.on(server, cell, FIRST_SECONDS if share > 0.2 else 0, max(0.1, min(share, 1)))


def start_all(area, peers, cores, folder, environment=()):
    servers = []
    for number, peer in enumerate(peers):
        where = os.path.join(folder, str(number)) if area == "unix" else "0"
        try:
            servers.append(Server(peer, cores, where, environment))
        except Broken as why:
            note(f"{peer.name} is left out: {why}")
    return servers


def measure(area, peers, cells, options, keeper):
    """Keeps requests/s, CPU and latencies of every server in every cell, round by round."""
    server_cores, load_cores = machine.cores()
    load = Load(area, load_cores)
    folder = tempfile.mkdtemp(prefix="compare-")
    servers, broken = [], set()
    try:
        servers = start_all(area, peers, server_cores, folder)
        for server in servers:
            options.progress(f"{area}: warming {server.name}")
            try:
                warm_up(server, load, cells, options.warm or WARM[area])
            except Broken as why:
                note(f"{area}: {server.name} in its warm-up: {why}")
        for turn in range(options.rounds):
            for step, cell in enumerate(cells):
                options.progress(f"{area}: round {turn + 1} of {options.rounds}, {cell}")
                shift = (turn + step) % max(1, len(servers))
                for server in servers[shift:] + servers[:shift]:
                    try:
                        sample = load.on(server, cell, SETTLE_SECONDS, options.seconds)
                    except Broken as why:
                        if (server.name, cell) not in broken:  # once, not in every round
                            note(f"{area}: {server.name}, {cell}: {why}")
                        broken.add((server.name, cell))
                        continue
                    keeper.add(area=area, peer=server.name, cell=cell, round=turn, **sample)
    finally:
        for server in servers:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


# ---- connections that say nothing ----


def connect(server, count):
    return [socket.create_connection(("127.0.0.1", int(server.address)), START_SECONDS) for _ in range(count)]


def check(connections):
    """Sends something of its own over each connection, and gets it back."""
    words = [b"%08x" % zlib.crc32(b"%d" % number) for number in range(len(connections))]
    for connection, word in zip(connections, words):
        connection.sendall(word)
    for connection, word in zip(connections, words):
        got = b""
        while len(got) < len(word):
            more = connection.recv(len(word) - len(got))
            if not more:
                raise Broken("a connection ended")
            got += more
        if got != word:
            raise Broken(f"a connection gave {got} for {word}")


def close(connections):
    for connection in connections:
        connection.close()


def resident(pid):
    with open(f"/proc/{pid}/status") as file:
        return int(re.search(r"^VmRSS:\s+(\d+)", file.read(), re.M)[1]) * 1024


def live_heap(jdk, pid):
    """Bytes of objects on a JVM's heap, after as many full collections as find something."""
    jcmd = [os.path.join(jdk, "bin", "jcmd"), str(pid), "GC.class_histogram"]
    readings = []
    while len(readings) < 4 or readings[-1] < 0.99 * readings[-3]:
        said = subprocess.run(jcmd, capture_output=True, text=True, timeout=60).stdout
        total = re.search(r"^Total\s+\d+\s+(\d+)", said, re.M)
        if total is None:
            raise Broken("jcmd gave no histogram of its heap")
        readings.append(int(total[1]))
        time.sleep(0.2)  # what waits for a reference to be cleared is let go of in between
    return readings[-1]


def files_of(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def hold(server, jdk, count, batches):
    """Bytes for each of that many idle connections, and of heap for all when they are gone."""
    files = files_of(server.pid)

    def reading():
        heap = live_heap(jdk, server.pid) if server.peer.is_jvm else None
        return heap, resident(server.pid)

    def wait_until_gone():
        end = time.monotonic() + START_SECONDS
        while files_of(server.pid) > files + 10 and time.monotonic() < end:
            time.sleep(0.01)

    for _ in range(batches):  # as a server that has run for a while: a cold JVM's frames are far larger
        served = connect(server, IDLE_BATCH)
        check(served)
        close(served)
        wait_until_gone()
    time.sleep(0.2)
    heap_before, rss_before = reading()
    connections = connect(server, count)
    try:
        check(connections)
        rss = resident(server.pid)  # before the collection that the histogram makes
        heap, _ = reading()
        check(connections)
    finally:
        close(connections)
    held = {"rss_bytes": (rss - rss_before) / count, "rss_total": rss}
    if heap is not None:
        held["heap_bytes"] = (heap - heap_before) / count
        wait_until_gone()
        time.sleep(0.2)
        held["left_bytes"] = reading()[0] - heap_before
    return held


def idle(area, peers, cells, options, keeper):
    """What a connection holds that has echoed a few bytes; a server of its own for each sample."""
    cores, _ = machine.cores()
    count = options.connections or IDLE_CONNECTIONS
    batches = 2 if options.quick else IDLE_BATCHES
    for turn in range(min(options.rounds, 3)):
        for peer in peers:
            options.progress(f"idle: round {turn + 1}, {peer.name}")
            server = None
            try:
                server = Server(peer, cores, environment={"ECHO_BUFFER": "4096"})
                held = hold(server, options.jdk, count, batches)
                # what others do on the cores takes no memory of it
                keeper.add(area=area, peer=peer.name, cell=cells[0], round=turn, **held, foreign=0)
            except (Broken, OSError) as why:
                note(f"idle: {peer.name}: {why}")
            finally:
                if server:
                    server.stop()
