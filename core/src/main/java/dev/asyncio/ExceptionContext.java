package dev.asyncio;

import dev.asyncio.transport.BaseProtocol;
import dev.asyncio.transport.BaseTransport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an exception handler is told; all but the message may be absent.
 *
 * @param message what happened, in CPython's words
 * @param exception the error
 * @param future the future or task it belongs to
 * @param handle the callback that failed
 * @param protocol the protocol that failed
 * @param transport the transport that failed
 * @param sourceTraceback in debug mode, where the future or handle was created
 */
public record ExceptionContext(
    String message,
    @Nullable Throwable exception,
    @Nullable Future<?> future,
    @Nullable Handle handle,
    @Nullable BaseProtocol protocol,
    @Nullable BaseTransport transport,
    @Nullable List<StackTraceElement> sourceTraceback) {

  /** A context with a message and nothing else. */
  public static ExceptionContext of(String message) {
    return new ExceptionContext(message, null, null, null, null, null, null);
  }

  /** The same with the error. */
  public ExceptionContext exception(@Nullable Throwable value) {
    return new ExceptionContext(
        message, value, future, handle, protocol, transport, sourceTraceback);
  }

  /** The same with the future or task. */
  public ExceptionContext future(Future<?> value) {
    return new ExceptionContext(
        message, exception, value, handle, protocol, transport, value.sourceTraceback());
  }

  /** The same with the callback. */
  public ExceptionContext handle(Handle value) {
    return new ExceptionContext(
        message, exception, future, value, protocol, transport, value.sourceTraceback());
  }

  /** The same with the protocol. */
  public ExceptionContext protocol(@Nullable BaseProtocol value) {
    return new ExceptionContext(
        message, exception, future, handle, value, transport, sourceTraceback);
  }

  /** The same with the transport. */
  public ExceptionContext transport(@Nullable BaseTransport value) {
    return new ExceptionContext(
        message, exception, future, handle, protocol, value, sourceTraceback);
  }

  /** The task it belongs to, or null. */
  public @Nullable Task<?> task() {
    return future instanceof Task<?> task ? task : null;
  }

  /** The message and what is known, one thing a line, as the default handler logs it. */
  @Override
  public String toString() {
    var text = new StringBuilder(message);
    line(text, "future", future);
    line(text, "handle", handle);
    line(text, "protocol", protocol);
    line(text, "transport", transport);
    if (sourceTraceback != null) {
      text.append("\nObject created at (most recent call first):")
          .append(Errors.text(sourceTraceback));
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String name, @Nullable Object value) {
    if (value != null) {
      text.append('\n').append(name).append(": ").append(value);
    }
  }
}
