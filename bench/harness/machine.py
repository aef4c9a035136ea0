"""The machine: its JDK and Pythons, its cores, the CPU clocks of processes, and who disturbs."""

import glob
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

BENCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(BENCH)
JAVA_RELEASE = 25


def fail(message):
    sys.exit(f"{os.path.basename(sys.argv[0])}: {message}")


def note(message):
    print(message, file=sys.stderr, flush=True)


def prepare():
    """SIGTERM and SIGHUP end the run as Ctrl-C does, through the finally blocks that stop servers."""
    if not sys.platform.startswith("linux"):
        fail("needs Linux: it reads the CPU clocks of other processes, and the load uses epoll")

    def stop(number, _frame):
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # servers inherit it


def cores():
    """One for the server, another for the load."""
    mine = sorted(os.sched_getaffinity(0))
    if len(mine) < 2:
        fail("needs two cores, one for the server and one for the load")
    return mine[:1], mine[1:2]


def halves():
    """Those for servers of several loops, and as many others for their loads."""
    cores()
    mine = sorted(os.sched_getaffinity(0))
    half = len(mine) // 2
    return mine[:half], mine[half:2 * half]


def pin(cores):
    """What a process that is being started calls (Popen's preexec_fn), so that it runs on these cores only."""
    return lambda: os.sched_setaffinity(0, cores)


# ---- the JDK and the Pythons ----


def release_of(home, program="javac"):
    """The feature release of the JDK at home, or 0 where there is none with that program."""
    try:
        with open(os.path.join(home, "release")) as file:
            found = re.search(r'^JAVA_VERSION="(\d+)', file.read(), re.M)
    except OSError:
        return 0
    return int(found[1]) if found and os.path.exists(os.path.join(home, "bin", program)) else 0


def find_jdk(program="javac"):
    """The home of a JDK that can build and run the library: JAVA_HOME, the PATH, then the usual folders.

    One that has "java" need only run it, as an image made by jlink can.
    """
    homes = [os.environ[name] for name in ("ASYNCIO_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    if shutil.which("java"):
        homes.append(os.path.dirname(os.path.dirname(os.path.realpath(shutil.which("java")))))
    for pattern in ("/usr/lib/jvm/*", "/opt/*", "~/.jdks/*", "~/.sdkman/candidates/java/*"):
        homes += sorted(glob.glob(os.path.expanduser(pattern)))
    for home in homes:
        if release_of(home, program) >= JAVA_RELEASE:
            return home
    fail(
        f"no JDK {JAVA_RELEASE} or newer with bin/{program} in JAVA_HOME, on the PATH, in /usr/lib/jvm, /opt, ~/.jdks"
        f" or ~/.sdkman; install one (https://adoptium.net) or set JAVA_HOME"
    )


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


def fastest_python():
    """The CPython on the PATH that switches coroutines fastest, so that the comparison is a fair one."""
    probe = (
        "import asyncio, time\n"
        "async def spin():\n"
        "  for _ in range(2000): await asyncio.sleep(0)\n"
        "async def main():\n"
        "  start = time.process_time()\n"
        "  await asyncio.gather(*[spin() for _ in range(50)])\n"
        "  print(time.process_time() - start)\n"
        "asyncio.run(main())\n"
    )
    times = {path: [] for path in pythons()}
    for _ in range(2):  # in turn, so that noise hits all alike
        for path in times:
            try:
                run = subprocess.run([path, "-c", probe], capture_output=True, text=True, timeout=30)
                times[path].append(float(run.stdout))
            except (OSError, ValueError, subprocess.TimeoutExpired):
                pass
    answers = {path: min(answer) for path, answer in times.items() if answer}
    return min(answers, key=answers.get) if answers else None


def describe(jdk):
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
    version = release.get("JAVA_RUNTIME_VERSION", release["JAVA_VERSION"])  # an image of jlink has the latter alone
    java = " ".join(word.strip('"') for word in (release.get("IMPLEMENTOR", ""), version))
    kernel = os.uname()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {model}, {memory:.0f} GB; {kernel.sysname}"
        f" {kernel.release.split('-')[0]}; JDK {java.strip()}; {time.strftime('%Y-%m-%d')}"
    )


# ---- clocks and noise ----


def cpu_seconds(pid):
    """User and system time of a running process, from its own CPU clock."""
    return time.clock_gettime((~pid << 3) | 2)


class Noise:
    """Cores that programs other than this one, its children and the given ones use meanwhile."""

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
        return round(max(0.0, (after - before) / max(now - then, 1e-3)), 3)
