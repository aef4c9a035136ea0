package dev.asyncio.process;

import static dev.asyncio.Asyncio.createSubprocessExec;
import static dev.asyncio.Asyncio.createSubprocessShell;
import static dev.asyncio.Asyncio.runningLoop;
import static dev.asyncio.SubprocessOptions.DEVNULL;
import static dev.asyncio.SubprocessOptions.PIPE;
import static dev.asyncio.SubprocessOptions.STDOUT;
import static dev.asyncio.net.Loopback.bytes;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.start;
import static dev.asyncio.net.Loopback.text;
import static dev.asyncio.net.Loopback.ticks;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.Future;
import dev.asyncio.SubprocessOptions;
import dev.asyncio.Task;
import dev.asyncio.TimeoutException;
import dev.asyncio.transport.BaseTransport;
import dev.asyncio.transport.Connected;
import dev.asyncio.transport.ReadTransport;
import dev.asyncio.transport.SubprocessProtocol;
import dev.asyncio.transport.SubprocessTransport;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What CPython promises of child processes, on both mechanisms. */
@ParameterizedClass
@ValueSource(strings = {"native", "jdk"})
@Timeout(60)
class SubprocessSurfaceTest {
  private static final SubprocessOptions DEFAULTS = SubprocessOptions.defaults();

  @RegisterExtension final ChildrenBy children = new ChildrenBy();
  @Parameter String mechanism = "";

  @BeforeEach
  void force() {
    children.use(mechanism);
  }

  private static AsyncProcess sh(String script, SubprocessOptions options) {
    return createSubprocessShell(script, options).await();
  }

  @Test
  void communicateBrokenPipe() {
    run(() -> {
      AsyncProcess deaf = sh("exec <&-; echo done", DEFAULTS.stdin(PIPE).stdout(PIPE));
      AsyncProcess.Output output = deaf.communicate(new byte[1_000_000]).await();
      assertEquals("done\n", text(Objects.requireNonNull(output.stdout())));
      assertNull(output.stderr());
      assertEquals(0, deaf.returnCode());
    });
  }

  @Test
  void waitCanDeadlock() {
    run(() -> {
      AsyncProcess full = sh("head -c 1000000 /dev/zero", DEFAULTS.stdout(PIPE).limit(1000));
      assertThrows(
          TimeoutException.class,
          () -> Asyncio.waitFor(full.waitFor(), Duration.ofMillis(300)).await());
      assertNull(full.returnCode(), "it waits for somebody to read");
      assertEquals(1_000_000, all(full.communicate().await().stdout()).length);
      assertEquals(0, full.returnCode());
    });
  }

  private static byte[] all(byte @Nullable [] output) {
    assertNotNull(output);
    return output;
  }

  @Test
  void readersBuffer() {
    run(() -> {
      AsyncProcess fast =
          createSubprocessExec(List.of("cat", "/dev/zero"), DEFAULTS.stdout(PIPE).limit(1000))
              .await();
      var pipe = (ReadTransport) Objects.requireNonNull(fast.transport().getPipeTransport(1));
      while (pipe.isReading()) {
        Asyncio.sleep(Duration.ofMillis(1)).await();
      }
      assertFalse(pipe.isReading(), "paused, or this would go on for ever");
      var reader = Objects.requireNonNull(fast.stdout());
      assertEquals(300_000, reader.readExactly(300_000).await().length);
      fast.kill();
      int _ = all(fast.communicate().await().stdout()).length;
      assertEquals(-9, fast.returnCode());
    });
  }

  @Test
  void closingKills() {
    run(() -> {
      AsyncProcess sleeper = createSubprocessExec("sleep", "1000").await();
      sleeper.transport().close();
      assertEquals(-9, sleeper.waitFor().await());
      assertFalse(alive(sleeper.pid()));
    });
    var pid = new CompletableFuture<Long>();
    run(() -> pid.complete(createSubprocessExec("sleep", "1000").await().pid()));
    awaitGone(pid.join());
  }

  private static boolean alive(long pid) {
    return ProcessHandle.of(pid).isPresent();
  }

  private static void awaitGone(long pid) {
    ProcessHandle.of(pid).ifPresent(handle -> handle.onExit().join());
    while (alive(pid)) {
      Thread.onSpinWait();
    }
  }

  @Test
  void cancelDuringStart() {
    run(() -> {
      assertEquals(0, createSubprocessExec("true").await().waitFor().await()); // loads the classes
      var protocol = new Noting();
      Task<?> starting =
          start(() ->
              runningLoop()
                  .subprocessExec(() -> protocol, List.of("sleep", "1000"), DEFAULTS)
                  .await());
      ticks(1);
      starting.cancel();
      assertThrows(CancelledError.class, starting::await);
      SubprocessTransport transport = Objects.requireNonNull(protocol.transport);
      assertEquals(-9, transport.getReturnCode(), "killed and waited for");
      assertFalse(alive(transport.getPid()));
    });
  }

