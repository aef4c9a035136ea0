package dev.asyncio.tls;

import static dev.asyncio.Asyncio.run;
import static dev.asyncio.Asyncio.runningLoop;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Coroutine;
import dev.asyncio.Future;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ComputationTest {

  @Test
  void on_one_processor_a_server_that_checks_nobody_computes_on_the_loop() throws Exception {
    SSLEngine server = SSLContext.getDefault().createSSLEngine();
    server.setUseClientMode(false);
    assertTrue(Computation.belongsOnLoop(server, 1));
    assertFalse(Computation.belongsOnLoop(server, 2), "another processor has the time");
    server.setWantClientAuth(true);
    assertFalse(Computation.belongsOnLoop(server, 1), "the check may ask the network");
    SSLEngine client = SSLContext.getDefault().createSSLEngine();
    client.setUseClientMode(true);
    assertFalse(Computation.belongsOnLoop(client, 1), "the check may ask the network");
  }

  @Test
  void on_the_loop_it_runs_in_order_in_the_next_turn_with_the_engine_left_alone() {
    List<String> said = new ArrayList<>();
    run(
        Coroutine.of(() -> {
          Thread loops = runningLoopsThread();
          Future<@Nullable Throwable> ended = runningLoop().createFuture();
          var computation = new Computation(runningLoop(), true, ended::setResult);
          computation.start(
              List.of(
                  () -> said.add("first"),
                  () -> {
                    assertSame(loops, Thread.currentThread());
                    said.add("second");
                  }));
          said.add("started");
          assertTrue(computation.isUnderWay());
          assertEquals(null, ended.await());
          assertFalse(computation.isUnderWay());
        }));
    assertEquals(List.of("started", "first", "second"), said);
  }

  @Test
  void a_task_that_fails_on_the_loop_is_told_of_like_one_elsewhere() {
    var failure = new IllegalStateException("no such key");
    for (boolean onLoop : new boolean[] {true, false}) {
      run(
          Coroutine.of(() -> {
            Future<@Nullable Throwable> ended = runningLoop().createFuture();
            new Computation(runningLoop(), onLoop, ended::setResult)
                .start(
                    List.of(() -> {
                      throw failure;
                    }));
            assertSame(failure, ended.await());
          }));
    }
  }

  private static Thread runningLoopsThread() {
    Future<Thread> thread = runningLoop().createFuture();
    runningLoop().callSoon(() -> thread.setResult(Thread.currentThread()));
    return thread.await();
  }
}
