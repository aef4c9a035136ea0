package dev.asyncio.net;

import dev.asyncio.Action;
import dev.asyncio.Asyncio;
import dev.asyncio.Coroutine;
import dev.asyncio.ExceptionContext;
import dev.asyncio.Server;
import dev.asyncio.Task;
import dev.asyncio.loop.SelectorEventLoop;
import dev.asyncio.transport.BaseTransport;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;

/** What tests over real sockets on this machine's loopback interface share. */
public final class Loopback {
  /** The address that all servers of the tests listen on. */
  public static final String HOST = "127.0.0.1";

  private Loopback() {}

  /** Runs a body as the main task of a loop on the real clock. */
  public static void run(Action body) {
    Asyncio.run(Coroutine.of(body));
  }

  /** Makes a task of a body. */
  public static Task<?> start(Action body) {
    return Asyncio.createTask(Coroutine.of(body));
  }

  /** Lets everything else run for a number of turns of the loop. */
  public static void ticks(int count) {
    for (int i = 0; i < count; i++) {
      Asyncio.sleep(Duration.ZERO).await();
    }
  }

  /** Lets the loop run until a condition holds, without letting it wait for anything. */
  public static void until(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      ticks(1);
    }
  }

  /** Collects what the running loop's exception handler is told from now on. */
  public static List<ExceptionContext> reports() {
    List<ExceptionContext> reports = new ArrayList<>();
    Asyncio.runningLoop().setExceptionHandler((loop, context) -> reports.add(context));
    return reports;
  }

  /** The loop's side towards the network. */
  public static IoLoop io() {
    try {
      var field = SelectorEventLoop.class.getDeclaredField("io");
      field.setAccessible(true);
      return (IoLoop) Objects.requireNonNull(field.get(Asyncio.runningLoop()));
    } catch (ReflectiveOperationException exc) {
      throw new AssertionError(exc);
    }
  }

  /** The port that a server picked. */
  public static int port(Server server) {
    try {
      var address = (InetSocketAddress) server.sockets().getFirst().getSockName();
      return Objects.requireNonNull(address).getPort();
    } catch (IOException exc) {
      throw new AssertionError(exc);
    }
  }

  /** The port of a transport's peer. */
  public static int peerPort(BaseTransport transport) {
    var address = transport.getExtraInfo("peername", InetSocketAddress.class);
    return Objects.requireNonNull(address).getPort();
  }

  /** Text as bytes. */
  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Bytes as text. */
  public static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
