package dev.asyncio.bench;

import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.runningLoop;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: what does a callback cost that another thread posts, when many come in a row?
 *
 * <p>The start of the posting thread is shared by 100,000 posts. Target: a fifth of what CPython
 * takes, and far less than a wake-up of the poller for each post.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = OnLoop.OPENS)
public class CrossThreadPost {
  static final int POSTS = 100_000;

  /** One {@code callSoonThreadsafe} from another thread, posted and run. */
  @Benchmark
  @OperationsPerInvocation(POSTS)
  public int burst(OnLoop loop) {
    return loop.run(CrossThreadPost::posts);
  }

  static int posts() {
    AbstractEventLoop loop = runningLoop();
    Future<@Nullable Void> finished = loop.createFuture();
    Thread.ofPlatform()
        .name("poster")
        .start(() -> {
          for (int i = 0; i < POSTS; i++) {
            loop.callSoonThreadsafe(() -> {});
          }
          loop.callSoonThreadsafe(() -> finished.setResult(null));
        });
    await(finished);
    return POSTS;
  }
}