  @Test
  void anyThread() {
    List<CompletableFuture<Integer>> ends = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int status = i;
      var end = new CompletableFuture<Integer>();
      ends.add(end);
      Thread.Builder thread = i % 2 == 0 ? Thread.ofPlatform() : Thread.ofVirtual();
      thread.start(() -> {
        try {
          run(() -> end.complete(sh("exit " + status, DEFAULTS).waitFor().await()));
        } catch (Throwable e) {
          end.completeExceptionally(e);
        }
      });
    }
    assertEquals(List.of(0, 1, 2, 3), ends.stream().map(CompletableFuture::join).toList());
  }

  @Test
  void noTextMode() {
    assertArrayEquals(
        new String[] {"stdin", "stdout", "stderr", "limit", "cwd", "env"},
        Arrays.stream(SubprocessOptions.class.getRecordComponents())
            .map(component -> component.getName())
            .toArray(),
        "there is no option for text, encoding or newlines");
    run(() -> {
      byte[] noText = {'\r', '\n', (byte) 0xff, (byte) 0xc3, '\r', 0};
      AsyncProcess cat =
          createSubprocessExec(List.of("cat"), DEFAULTS.stdin(PIPE).stdout(PIPE)).await();
      assertArrayEquals(noText, cat.communicate(noText).await().stdout());
    });
  }

  @Test
  void statusStolen() {
    Assumptions.assumeTrue(mechanism.equals("native"), "the JDK's own thread takes the status");
    run(() -> {
      AsyncProcess child = createSubprocessExec(List.of("cat"), DEFAULTS.stdin(PIPE)).await();
      // While this callback runs, the loop cannot take the status.
      child.kill();
      assertEquals(9, (int) Waitpid.waitpid((int) child.pid()) & 0x7f);
      assertEquals(255, child.waitFor().await());
    });
  }

  @Test
  void exitBeforePipes() {
    run(() -> {
      var protocol = new Noting();
      Connected<SubprocessTransport, Noting> child =
          runningLoop()
              .subprocessShell(
                  () -> protocol,
                  "read x; exec 3<&0; (read y <&3; echo late) & exit 3",
                  SubprocessOptions.pipes())
              .await();
      var input = (dev.asyncio.transport.WriteTransport) child.transport().getPipeTransport(0);
      Objects.requireNonNull(input).write(ByteBuffer.wrap(bytes("x\n")));
      if (mechanism.equals("jdk")) {
        return; // there the end of the child closes the pipes
      }
      protocol.exited.await();
      assertFalse(protocol.lost.done(), "its own child has the pipes");
      assertEquals(3, child.transport().getReturnCode());
      input.write(ByteBuffer.wrap(bytes("y\n")));
      protocol.lost.await();
      assertEquals(
          List.of("made", "exited", "1: late\n", "lost"),
          protocol.events.stream().filter(event -> !event.startsWith("pipe")).toList());
      assertEquals(3, protocol.events.stream().filter(event -> event.startsWith("pipe")).count());
    });
  }

  @Test
  void a_process_that_is_waited_for_with_streams_waits_for_its_pipes() {
    run(() -> {
      AsyncProcess child = sh("echo out; echo err >&2; exit 7", SubprocessOptions.pipes());
      assertEquals(7, child.waitFor().await());
      assertEquals("out\n", text(Objects.requireNonNull(child.stdout()).read().await()));
      assertEquals("err\n", text(Objects.requireNonNull(child.stderr()).read().await()));
      assertTrue(Objects.requireNonNull(child.stdin()).isClosing());
      AsyncProcess merged = sh("echo out; echo err >&2", DEFAULTS.stdout(PIPE).stderr(STDOUT));
      assertEquals("out\nerr\n", text(all(merged.communicate().await().stdout())));
      AsyncProcess silent = sh("cat; echo out", DEFAULTS.stdin(DEVNULL).stdout(DEVNULL));
      assertNull(silent.stdin());
      assertNull(silent.stdout());
      assertEquals(0, silent.waitFor().await());
    });
  }

  /** Notes what it hears. */
  private static final class Noting implements SubprocessProtocol {
    final List<String> events = new ArrayList<>();
    final Future<@Nullable Void> exited = runningLoop().createFuture();
    final Future<@Nullable Void> lost = runningLoop().createFuture();
    @Nullable SubprocessTransport transport;

    @Override
    public void connectionMade(BaseTransport made) {
      transport = (SubprocessTransport) made;
      events.add("made");
    }

    @Override
    public void pipeDataReceived(int fd, ByteBuffer data) {
      byte[] copy = new byte[data.remaining()];
      data.get(copy);
      events.add(fd + ": " + text(copy));
    }

    @Override
    public void pipeConnectionLost(int fd, @Nullable Throwable exc) {
      events.add("pipe " + fd + " " + exc);
    }

    @Override
    public void processExited() {
      events.add("exited");
      exited.setResult(null);
    }

    @Override
    public void connectionLost(@Nullable Throwable exc) {
      events.add("lost");
      lost.setResult(null);
    }
  }
}
