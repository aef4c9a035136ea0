"""What is to be reached, and whether it was: medians, or ratios to a peer in the same rounds."""

from .report import number, ratio, table
from .samples import median, paired

# area, cell, ours, key, bound, peer: at most bound, or at most bound times the peer.
# "rps" is at least, everything else at most.
TARGETS = [
    ("primitives", "call_soon", "ours", "cpu_ns", 18, None),
    ("primitives", "switch", "ours", "cpu_ns", 1.15, "java-continuation"),
    ("primitives", "switch", "ours-portable", "cpu_ns", 350, None),
    ("primitives", "spawn", "ours", "cpu_ns", 135, None),
    ("primitives", "queue_1", "ours", "cpu_ns", 250, None),
    ("primitives", "queue_100", "ours", "cpu_ns", 30, None),
    ("primitives", "sleep", "ours", "cpu_ns", 1200, None),
    ("primitives", "call_later", "ours", "cpu_ns", 600, None),
    ("primitives", "timer_cancel", "ours", "cpu_ns", 160, None),
    ("primitives", "lock", "ours", "cpu_ns", 4, None),
    ("primitives", "lock_100", "ours", "cpu_ns", 330, None),
    ("primitives", "await_done", "ours", "cpu_ns", 2, None),
    ("primitives", "await_soon", "ours", "cpu_ns", 150, None),
    ("primitives", "post", "ours", "cpu_ns", 30, None),
    ("primitives", "ping", "ours", "cpu_ns", 36_000, None),
    ("primitives", "parked", "ours-compact", "heap_bytes", 400, None),
    ("primitives", "parked", "ours", "park_cpu_ns", 1200, None),
    *(
        ("tcp", f"{size}/{count}", f"ours-{style}", "server_us", bound, "c-epoll")
        for style, small, large in (("protocol", 1.05, 1.10), ("streams", 1.10, 1.20))
        for size, bound in (("1K", small), ("10K", small), ("100K", large))
        for count in (10, 100, 1000)
    ),
    ("tcp", "1K/100", "ours-protocol", "rps", 0.97, "c-epoll"),
    ("tcp", "1K/100", "ours-streams", "rps", 0.93, "c-epoll"),
    ("tls", "1K/100", "ours-protocol", "server_us", 1.0, "c-openssl"),
    ("tls", "10K/100", "ours-protocol", "server_us", 0.95, "c-openssl"),
    ("tls", "100K/100", "ours-protocol", "server_us", 0.95, "c-openssl"),
    ("tls", "handshake", "ours-protocol", "server_us", 850, None),
    ("tls", "1K/100", "ours-conscrypt", "server_us", 0.9, "c-openssl"),
    ("tls", "10K/100", "ours-conscrypt", "server_us", 0.9, "c-openssl"),
    ("tls", "100K/100", "ours-conscrypt", "server_us", 0.75, "c-openssl"),
    ("tls", "handshake", "ours-conscrypt", "server_us", 400, None),
    ("accept", "accept", "ours-protocol", "server_us", 1.05, "c-epoll"),
    ("accept", "accept", "ours-streams", "server_us", 1.15, "c-epoll"),
    ("idle", "idle", "ours-protocol", "heap_bytes", 1200, None),
    ("idle", "idle", "ours-streams", "heap_bytes", 1800, None),
    ("startup", "hello", "ours-aot", "ms", 55, None),
    ("startup", "hello", "ours-run", "ms", 150, None),
]
UNITS = {"cpu_ns": "ns", "park_cpu_ns": "ns to park", "heap_bytes": "bytes", "server_us": "µs", "ms": "ms", "rps": "/s"}


def text(samples, markdown):
    """A table of those targets whose samples are there; an empty text without any."""
    rows = []
    for area, cell, ours, key, bound, peer in TARGETS:
        mine = samples.of(area=area, cell=cell, peer=ours)
        if peer is None:
            value, shown = median(mine, key), number
        else:
            value, shown = paired(mine, samples.of(area=area, cell=cell, peer=peer), key), ratio
        if value is None:
            continue
        unit = UNITS[key] if peer is None else f"× {peer}'s {'requests/s' if key == 'rps' else 'CPU'}"
        at_least = key == "rps"
        holds = value >= bound if at_least else value <= bound
        rows.append([f"{area} {cell} {ours}", f"{'≥' if at_least else '≤'} {bound:,g} {unit}", shown(value),
                     "yes" if holds else "NO"])
    if not rows:
        return ""
    title = "## Targets\n" if markdown else "Targets\n=======\n"
    return title + "\n" + table(["", "target", "measured", "holds"], rows, markdown)
