"""The areas with a process of its own for each sample: primitives, startup."""

import json
import resource
import subprocess
import time

from .machine import Noise, note

PRIMITIVES = {
    "call_soon": "callback through call_soon",
    "switch": "suspend and resume, 100 tasks",
    "spawn": "spawn and join, 10,000 trivial tasks",
    "queue_1": "item through a queue of 1",
    "queue_100": "item through a queue of 100",
    "call_later": "call_later that fires, 100,000 pending",
    "sleep": "sleep in a task, 100,000 at once",
    "timer_cancel": "timer set and cancelled, 1,000,000 pending",
    "lock": "lock and unlock, uncontended",
    "lock_100": "lock, yield, unlock, 100 tasks",
    "semaphore": "acquire and release, uncontended",
    "await_done": "await of a completed future",
    "await_soon": "await of a future completed by call_soon",
    "post": "post from another thread",
    "ping": "round trip from another thread",
    "parked": "task created, parked, woken, 1,000,000",
}
CELLS = {"primitives": list(PRIMITIVES), "startup": ["hello"]}
LONG = {"sleep": 8}  # times as long: in 0.3 s some have one large collection, and some have none
NO_SUCH_PRIMITIVE = 3
TIMEOUT = 240


def primitives(area, peers, cells, options, keeper):
    """Keeps nanoseconds an operation, of the wall and of the whole process's CPU clock."""
    lacking = set()
    for turn in range(options.rounds):
        for step, cell in enumerate(cells):
            options.progress(f"primitives: round {turn + 1} of {options.rounds}, {cell}")
            shift = (turn + step) % len(peers)
            for peer in peers[shift:] + peers[:shift]:
                if (peer.name, cell) in lacking or cell not in (peer.cells or cells):
                    continue
                noise = Noise()
                warm = (options.warm or 2) * max(peer.warm, 0.1)
                seconds = options.seconds * LONG.get(cell, 1)
                run = attempt([*peer.command, cell, f"{warm:g}", f"{seconds:g}"])
                if run.returncode == NO_SUCH_PRIMITIVE:
                    lacking.add((peer.name, cell))
                elif run.returncode:
                    note(f"primitives: {peer.name}, {cell}: {run.stderr.strip()[-300:] or run.returncode}")
                else:
                    sample = json.loads(run.stdout.splitlines()[-1])
                    keeper.add(area=area, peer=peer.name, cell=cell, round=turn, **sample, foreign=noise.cores())


def attempt(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", f"no answer for {TIMEOUT} s")


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def startup(area, peers, cells, options, keeper):
    """Keeps the time from the start of the process to its end, and its CPU time."""
    for turn in range(-1, 2 * options.rounds):  # the first one brings the files into memory
        options.progress(f"startup: round {turn + 1} of {2 * options.rounds}")
        for peer in peers:
            noise = Noise()
            start, used = time.perf_counter(), cpu_of_children()
            run = attempt(peer.command)
            wall, cpu = time.perf_counter() - start, cpu_of_children() - used
            if run.returncode or run.stdout != "hello\n":
                note(f"startup: {peer.name}: {run.stderr.strip()[-300:] or run.stdout.strip() or run.returncode}")
            elif turn >= 0:
                keeper.add(area=area, peer=peer.name, cell=cells[0], round=turn, ms=wall * 1e3,
                           cpu_ms=cpu * 1e3, foreign=noise.cores())
