package dev.asyncio;

import java.io.InterruptedIOException;
import java.net.SocketException;
import java.nio.channels.ClosedByInterruptException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the core does with exceptions: passing them on unwrapped, naming, and awaiting frames. */
final class Errors {

  /** The classes between a user's call and the object that it makes, lambdas included. */
  private static final Set<String> MAKERS =
      Set.of(
          "dev.asyncio.AbstractEventLoop",
          "dev.asyncio.Asyncio",
          "dev.asyncio.Coroutine",
          "dev.asyncio.EagerTaskFactory",
          "dev.asyncio.Errors",
          "dev.asyncio.Expected",
          "dev.asyncio.Future",
          "dev.asyncio.Futures",
          "dev.asyncio.Gathering",
          "dev.asyncio.Handle",
          "dev.asyncio.NeverAwaited",
          "dev.asyncio.Outcome",
          "dev.asyncio.Task",
          "dev.asyncio.TaskGroup",
          "dev.asyncio.TimerHandle",
          "dev.asyncio.Unclosed",
          "dev.asyncio.UnclosedLoop",
          "dev.asyncio.child.ChildTransport",
          "dev.asyncio.child.Children",
          "dev.asyncio.net.Binder",
          "dev.asyncio.net.ChannelTransport",
          "dev.asyncio.net.Connector",
          "dev.asyncio.net.DatagramEndpoints",
          "dev.asyncio.net.DatagramSocketTransport",
          "dev.asyncio.net.AcceptingServer",
          "dev.asyncio.net.Pipes",
          "dev.asyncio.net.ReadPipeTransport",
          "dev.asyncio.net.SocketTransport",
          "dev.asyncio.net.WritePipeTransport",
          "dev.asyncio.process.Processes",
          "dev.asyncio.stream.Streams",
          "dev.asyncio.tls.Tls");

  /** Traces do not grow beyond this, however long the chain of awaiting tasks. */
  private static final int MOST_FRAMES = 256;

  // No static state: its initialisation would fail for good where a stack overflow is the first
  // error.

  private Errors() {}

  /** Lets any exception pass where none is declared: {@code throw unchecked(e)}. */
  @SuppressWarnings("unchecked")
  static <X extends Throwable> X unchecked(Throwable e) throws X {
    throw (X) e;
  }

  /** Whether it must leave the event loop at once, as in Python. */
  static boolean fatal(Throwable e) {
    return e instanceof KeyboardInterrupt || e instanceof SystemExit;
  }

  /** Whether a blocking JDK call ended with it, or with its cause, because it was interrupted. */
  static boolean fromInterrupt(@Nullable Throwable e) {
    return e != null && (answersInterrupt(e) || fromInterrupt(e.getCause()));
  }

  private static boolean answersInterrupt(Throwable e) {
    return e instanceof InterruptedException
        || e instanceof ClosedByInterruptException
        || e instanceof InterruptedIOException
        || (e instanceof SocketException && "Closed by interrupt".equals(e.getMessage()));
  }

  /** How messages name a callback or a coroutine: the place in the source, as far as it shows. */
  static String nameOf(Object object) {
    String name = object.getClass().getName();
    int lambda = name.indexOf("$$Lambda");
    return lambda < 0 ? name : "lambda in " + name.substring(0, lambda);
  }

  /**
   * Adds to an exception that comes from another task the frames that await it here, so that its
   * trace shows the whole way up.
   *
   * @return {@code e}
   */
  static Throwable awaitedHere(Throwable e, Task<?> awaiter) {
    return joinedHere(e, "dev.asyncio.Task", "awaitedBy", awaiter);
  }

  /** The same for an exception that comes from the stack of a generator. */
  static Throwable iteratedHere(Throwable e, Task<?> consumer) {
    return joinedHere(e, "dev.asyncio.AsyncGenerator", "iteratedBy", consumer);
  }

  private static Throwable joinedHere(Throwable e, String type, String method, Task<?> task) {
    if (e instanceof CancelledError) { // its trace would be most of what a cancellation costs
      return e;
    }
    StackTraceElement[] trace = e.getStackTrace();
    if (trace.length == 0 || trace.length >= MOST_FRAMES) {
      return e;
    }
    List<StackTraceElement> frames = new ArrayList<>(trace.length + 16);
    for (StackTraceElement frame : trace) {
      if (!ofTheEngineRoom(frame.getClassName()) || isJoint(frame)) {
        frames.add(frame);
      }
    }
    frames.add(new StackTraceElement(type, method, "'" + task.getName() + "'", -1));
    StackWalker.getInstance()
        .forEach(frame -> {
          if (!frame.getClassName().startsWith("dev.asyncio.Future")
              && !ofTheEngineRoom(frame.getClassName())) {
            frames.add(frame.toStackTraceElement());
          }
        });
    e.setStackTrace(frames.toArray(StackTraceElement[]::new));
    return e;
  }

  /** Whether it is none of the JVM's, but says where another stack was joined. */
  private static boolean isJoint(StackTraceElement frame) {
    return frame.getMethodName().equals("awaitedBy") || frame.getMethodName().equals("iteratedBy");
  }

  private static boolean ofTheEngineRoom(String className) {
    return className.startsWith("dev.asyncio.engine.")
        || className.equals("dev.asyncio.Errors")
        || className.equals("dev.asyncio.Task")
        || className.startsWith("dev.asyncio.Coroutine")
        || className.equals("dev.asyncio.GeneratorBody")
        || className.equals("dev.asyncio.AsyncGenerator")
        || className.startsWith("java.lang.VirtualThread");
  }

  /** The frames of whoever has one of our objects made, for reports in debug mode. */
  static List<StackTraceElement> creationSite() {
    return StackWalker.getInstance()
        .walk(frames ->
            frames
                .filter(frame -> !frame.getClassName().startsWith("dev.asyncio.engine."))
                .dropWhile(frame -> makesOurObjects(frame.getClassName()) || isConstructor(frame))
                .limit(10)
                .map(StackWalker.StackFrame::toStackTraceElement)
                .toList());
  }

  private static boolean isConstructor(StackWalker.StackFrame frame) {
    return frame.getMethodName().equals("<init>");
  }

  private static boolean makesOurObjects(String className) {
    int nested = className.indexOf('$');
    String outermost = nested < 0 ? className : className.substring(0, nested);
    return className.startsWith("dev.asyncio.loop.") || MAKERS.contains(outermost);
  }

  /** A trace as text, one frame a line. */
  static String text(@Nullable List<StackTraceElement> frames) {
    var text = new StringBuilder();
    Objects.requireNonNullElse(frames, Arrays.<StackTraceElement>asList())
        .forEach(frame -> text.append("\n\tat ").append(frame));
    return text.toString();
  }
}
