"""Builds what is measured: the library, the loads, the peers. What is up to date is left alone."""

import glob
import os
import re
import shutil
import subprocess
import tempfile

from .machine import BENCH, ROOT, fail, note

BUILT = os.path.join(BENCH, "target", "peers")
LOG = os.path.join(BUILT, "build.log")
OPENS = "--add-opens=java.base/java.lang=ALL-UNNAMED"
NATIVE = "--enable-native-access=ALL-UNNAMED"
SERIAL = "-XX:+UseSerialGC"  # of the JVMs that primitives and growth are measured in


class Missing(Exception):
    """Why a peer is left out."""


def find(tool, package):
    path = shutil.which(tool)
    if path is None:
        raise Missing(f"no {tool} on the PATH; install {package}")
    return path


def sources_in(*folders):
    return [
        os.path.join(folder, name)
        for start in folders
        for folder, folders_below, names in os.walk(start)
        for name in names
        if "target" not in folder.split(os.sep)
    ]


def up_to_date(product, sources):
    newest = max(os.path.getmtime(source) for source in sources)
    return os.path.exists(product) and os.path.getmtime(product) >= newest


def run(what, command, mend="see above", **options):
    """Runs a step of a build; its words go into the log, and to the user when it fails."""
    os.makedirs(BUILT, exist_ok=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    with open(LOG, "a") as log:
        log.write(f"$ {' '.join(command)}\n{done.stdout}\n")
    if done.returncode:
        raise Missing(f"{what} could not be built ({mend}): {done.stdout.strip()[-300:] or LOG}")


def c(source, *libraries, package="gcc libc6-dev"):
    """The program of a C file below bench/."""
    gcc = find("gcc", package)
    path = os.path.join(BENCH, source)
    program = os.path.join(BUILT, os.path.splitext(source)[0].replace("peers/", ""))
    header = os.path.join(BENCH, "load", "load.h")
    if not up_to_date(program, [path, header]):
        os.makedirs(os.path.dirname(program), exist_ok=True)
        command = [gcc, "-std=gnu17", "-O2", "-Wall", "-o", program, path]
        run(source, command + [f"-l{name}" for name in libraries], f"install {package}")
    return program


def go(name):
    """The program of a folder below peers/go."""
    folder = os.path.join(BENCH, "peers", "go")
    program = os.path.join(BUILT, "go", name)
    compiler = find("go", "golang-go")
    if not up_to_date(program, sources_in(folder)):
        run(f"go/{name}", [compiler, "build", "-o", program, f"./{name}"], cwd=folder)
    return program


def tokio(name):
    """A program of peers/tokio, with the crates that Debian keeps in a folder, or from crates.io."""
    cargo = find("cargo", "cargo librust-tokio-dev")
    folder = os.path.join(BENCH, "peers", "tokio")
    built = os.path.join(BUILT, "tokio")
    program = os.path.join(built, "release", name)
    if not up_to_date(program, sources_in(folder)):
        os.makedirs(built, exist_ok=True)
        command = [cargo, "build", "--release", "--target-dir", built]
        registry = os.environ.get("CARGO_REGISTRY", "/usr/share/cargo/registry")
        if os.path.isdir(registry):
            config = os.path.join(built, "crates.toml")
            with open(config, "w") as file:
                file.write(f'[source.crates-io]\nreplace-with = "debian"\n[source.debian]\ndirectory = "{registry}"\n')
            command += ["--offline", "--config", config]
        with tempfile.TemporaryDirectory() as work:  # where cargo may write its lock file
            copy = shutil.copytree(folder, os.path.join(work, "tokio"))
            run("tokio", command, "install librust-tokio-dev", cwd=copy)
        os.utime(program)
    return program


# ---- the JVM ----


def ours():
    """The library and its benchmarks in one jar."""
    if os.environ.get("BENCH_CLASSES"):
        return os.environ["BENCH_CLASSES"]
    jar = os.path.join(BENCH, "target", "benchmarks.jar")
    parts = [os.path.join(ROOT, part, "src", "main") for part in ("core", "bench")]
    if not up_to_date(jar, sources_in(*parts)):
        if shutil.which("mvn") is None:
            fail("no mvn on the PATH; install Maven 3.8.7 or newer")
        note("building the library and the benchmarks ...")
        command = ["mvn", "-q", "-f", os.path.join(ROOT, "pom.xml"), "-pl", "bench", "-am", "-Dfast", "package"]
        if subprocess.run(command).returncode:
            fail("the build failed; see above")
        os.utime(jar)
    return jar


def java_peers(jdk):
    """The jar of the peers that need nothing but the JDK."""
    folder = os.path.join(BENCH, "peers", "java")
    sampling = os.path.join(BENCH, "src", "main", "java", "dev", "asyncio", "bench", "Sampling.java")
    sources = sorted(glob.glob(os.path.join(folder, "*.java"))) + [sampling]
    jar = os.path.join(BUILT, "java-peers.jar")
    if not up_to_date(jar, sources):
        classes = os.path.join(BUILT, "java")
        javac = [os.path.join(jdk, "bin", "javac"), "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED"]
        run("the peers on the JDK", [*javac, "-d", classes, *sources])
        run("the peers on the JDK", [os.path.join(jdk, "bin", "jar"), "cf", jar, "-C", classes, "."])
    return jar


def jvm_peers(jdk):
    """The class path of the peers with libraries from Maven Central."""
    maven = find("mvn", "maven")
    shared = java_peers(jdk)
    folder = os.path.join(BENCH, "peers", "jvm")
    built = os.path.join(BUILT, "jvm")
    stamp = os.path.join(built, "built")
    if not up_to_date(stamp, [*sources_in(folder), shared]):
        note("building the peers from Maven Central ...")
        command = [maven, "-q", "-B", "-f", folder, f"-Dbuild.folder={built}", f"-Dshared.jar={shared}"]
        run("the JVM peers", [*command, "process-classes"], "Maven Central has to be reachable",
            env={**os.environ, "JAVA_HOME": jdk})
        with open(stamp, "w"):
            pass
    return os.pathsep.join([shared, os.path.join(built, "classes"), os.path.join(built, "lib", "*")])


def conscrypt():
    """The jar of Conscrypt, in the version that the library is tested with, from Maven's repository."""
    with open(os.path.join(ROOT, "pom.xml")) as file:
        version = re.search(r"<conscrypt\.version>(.*)<", file.read())[1]
    name = "conscrypt-openjdk-uber"
    folder = os.path.expanduser(f"~/.m2/repository/org/conscrypt/{name}/{version}")
    jar = os.path.join(folder, f"{name}-{version}.jar")
    if not os.path.exists(jar):
        raise Missing(f"no {jar}; get it with: mvn dependency:get -Dartifact=org.conscrypt:{name}:{version}")
    return jar


def library():
    """The library alone, as a program depends on it."""
    ours()
    return os.path.join(ROOT, "core", "target", "asyncio.jar")


def hello(jdk, name):
    """The jar of a program of one source file, which prints hello: bench/NAME.java."""
    source = os.path.join(BENCH, name + ".java")
    jar = os.path.join(BUILT, "hello", os.path.basename(name).lower() + ".jar")
    if not up_to_date(jar, [source, library()]):
        classes = os.path.join(BUILT, "hello", "classes", name)
        run(name, [os.path.join(jdk, "bin", "javac"), "-cp", library(), "-d", classes, source])
        run(name, [os.path.join(jdk, "bin", "jar"), "cf", jar, "-C", classes, "."])
    return jar


def aot_cache(jdk, name, class_path, flags, main):
    """An ahead-of-time cache for a program, made by a run of it."""
    cache = os.path.join(BUILT, "hello", name + ".aot")
    if not up_to_date(cache, class_path.split(os.pathsep)):
        command = [os.path.join(jdk, "bin", "java"), f"-XX:AOTCacheOutput={cache}", *flags]
        run(name, [*command, "-cp", class_path, main])
    return cache


# ---- TLS ----


def identity_files():
    folder = os.path.join(BUILT, "tls")
    return os.path.join(folder, "identity.pem"), os.path.join(folder, "identity.p12")


def identity():
    """A self-signed certificate and its key (ECDSA, P-256): as PEM, and as the JDK reads it."""
    openssl = find("openssl", "openssl")
    pem, store = identity_files()
    if not os.path.exists(store):
        folder = os.path.dirname(pem)
        os.makedirs(folder, exist_ok=True)
        key, certificate = os.path.join(folder, "key"), os.path.join(folder, "certificate")
        make = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        make += ["-subj", "/CN=localhost", "-days", "3650", "-keyout", key, "-out", certificate]
        run("the certificate", [openssl, *make])
        with open(pem, "w") as out:
            for part in (certificate, key):
                with open(part) as source:
                    out.write(source.read())
        pack = ["pkcs12", "-export", "-in", pem, "-out", store, "-passout", "pass:changeit"]
        run("the certificate", [openssl, *pack])
    return pem, store
