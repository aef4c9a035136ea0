package dev.asyncio.process;

import static dev.asyncio.Asyncio.createSubprocessExec;
import static dev.asyncio.Asyncio.createSubprocessShell;
import static dev.asyncio.SubprocessOptions.PIPE;
import static dev.asyncio.SubprocessOptions.STDOUT;
import static dev.asyncio.SubprocessOptions.appendTo;
import static dev.asyncio.SubprocessOptions.file;
import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.start;
import static dev.asyncio.net.Loopback.text;
import static dev.asyncio.net.Loopback.ticks;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.AsyncioLog;
import dev.asyncio.CancelledError;
import dev.asyncio.ProcessLookupException;
import dev.asyncio.SubprocessOptions;
import dev.asyncio.Task;
import dev.asyncio.TimeoutException;
import dev.asyncio.stream.StreamReader;
import dev.asyncio.stream.StreamWriter;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Real children, on both mechanisms. */
@ParameterizedClass
@ValueSource(strings = {"native", "jdk"})
@Timeout(120)
class AsyncProcessTest {
  private static final SubprocessOptions DEFAULTS = SubprocessOptions.defaults();
  private static final SubprocessOptions PIPES = SubprocessOptions.pipes();

  @RegisterExtension final ChildrenBy children = new ChildrenBy();
  @Parameter String mechanism = "";
  @TempDir Path folder = Path.of("");

  @BeforeEach
  void force() {
    children.use(mechanism);
  }

  private static AsyncProcess sh(String script, SubprocessOptions options) {
    return createSubprocessShell(script, options).await();
  }

  private static AsyncProcess exec(SubprocessOptions options, String... command) {
    return createSubprocessExec(List.of(command), options).await();
  }

  private static String output(AsyncProcess process) {
    return text(Objects.requireNonNull(process.communicate().await().stdout()));
  }

  private static byte[] noise(int size) {
    byte[] noise = new byte[size];
    new Random(size).nextBytes(noise);
    return noise;
  }

  // --- exit codes

  @Test
  void exit_codes_and_deaths_by_signal_are_told_apart() {
    run(() -> {
      assertEquals(0, createSubprocessExec("true").await().waitFor().await());
      assertEquals(42, createSubprocessShell("exit 42").await().waitFor().await());
      assertEquals(-15, createSubprocessShell("kill -TERM $$").await().waitFor().await());
      assertEquals(-9, createSubprocessShell("kill -9 $$").await().waitFor().await());
      int status = createSubprocessShell("exit 137").await().waitFor().await();
      assertEquals(mechanism.equals("native") ? 137 : -9, status);
    });
  }

  @Test
  void signals_reach_the_child() {
    run(() -> {
      AsyncProcess listening =
          sh("trap 'echo heard; exit 5' USR1; echo ready; read x; read x", PIPES);
      StreamReader out = Objects.requireNonNull(listening.stdout());
      assertEquals("ready\n", text(out.readLine().await()));
      assertNull(listening.returnCode());
      listening.sendSignal(10);
      assertEquals("heard\n", text(out.readLine().await()));
      Objects.requireNonNull(listening.stdin()).close();
      assertEquals("", output(listening));
      assertEquals(5, listening.returnCode());
      ticks(5); // the pipes are closed meanwhile
      var gone = assertThrows(ProcessLookupException.class, listening::terminate);
      assertTrue(Objects.requireNonNull(gone.getMessage()).contains(" " + listening.pid() + " "));

      AsyncProcess asked = createSubprocessExec("sleep", "1000").await();
      asked.terminate();
      assertEquals(-15, asked.waitFor().await());
      AsyncProcess killed = createSubprocessExec("sleep", "1000").await();
      killed.kill();
      assertEquals(-9, killed.waitFor().await());
    });
  }

  // --- streams

  @Test
  void megabytes_go_through_a_child_and_back_unchanged() {
    run(() -> {
      byte[] noise = noise(5_000_000);
      assertArrayEquals(
          noise,
          exec(DEFAULTS.stdin(PIPE).stdout(PIPE), "cat").communicate(noise).await().stdout());
    });
  }

  @Test
  void streams_are_a_conversation() {
    run(() -> {
      AsyncProcess cat = exec(DEFAULTS.stdin(PIPE).stdout(PIPE), "cat");
      StreamWriter in = Objects.requireNonNull(cat.stdin());
      StreamReader out = Objects.requireNonNull(cat.stdout());
      for (int i = 0; i < 100; i++) {
        in.write(bytes("line " + i + "\n"));
        in.drain().await();
        assertEquals("line " + i + "\n", text(out.readLine().await()));
      }
      in.close();
      in.waitClosed().await();
      assertEquals(0, out.read().await().length);
      assertEquals(0, cat.waitFor().await());
    });
  }

