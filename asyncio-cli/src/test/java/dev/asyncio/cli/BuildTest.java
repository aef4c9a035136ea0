package dev.asyncio.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.cli.Script.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * When the script builds, and what it says about it. It runs in a copy of the repository's outline
 * with stand-ins for Maven and for the JDK, each of which notes that it was called.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class BuildTest {
  private static final String BUILDING = "asyncio: building the library ";
  private static final String PREPARING = "asyncio: preparing a faster start ... done\n";

  /** What the stand-in for Maven does. */
  private static final String BUILD =
      """
      echo built >> "$0.log"
      cd "$(dirname "$4")/asyncio-cli"
      mkdir -p target/lib
      touch target/lib/asyncio.jar target/asyncio-cli.jar
      """;

  @TempDir Path folder;
  private Path repository;
  private Path tools;
  private Path jar;
  private Path source;

  @BeforeEach
  void outlineOfTheRepository() throws IOException {
    repository = Files.createDirectory(folder.resolve("the repository"));
    tools = Files.createDirectory(folder.resolve("tools"));
    Files.copy(Script.HOME.resolve("asyncio"), repository.resolve("asyncio"));
    copy("tools/jdk25.sh");
    for (String path :
        List.of("pom.xml", "core/pom.xml", "asyncio-javac/pom.xml", "asyncio-cli/pom.xml")) {
      aged(repository.resolve(path));
    }
    source = aged(repository.resolve("core/src/main/A.java"));
    aged(repository.resolve("asyncio-javac/src/main/A.java"));
    aged(repository.resolve("asyncio-cli/src/main/B.java"));
    jar = repository.resolve("asyncio-cli/target/asyncio-cli.jar");

    Path jdk = tools.resolve("jdk");
    program(jdk.resolve("bin/java"), "echo \"ran $*\" | sed 's/.*Main/Main/'");
    program(jdk.resolve("bin/javac"), "");
    Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"none\"\nJAVA_VERSION=\"25.0.1\"\n");
    program(tools.resolve("mvn"), BUILD);
  }

  @Test
  void the_first_use_builds_and_the_next_does_not() throws Exception {
    assertEquals(
        new Ended(
            0,
            "Main run A.java\n",
            BUILDING + "(first use, takes a minute) ... done\n" + PREPARING),
        asyncio());
    assertEquals(new Ended(0, "Main run A.java\n", ""), asyncio());
  }

  @Test
  void a_source_newer_than_the_jar_is_built() throws Exception {
    asyncio();
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(5)));
    assertEquals(BUILDING + "(its sources changed) ... done\n" + PREPARING, asyncio().err());
  }

  @Test
  void what_was_built_otherwise_is_only_prepared_for_a_faster_start() throws Exception {
    asyncio();
    Path cache = jar.resolveSibling("asyncio.aot");
    assertEquals(0, Files.size(cache), "the stand-in made none, which is not tried again");
    Files.writeString(cache, "older than the jar");
    Files.setLastModifiedTime(cache, FileTime.from(Instant.now().minusSeconds(3600)));
    assertEquals(new Ended(0, "Main run A.java\n", PREPARING), asyncio());
    assertEquals(new Ended(0, "Main run A.java\n", ""), asyncio());
  }

  @Test
  void a_source_that_was_removed_is_noticed() throws Exception {
    asyncio();
    Files.delete(source);
    Path parent = source.getParent();
    Files.setLastModifiedTime(parent, FileTime.from(Instant.now().plusSeconds(5)));
    assertTrue(asyncio().err().startsWith(BUILDING));
  }

  @Test
  void a_failed_build_shows_what_maven_said() throws Exception {
    program(tools.resolve("mvn"), "echo 'A.java: not good'; exit 1");
    Ended ended = asyncio();
    assertEquals(2, ended.status());
    assertEquals("", ended.out());
    assertTrue(ended.err().contains("failed\nA.java: not good\n"), ended.err());
  }

  @Test
  void the_lock_of_a_killed_build_is_taken_over() throws Exception {
    Path lock = Files.createDirectories(jar.resolveSibling("build.lock"));
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    Files.writeString(lock.resolve("owner"), ended.pid() + "\n");
    assertEquals(0, asyncio().status());
  }

  @Test
  void of_two_started_at_once_one_builds_and_the_other_waits() throws Exception {
    Path released = tools.resolve("released");
    String waiting = "until [ -f '%s' ]; do sleep 0.05; done\n".formatted(released);
    program(tools.resolve("mvn"), waiting + BUILD);
    Process one = start();
    Process two = start();
    Files.createFile(released);
    assertEquals(0, Script.end(one).status());
    assertEquals(0, Script.end(two).status());
    assertEquals(List.of("built"), Files.readAllLines(tools.resolve("mvn.log")));
  }

  @Test
  void without_maven_it_says_what_to_install() throws Exception {
    Path few = Files.createDirectory(folder.resolve("few"));
    for (String name : List.of("dirname", "find", "head")) {
      program(few.resolve(name), "PATH='" + System.getenv("PATH") + "' exec " + name + " \"$@\"");
    }
    Ended ended = Script.end(start(few.toString()));
    assertEquals(2, ended.status());
    assertTrue(ended.err().contains("install Maven"), ended.err());
  }

  @Test
  void without_a_jdk_25_it_says_where_it_looked_and_what_to_install() throws Exception {
    // The real search looks at this machine; what it says when that fails is the same text.
    String search = "is_jdk25() { return 1; }; find_jdk25";
    Process process =
        new ProcessBuilder("sh", "-c", ". tools/jdk25.sh; " + search)
            .directory(repository.toFile())
            .start();
    Ended ended = Script.end(process);
    assertEquals(1, ended.status());
    for (String part : List.of("no JDK 25 found", "JAVA_HOME", "/usr/lib/jvm", "Install")) {
      assertTrue(ended.err().contains(part), ended.err());
    }
  }

  private Ended asyncio() throws Exception {
    return Script.end(start());
  }

  private Process start() throws IOException {
    return start(tools + ":" + System.getenv("PATH"));
  }

  private Process start(String path) throws IOException {
    var builder = new ProcessBuilder(List.of(repository + "/asyncio", "run", "A.java"));
    builder.environment().remove("ASYNCIO_CLASS_PATH");
    builder.environment().put("JAVA_HOME", tools.resolve("jdk").toString());
    builder.environment().put("PATH", path);
    return builder.start();
  }

  private void copy(String path) throws IOException {
    Path to = repository.resolve(path);
    Files.createDirectories(to.getParent());
    Files.copy(Script.HOME.resolve(path), to);
  }

  /** A file from before the build. */
  private static Path aged(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");
    var hourAgo = FileTime.from(Instant.now().minusSeconds(3600));
    Files.setLastModifiedTime(file, hourAgo);
    Files.setLastModifiedTime(file.getParent(), hourAgo);
    return file;
  }

  private static void program(Path file, String commands) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/sh\n" + commands + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
