package dev.asyncio.stream;

import dev.asyncio.AbstractEventLoop;
import dev.asyncio.Coroutine;
import dev.asyncio.ExceptionContext;
import dev.asyncio.Future;
import dev.asyncio.transport.WriteTransport;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The handler of a server's connection, as the body of its task, and what follows when that has
 * ended: one object for both, since every connection has it as long as it lives.
 */
final class Serving extends Coroutine<@Nullable Void> implements Consumer<Future<@Nullable Void>> {
  private final ClientConnected handler;
  private final StreamWriter writer;

  /** Not always the writer's: that has another one after startTls. */
  private final WriteTransport transport;

  private Serving(ClientConnected handler, StreamWriter writer, WriteTransport transport) {
    this.handler = handler;
    this.writer = writer;
    this.transport = transport;
  }

  /** Starts a task that runs {@code handler} for a writer that has a reader. */
  static void start(ClientConnected handler, StreamWriter writer, WriteTransport transport) {
    var serving = new Serving(handler, writer, transport);
    AbstractEventLoop.running().createTask(serving).addDoneCallback(serving);
  }

  @Override
  protected @Nullable Void run() throws Exception {
    handler.handle(Objects.requireNonNull(writer.reader()), writer);
    return null;
  }

  /** The task has ended. */
  @Override
  public void accept(Future<@Nullable Void> task) {
    if (task.cancelled()) {
      transport.close();
      return;
    }
    Throwable exc = task.exception();
    if (exc != null) {
      task.getLoop()
          .callExceptionHandler(
              ExceptionContext.of("Unhandled exception in client_connected_cb")
                  .exception(exc)
                  .transport(transport));
      transport.close();
    }
  }
}