  @Test
  void a_writer_waits_for_a_slow_child_and_hears_of_a_dead_one() {
    run(() -> {
      AsyncProcess slow = exec(DEFAULTS.stdin(PIPE), "sleep", "1000");
      StreamWriter in = Objects.requireNonNull(slow.stdin());
      in.write(new byte[1_000_000]);
      Task<?> draining = start(() -> in.drain().await());
      ticks(10);
      assertTrue(!draining.done(), "the pipe is full");
      slow.kill();
      assertThrows(IOException.class, () -> draining.await());
      assertEquals(-9, slow.waitFor().await());
      assertThrows(IOException.class, () -> in.drain().await());
    });
  }

  @Test
  void files_are_read_emptied_and_appended_to() {
    run(() -> {
      Path from = Files.writeString(folder.resolve("from"), "one\n");
      Path to = Files.writeString(folder.resolve("to"), "what was there before");
      Path errors = folder.resolve("errors");
      SubprocessOptions files =
          DEFAULTS.stdin(file(from)).stdout(file(to)).stderr(appendTo(errors));
      assertEquals(0, sh("cat; echo bad >&2", files).waitFor().await());
      assertEquals(0, sh("echo worse >&2", files).waitFor().await());
      assertEquals("", Files.readString(to));
      assertEquals("bad\nworse\n", Files.readString(errors));
      assertEquals(0, sh("cat; echo bad >&2", files.stderr(STDOUT)).waitFor().await());
      assertEquals("one\nbad\n", Files.readString(to));
    });
  }

  @Test
  void a_file_that_cannot_be_opened_is_named() {
    run(() -> {
      Path missing = folder.resolve("missing");
      var in =
          assertThrows(NoSuchFileException.class, () -> exec(DEFAULTS.stdin(file(missing)), "cat"));
      assertEquals(missing.toString(), in.getFile());
      Path inMissing = missing.resolve("out");
      var out =
          assertThrows(
              NoSuchFileException.class, () -> exec(DEFAULTS.stdout(file(inMissing)), "cat"));
      assertEquals(inMissing.toString(), out.getFile());
    });
  }

  // --- surroundings

  @Test
  void directory_and_environment_are_the_childs_own() {
    run(() -> {
      Path inside = Files.createDirectory(folder.resolve(inThisLocale("häuschen")));
      assertEquals(
          inside.toRealPath() + "\n", utf8(exec(DEFAULTS.stdout(PIPE).cwd(inside), "pwd")));
      Map<String, String> env = Map.of("GREETING", "a b=c", "PATH", "/usr/bin:/bin");
      assertEquals("a b=c\n", output(sh("echo \"$GREETING\"", DEFAULTS.stdout(PIPE).env(env))));
      assertEquals(
          System.getenv("PATH") + "\n", output(sh("echo \"$PATH\"", DEFAULTS.stdout(PIPE))));
      Path script = Files.writeString(inside.resolve("here"), "#!/bin/sh\necho \"$1\"\n");
      assertTrue(script.toFile().setExecutable(true));
      String quoted = inThisLocale("ä 'ö'");
      assertEquals(quoted + "\n", utf8(exec(DEFAULTS.stdout(PIPE).cwd(inside), "./here", quoted)));
    });
  }

  /** In the C locale the JDK knows no name of a file that is not ASCII. */
  private static String inThisLocale(String text) {
    var names = java.nio.charset.Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    return names.newEncoder().canEncode(text) ? text : text.replace('ä', 'a').replace('ö', 'o');
  }

  private static String utf8(AsyncProcess process) {
    byte[] output = Objects.requireNonNull(process.communicate().await().stdout());
    return new String(output, java.nio.charset.StandardCharsets.UTF_8);
  }

  @Test
  void a_program_is_looked_for_in_the_path_that_the_child_gets() {
    Assumptions.assumeTrue(mechanism.equals("native"), "the JDK takes the PATH of this process");
    run(() -> {
      Path script = Files.writeString(folder.resolve("own"), "#!/bin/sh\necho found\n");
      assertTrue(script.toFile().setExecutable(true));
      Map<String, String> env = Map.of("PATH", "/nowhere:" + folder);
      assertEquals("found\n", output(exec(DEFAULTS.stdout(PIPE).env(env), "own")));
      assertThrows(NoSuchFileException.class, () -> exec(DEFAULTS.env(env), "cat"));
    });
  }

