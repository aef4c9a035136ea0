"""What the side-by-side benchmarks share: the JDK, the builds, the noise of the machine, the table.

Python 3.9 and its standard library, nothing else.
"""

import glob
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time

BENCH = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(BENCH)
BUILT = os.path.join(BENCH, "target", "native")
JAVA_RELEASE = 25
OPENS = "--add-opens=java.base/java.lang=ALL-UNNAMED"

QUIET = 0.15  # cores: with more than this used by other programs, a sample counts as disturbed


def fail(message):
    sys.exit(f"{os.path.basename(sys.argv[0])}: {message}")


def stop_on_signals():
    """SIGTERM and SIGHUP end the run as Ctrl-C does: through the finally blocks that stop servers."""

    def stop(number, _frame):
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)


def require(tool, package):
    if shutil.which(tool) is None:
        fail(f"{tool} was not found on the PATH; install {package}")


# ---- what is measured ----


def release_of(home):
    """The feature release of the JDK at home, or 0 where there is none."""
    try:
        with open(os.path.join(home, "release")) as file:
            found = re.search(r'^JAVA_VERSION="(\d+)', file.read(), re.M)
    except OSError:
        return 0
    return int(found[1]) if found and os.path.exists(os.path.join(home, "bin", "javac")) else 0


def find_jdk():
    """The home of a JDK that can run the library: JAVA_HOME, the PATH, then the usual folders."""
    homes = [os.environ[name] for name in ("ASYNCIO_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    if shutil.which("java"):
        homes.append(os.path.dirname(os.path.dirname(os.path.realpath(shutil.which("java")))))
    for pattern in ("/usr/lib/jvm/*", "/opt/*", "~/.jdks/*", "~/.sdkman/candidates/java/*"):
        homes += sorted(glob.glob(os.path.expanduser(pattern)))
    for home in homes:
        if release_of(home) >= JAVA_RELEASE:
            return home
    fail(
        f"no JDK {JAVA_RELEASE} or newer in JAVA_HOME, on the PATH, in /usr/lib/jvm, /opt, ~/.jdks or"
        f" ~/.sdkman; install one (https://adoptium.net) or set JAVA_HOME"
    )


def class_path():
    """The compiled library and benchmarks, built first if they are missing or out of date."""
    if os.environ.get("BENCH_CLASSES"):
        return os.environ["BENCH_CLASSES"]
    jar = os.path.join(BENCH, "target", "benchmarks.jar")
    sources = [
        os.path.join(folder, name)
        for part in ("core", "bench")
        for folder, _, names in os.walk(os.path.join(ROOT, part, "src", "main"))
        for name in names
    ]
    newest = max(os.path.getmtime(source) for source in sources)
    if not os.path.exists(jar) or os.path.getmtime(jar) < newest:
        require("mvn", "Maven 3.8.7 or newer")
        print("building the library and the benchmarks ...", file=sys.stderr)
        build = ["mvn", "-q", "-f", os.path.join(ROOT, "pom.xml"), "-pl", "bench", "-am"]
        if subprocess.run([*build, "-DskipTests", "package"]).returncode:
            fail("the build failed; see above")
    return jar


def compile_c(name):
    """Compiles c/NAME.c with gcc when its program is missing or older."""
    require("gcc", "gcc (Debian and Ubuntu: apt install gcc libc6-dev)")
    source, program = os.path.join(BENCH, "c", name + ".c"), os.path.join(BUILT, name)
    os.makedirs(BUILT, exist_ok=True)
    if not os.path.exists(program) or os.path.getmtime(program) < os.path.getmtime(source):
        if subprocess.run(["gcc", "-std=gnu17", "-O2", "-Wall", "-o", program, source]).returncode:
            fail(f"gcc could not compile {source}; see above")
    return program


def fastest_python():
    """The CPython on the PATH that switches coroutines fastest, so that the comparison is a fair one."""
    probe = (
        "import asyncio, time\n"
        "async def spin():\n"
        "  for _ in range(2000): await asyncio.sleep(0)\n"
        "async def main():\n"
        "  start = time.process_time()\n"
        "  await asyncio.gather(*[spin() for _ in range(100)])\n"
        "  print(time.process_time() - start)\n"
        "asyncio.run(main())\n"
    )
    times = {path: [] for path in pythons()}
    for _ in range(3):  # in turn, so that noise hits all alike
        for path in times:
            try:
                run = subprocess.run([path, "-c", probe], capture_output=True, text=True, timeout=30)
                times[path].append(float(run.stdout))
            except (OSError, ValueError, subprocess.TimeoutExpired):
                pass
    answers = {path: min(answer) for path, answer in times.items() if answer}
    if not answers:
        fail("no CPython with asyncio was found on the PATH; install python3")
    return min(answers, key=answers.get)


def pythons():
    """Each CPython on the PATH once."""
    names = ["python3"] + [f"python3.{minor}" for minor in range(11, 20)]
    folders = os.environ.get("PATH", "").split(os.pathsep) + ["/usr/bin"]
    found = {}
    for folder in folders:
        for name in names:
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK):
                found.setdefault(os.path.realpath(path), path)
    return list(found.values())


def python_with(module):
    """The first CPython on the PATH that can import the module, or None."""
    for path in pythons():
        try:
            run = subprocess.run([path, "-c", f"import {module}"], capture_output=True, timeout=30)
        except (OSError, subprocess.TimeoutExpired):
            continue
        if run.returncode == 0:
            return path
    return None


def machine(jdk):
    """One line that says where the numbers come from."""
    model = "unknown CPU"
    try:
        with open("/proc/cpuinfo") as file:
            info = file.read()
        model = re.search(r"^model name\s*:\s*(.*)$", info, re.M)[1]
        family = re.search(r"^cpu family\s*:\s*(.*)$", info, re.M)[1]
        model += f" (family {family})"
    except (OSError, TypeError):
        pass
    with open(os.path.join(jdk, "release")) as file:
        release = dict(line.strip().split("=", 1) for line in file if "=" in line)
    java = " ".join(release.get(key, "").strip('"') for key in ("IMPLEMENTOR", "JAVA_RUNTIME_VERSION"))
    kernel = os.uname()
    return (
        f"{os.cpu_count()} cores, {model}; {kernel.sysname} {kernel.release.split('-')[0]};"
        f" JDK {java.strip()}; {time.strftime('%Y-%m-%d')}"
    )


# ---- noise ----


class Noise:
    """Cores that programs other than the given ones use while a sample is taken."""

    def __init__(self, *pids):
        self.pids = pids
        self.start = self._reading()

    def _reading(self):
        with open("/proc/stat") as file:
            times = [int(word) for word in file.readline().split()[1:]]
        busy = (sum(times[:3]) + sum(times[5:8])) / os.sysconf("SC_CLK_TCK")
        own = time.process_time() + sum(os.times()[2:4]) + sum(cpu_seconds(pid) for pid in self.pids)
        return time.monotonic(), busy - own

    def cores(self):
        then, before = self.start
        now, after = self._reading()
        return max(0.0, (after - before) / max(now - then, 1e-3))


def cpu_seconds(pid):
    """User and system time of a running process, from its own CPU clock."""
    return time.clock_gettime((~pid << 3) | 2)


def quiet(samples):
    """The samples that nothing disturbed, or all of them where fewer than three are quiet."""
    calm = [sample for sample in samples if sample["foreign"] <= QUIET]
    return calm if len(calm) >= 3 else samples


def median(samples, key):
    values = [sample[key] for sample in quiet(samples) if key in sample]
    return statistics.median(values) if values else None


def paired(samples, base, key):
    """Median over the rounds of a sample against the base's sample of the same round."""
    by_round = {sample["round"]: sample for sample in base}
    ratios = [
        {"ratio": sample[key] / by_round[sample["round"]][key],
         "foreign": max(sample["foreign"], by_round[sample["round"]]["foreign"])}
        for sample in samples
        if key in sample and by_round.get(sample["round"], {}).get(key)
    ]
    return median(ratios, "ratio")


# ---- the table ----


def number(value, digits=3):
    if value is None:
        return "-"
    if abs(value) >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    return f"{value:.{digits}g}"


def ratio(value, sign=""):
    return "-" if value is None else f"{value:.2f}{sign}" if value < 10 else f"{value:.0f}{sign}"


def table(head, rows):
    """Prints a Markdown table, first column to the left, numbers to the right."""
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def line(cells):
        padded = [cells[0].ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:])]
        return "| " + " | ".join(padded) + " |"

    print(line(head))
    rules = ["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]
    print("| " + " | ".join(rules) + " |")
    for row in rows:
        print(line(row))
