"""Who takes part in which area, and the command that starts it.

A peer whose tools are missing is left out, with a line that says what to install.
"""

import os
from dataclasses import dataclass, field
from typing import Optional

from . import build, machine
from .build import BENCH, NATIVE, OPENS, SERIAL, Missing
from .machine import note

# How much of the warm-up a peer needs: a JIT compiler most of all.
JVM, NODE, COMPILED = 1.0, 0.2, 0.03


@dataclass
class Peer:
    name: str
    command: list
    warm: float = COMPILED
    cells: Optional[tuple] = None  # those it takes part in; all
    environment: dict = field(default_factory=lambda: {"GOMAXPROCS": "1"})

    @property
    def is_jvm(self):
        return self.warm == JVM


class Catalogue:
    """Makes the peers that are asked for, and nothing else."""

    def __init__(self, jdk, only):
        self.jdk = jdk
        self.only = only
        self.found = {}

    def of(self, area):
        makers = getattr(self, area)()
        peers = []
        for name, make in makers.items():
            if not self.only.search(name):
                continue
            try:
                peer = make()
            except Missing as why:
                note(f"{name} is left out: {why}")
                continue
            peer.name = name
            peers.append(peer)
        return peers

    @staticmethod
    def order(area):
        """The names of all that an area can have, in the order of the tables."""
        return list(getattr(Catalogue(None, None), area)())

    # ---- commands ----

    def _once(self, key, make):
        if key not in self.found:
            self.found[key] = make()
        return self.found[key]

    def _python(self, kind, script, *arguments):
        if kind == "uvloop":
            python = self._once("uvloop", lambda: machine.python_with("uvloop"))
            if python is None:
                raise Missing("no python3 on the PATH can import uvloop; install python3-uvloop")
        else:
            python = self._once("asyncio", machine.fastest_python)
            if python is None:
                raise Missing("no python3 with asyncio on the PATH; install python3")
        return Peer(kind, [python, os.path.join(BENCH, "peers", "python", script), *arguments])

    def _node(self, script, *arguments):
        node = build.find("node", "nodejs")
        flags = ["--expose-gc", "--max-old-space-size=8192"] if script == "primitives.mjs" else []
        return Peer("node", [node, *flags, os.path.join(BENCH, "peers", "node", script), *arguments], NODE)

    def _java(self, class_path, *arguments, flags=(), cells=None):
        command = [os.path.join(self.jdk, "bin", "java"), NATIVE, *flags, "-cp", class_path, *arguments]
        return Peer("java", command, JVM, cells)

    def _ours(self, engine, *arguments, flags=(), cells=None, jars=()):
        opens = [OPENS] if engine == "carried" else []
        flags = [*opens, f"-Dasyncio.engine={engine}", *flags]
        return self._java(os.pathsep.join([build.ours(), *jars]), *arguments, flags=flags, cells=cells)

    def _maven(self, *arguments, flags=()):
        # for Netty's buffers and for its io_uring
        flags = ["--sun-misc-unsafe-memory-access=allow", *flags]
        return self._java(build.jvm_peers(self.jdk), *arguments, flags=flags)

    def _echo(self, kind, *arguments):
        program = ["dev.asyncio.bench.EchoServer", kind]
        return {
            "ours-protocol": lambda: self._ours("carried", *program, "protocol", *arguments),
            "ours-streams": lambda: self._ours("carried", *program, "streams", *arguments),
        }

    def _conscrypt(self, *arguments):
        flags = ["-Dprovider=org.conscrypt.OpenSSLProvider"]
        return self._ours("carried", "dev.asyncio.bench.EchoServer", "tls", "protocol", *arguments,
                          flags=flags, jars=[build.conscrypt()])

    def _portable(self):
        return {
            "ours-portable": lambda: self._ours("portable", "dev.asyncio.bench.EchoServer", "tcp", "streams")
        }

    def _pythons(self, kind, *arguments, styles=("protocol", "streams")):
        return {
            f"{loop}-{style}": lambda loop=loop, style=style: self._python(
                loop, "echo.py", loop, kind, style, *arguments
            )
            for loop in ("uvloop", "asyncio")
            for style in styles
        }

    # ---- areas with servers; the first one is what the others are compared with ----

    def tcp(self):
        return {
            "c-epoll": lambda: Peer("", [build.c("peers/c/epoll_echo.c")]),
            **self._echo("tcp"),
            "ours-streams-buffer": lambda: self._ours(
                "carried", "dev.asyncio.bench.EchoServer", "tcp", "streams-buffer"
            ),
            **self._portable(),
            "c-uring": lambda: Peer("", [build.c("peers/c/uring_echo.c", "uring", package="liburing-dev")]),
            "libuv": lambda: Peer("", [build.c("peers/c/libuv_echo.c", "uv", package="libuv1-dev")]),
            "tokio": lambda: Peer("", [build.tokio("echo")]),
            "go": lambda: Peer("", [build.go("echo")]),
            "node": lambda: self._node("echo.mjs"),
            "java-nio": lambda: self._java(build.java_peers(self.jdk), "NioEcho"),
            "java-nio-arrays": lambda: self._java(build.java_peers(self.jdk), "NioEcho", "arrays"),
            "java-epoll": lambda: self._java(build.java_peers(self.jdk), "EpollEcho"),
            "java-epoll-arrays": lambda: self._java(build.java_peers(self.jdk), "EpollEcho", "arrays"),
            "java-vt": lambda: self._java(build.java_peers(self.jdk), "VirtualThreadEcho"),
            "netty-nio": lambda: self._maven("NettyEcho", "nio"),
            "netty-epoll": lambda: self._maven("NettyEcho", "epoll"),
            "netty-uring": lambda: self._maven("NettyEcho", "uring"),
            "vertx": lambda: self._maven("VertxEcho"),
            **self._pythons("tcp"),
        }

    idle = tcp

    def accept(self):
        peers = self.tcp()
        del peers["ours-streams-buffer"]  # what that takes is making a direct buffer for each
        return peers

    def tls(self):
        pem, store = build.identity_files()
        openssl = {"package": "libssl-dev"}
        peers = {
            "c-openssl": lambda: Peer("", [build.c("peers/c/tls_echo.c", "ssl", "crypto", **openssl), pem]),
            **self._echo("tls", store),
            "ours-conscrypt": lambda: self._conscrypt(store),
            "java-nio": lambda: self._java(build.java_peers(self.jdk), "NioTlsEcho", store),
            "java-nio-conscrypt": lambda: self._java(
                os.pathsep.join([build.java_peers(self.jdk), build.conscrypt()]), "NioTlsEcho", store,
                flags=["-Dprovider=org.conscrypt.OpenSSLProvider"]),
            "go": lambda: Peer("", [build.go("echo"), pem]),
            "node": lambda: self._node("echo.mjs", pem),
            "netty-jdk": lambda: self._maven("NettyEcho", "nio", "jdk", pem),
            "netty-boringssl": lambda: self._maven("NettyEcho", "epoll", "boringssl", pem),
            **self._pythons("tls", pem),
        }
        return {name: lambda make=make: build.identity() and make() for name, make in peers.items()}

    def udp(self):
        protocol = self._echo("udp")["ours-protocol"]
        return {
            "c-epoll": lambda: Peer("", [build.c("peers/c/udp_echo.c")]),
            "ours-protocol": protocol,
            **self._pythons("udp", styles=("protocol",)),
        }

    def unix(self):
        return {
            "c-epoll": lambda: Peer("", [build.c("peers/c/epoll_echo.c")]),
            **self._echo("unix"),
            **self._pythons("unix"),
        }

    # ---- areas with a process a sample; the first one is ours ----

    def primitives(self):
        """All JVMs have one collector, the one that they take by themselves on one core; -g1 has what they take on two."""
        program = "dev.asyncio.bench.Primitives"
        heap = "-Xmx8g"
        room = ["-Xms6g", "-Xmn4g", "-XX:+UseTransparentHugePages"]  # for all that a million tasks take
        one = "-Djdk.virtualThreadScheduler.parallelism=1"
        bare = "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED"

        def ours(engine, *flags, cells=None):
            return lambda: self._ours(engine, program, flags=[heap, *flags], cells=cells)

        def alone(main, *flags):
            return lambda: self._java(build.java_peers(self.jdk), main, flags=[heap, SERIAL, *flags])

        return {
            "ours": ours("carried", SERIAL),
            "ours-g1": ours("carried"),
            "ours-portable": ours("portable", SERIAL, one),
            "ours-portable-g1": ours("portable"),
            "ours-compact": ours("carried", SERIAL, "-XX:+UseCompactObjectHeaders", cells=("parked",)),
            "ours-roomy": ours("carried", SERIAL, *room, cells=("parked",)),
            "java-continuation": alone("ContinuationPrimitives", bare),
            "java-mounted": alone("MountedPrimitives", bare, OPENS),
            "java-park": alone("ParkPrimitives", one),
            "java-vt": alone("VirtualThreadPrimitives", one, "-Djdk.virtualThreadScheduler.maxPoolSize=1"),
            "java-stpe": alone("ExecutorPrimitives"),
            "netty-epoll": lambda: self._maven("NettyPrimitives", flags=[heap, SERIAL]),
            "kotlin": lambda: self._maven("KotlinPrimitives", flags=[heap, SERIAL]),
            "go": lambda: Peer("", [build.go("primitives")]),
            "tokio": lambda: Peer("", [build.tokio("primitives")]),
            "node": lambda: self._node("primitives.mjs"),
            "uvloop": lambda: self._python("uvloop", "primitives.py", "uvloop"),
            "asyncio": lambda: self._python("asyncio", "primitives.py", "asyncio"),
        }

    def startup(self):
        def ours(*flags):
            path = os.pathsep.join([build.library(), build.hello(self.jdk, "startup/Hello")])
            return [os.path.join(self.jdk, "bin", "java"), *flags, OPENS, NATIVE, "-cp", path, "Hello"]

        def cached(name, command):
            cache = build.aot_cache(self.jdk, name, command[-2], command[1:-3], command[-1])
            return [command[0], f"-XX:AOTCache={cache}", *command[1:]]

        def plain():
            path = build.java_peers(self.jdk)
            return [os.path.join(self.jdk, "bin", "java"), "-cp", path, "Hello"]

        script = [os.path.join(machine.ROOT, "asyncio"), "run", os.path.join(BENCH, "startup", "Hello.java")]
        return {
            "ours": lambda: Peer("", ours()),
            "ours-aot": lambda: Peer("", cached("ours", ours())),
            "ours-run": lambda: Peer("", script),
            "java": lambda: Peer("", plain()),
            "java-aot": lambda: Peer("", cached("java", plain())),
            "kotlin": lambda: Peer("", [os.path.join(self.jdk, "bin", "java"), "-cp",
                                        build.jvm_peers(self.jdk), "KotlinHello"]),
            "go": lambda: Peer("", [build.go("hello")]),
            "tokio": lambda: Peer("", [build.tokio("hello")]),
            "node": lambda: self._node("hello.mjs"),
            "asyncio": lambda: self._python("asyncio", "hello.py"),
        }