  @Test
  void nothing_but_the_streams_is_inherited() {
    Assumptions.assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "needs /proc");
    run(() -> {
      try (var open = Files.newInputStream(Files.writeString(folder.resolve("open"), "x"));
          var server = java.nio.channels.ServerSocketChannel.open().bind(null)) {
        assertNotNull(open);
        assertTrue(server.isOpen());
        String seen = output(exec(DEFAULTS.stdout(PIPE), "ls", "/proc/self/fd"));
        assertEquals("0\n1\n2\n3\n", seen, "the streams, and the folder that ls reads");
        String signals =
            output(exec(DEFAULTS.stdout(PIPE), "grep", "-E", "Sig(Blk|Ign)", "/proc/self/status"));
        if (mechanism.equals("native")) {
          assertTrue(signals.contains("SigBlk:\t0000000000000000"), signals);
        }
      }
    });
  }

  // --- errors

  @Test
  void what_cannot_be_started_is_named() {
    run(() -> {
      var program =
          assertThrows(NoSuchFileException.class, () -> exec(DEFAULTS, "no-such-program"));
      assertEquals("no-such-program", program.getFile());
      assertTrue(program.getMessage().contains("No such file or directory"), program::getMessage);
      assertTrue(program.getMessage().contains("PATH"), program::getMessage);
      assertThrows(NoSuchFileException.class, () -> exec(DEFAULTS, "/no/such/program"));

      Path plain = Files.writeString(folder.resolve("plain"), "no program");
      var denied =
          assertThrows(AccessDeniedException.class, () -> exec(DEFAULTS, plain.toString()));
      assertEquals(plain.toString(), denied.getFile());

      Path missing = folder.resolve("missing");
      var cwd = assertThrows(NoSuchFileException.class, () -> exec(DEFAULTS.cwd(missing), "true"));
      assertEquals(missing.toString(), cwd.getFile());
      assertThrows(NotDirectoryException.class, () -> exec(DEFAULTS.cwd(plain), "true"));

      assertThrows(IllegalArgumentException.class, () -> exec(DEFAULTS));
      assertThrows(IllegalArgumentException.class, () -> exec(DEFAULTS, "echo", "a\0b"));
      assertThrows(IllegalArgumentException.class, () -> DEFAULTS.stdout(STDOUT));
      AsyncProcess none = exec(DEFAULTS, "true");
      assertThrows(IllegalArgumentException.class, () -> none.communicate(new byte[1]).await());
      assertEquals(0, none.waitFor().await());
    });
  }

  @Test
  void what_cannot_be_started_leaves_no_descriptor_and_takes_none_of_ours() {
    run(() -> {
      assertThrows(NoSuchFileException.class, () -> exec(PIPES, "/no/such/program"));
      long before = descriptors();
      Path missing = folder.resolve("missing");
      for (int i = 0; i < 50; i++) {
        assertThrows(NoSuchFileException.class, () -> exec(PIPES, "/no/such/program"));
        assertThrows(
            NoSuchFileException.class, () -> exec(PIPES.stderr(STDOUT), "/no/such/program"));
        assertThrows(
            NoSuchFileException.class,
            () -> exec(PIPES.stderr(file(missing.resolve("x"))), "true"));
        assertEquals(0, exec(DEFAULTS.stderr(STDOUT), "true").waitFor().await());
      }
      awaitDescriptors(before + 8);
      assertTrue(Files.exists(Path.of("/proc/self/fd/1")), "our own output is still open");
    });
  }

  // --- cancellation

  @Test
  void a_timeout_of_communicate_loses_nothing() {
    run(() -> {
      AsyncProcess child = sh("echo early; read x; echo late", DEFAULTS.stdin(PIPE).stdout(PIPE));
      // Its input stays open only until communicate has nothing to write; so hold it here.
      StreamReader out = Objects.requireNonNull(child.stdout());
      assertThrows(
          TimeoutException.class, () -> Asyncio.waitFor(out.read(), Duration.ofMillis(50)).await());
      assertEquals("early\nlate\n", text(all(child.communicate(bytes("go\n")).await().stdout())));
    });
  }

  private static byte[] all(byte @Nullable [] output) {
    return Objects.requireNonNull(output);
  }

  @Test
  void cancelled_at_any_point_communicate_leaves_a_child_that_can_go_on() {
    byte[] noise = noise(300_000);
    run(() -> {
      long before = descriptors();
      for (int turns = 0; turns < 40; turns++) {
        AsyncProcess cat = exec(PIPES, "cat");
        Task<?> communicating = start(() -> cat.communicate(noise).await());
        ticks(turns);
        communicating.cancel();
        try {
          communicating.await();
        } catch (CancelledError e) {
          // as asked; with many turns it may have ended before
        }
        AsyncProcess.Output rest = cat.communicate().await();
        assertTrue(all(rest.stdout()).length <= noise.length);
        assertEquals(0, cat.returnCode(), "at turn " + turns);
      }
      awaitDescriptors(before + 8);
    });
  }

  @Test
  void cancelled_at_any_point_of_the_start_no_child_is_left() {
    run(() -> {
      for (int turns = 0; turns < 5; turns++) {
        Task<AsyncProcess> starting =
            Asyncio.createTask(createSubprocessExec(List.of("sleep", "1000"), PIPES));
        ticks(turns);
        starting.cancel();
        try {
          AsyncProcess started = starting.await();
          started.kill();
          assertEquals(-9, started.waitFor().await());
        } catch (CancelledError e) {
          // as asked
        }
        assertEquals(0, ProcessHandle.current().children().filter(sleeper()).count());
      }
    });
  }

  private static java.util.function.Predicate<ProcessHandle> sleeper() {
    return child -> child.info().command().orElse("").endsWith("/sleep");
  }

  @Test
  void cancelling_a_wait_leaves_the_child_alone() {
    run(() -> {
      AsyncProcess cat = exec(DEFAULTS.stdin(PIPE), "cat");
      Task<Integer> one = Asyncio.createTask(cat.waitFor());
      Task<Integer> other = Asyncio.createTask(cat.waitFor());
      ticks(2);
      one.cancel();
      assertThrows(CancelledError.class, one::await);
      Objects.requireNonNull(cat.stdin()).close();
      assertEquals(0, other.await());
    });
  }

  @Test
  void a_child_that_is_forgotten_when_the_loop_closes_is_killed_and_told_of_in_debug_mode() {
    try (var log = new AsyncioLog()) {
      run(() -> {
        Asyncio.runningLoop().setDebug(true);
        exec(DEFAULTS, "sleep", "1000");
      });
      String report =
          log.messages().stream()
              .filter(text -> text.startsWith("unclosed transport <"))
              .findFirst()
              .orElse("");
      assertTrue(report.contains("SubprocessTransport[sleep"), log.messages()::toString);
      assertTrue(report.contains("AsyncProcessTest"), report);
    }
    while (ProcessHandle.current().children().anyMatch(sleeper())) {
      Thread.onSpinWait(); // it is laid to rest by another thread
    }
  }

  // --- many

  @Test
  void a_thousand_children_leave_no_zombie_descriptor_or_thread() {
    run(() -> {
      output(exec(PIPES, "echo", "warm")); // what is made once is made
      long before = descriptors();
      int threads = Thread.activeCount();
      for (int round = 0; round < 50; round++) {
        List<Task<AsyncProcess.Output>> running = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          running.add(
              Asyncio.createTask(
                  dev.asyncio.Coroutine.of(
                      () -> exec(PIPES, "cat").communicate(bytes("x")).await())));
        }
        for (Task<AsyncProcess.Output> each : running) {
          assertEquals("x", text(all(each.await().stdout())));
        }
      }
      awaitDescriptors(before + 8);
      assertEquals(0, ProcessHandle.current().children().filter(cat()).count());
      if (mechanism.equals("native")) {
        assertTrue(Thread.activeCount() <= threads + 1, "threads");
      }
    });
  }

  private static java.util.function.Predicate<ProcessHandle> cat() {
    return child -> child.info().command().map(c -> c.endsWith("/cat")).orElse(true);
  }

  @Test
  void a_live_child_costs_no_thread() throws Exception {
    Assumptions.assumeTrue(mechanism.equals("native"), "the JDK has a thread for each child");
    Assumptions.assumeTrue(Files.isDirectory(Path.of("/proc/self/task")), "needs /proc");
    run(() -> {
      List<AsyncProcess> cats = new ArrayList<>();
      cats.add(exec(PIPES, "cat"));
      long before = platformThreads();
      for (int i = 0; i < 100; i++) {
        cats.add(exec(PIPES, "cat"));
      }
      long more = platformThreads() - before;
      assertTrue(more < 20, () -> more + " more threads for 100 children");
      for (AsyncProcess cat : cats) {
        Objects.requireNonNull(cat.stdin()).close();
        assertEquals(0, cat.waitFor().await());
      }
    });
  }

  private static long platformThreads() throws IOException {
    try (var threads = Files.list(Path.of("/proc/self/task"))) {
      return threads.count();
    }
  }

  private static long descriptors() throws IOException {
    Path open = Path.of("/proc/self/fd");
    Assumptions.assumeTrue(Files.isDirectory(open), "needs /proc");
    try (var all = Files.list(open)) {
      return all.count();
    }
  }

  private static void awaitDescriptors(long most) throws IOException {
    while (descriptors() > most) {
      Asyncio.sleep(Duration.ofMillis(10)).await();
    }
  }

  // --- the loop goes on

  @Test
  void children_that_a_closed_loop_leaves_are_killed_and_laid_to_rest() {
    List<Long> pids = new ArrayList<>();
    run(() -> {
      for (int i = 0; i < 3; i++) {
        pids.add(exec(PIPES, "sleep", "1000").pid());
      }
    });
    for (long pid : pids) {
      while (ProcessHandle.of(pid).isPresent()) {
        Thread.onSpinWait();
      }
    }
  }
}
