package dev.asyncio.net;

import static dev.asyncio.net.Loopback.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.Task;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names to addresses, without ever blocking the loop. */
@Timeout(60)
class ResolverTest {
  /** Takes look-ups and never makes them. */
  private static final class Saturated extends AbstractExecutorService {
    int taken;

    @Override
    public void execute(Runnable command) {
      taken++;
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return true;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }

  private static Resolver resolver() {
    return new Resolver(Asyncio.runningLoop());
  }

  private static List<InetSocketAddress> addresses(String... literals) {
    return Arrays.stream(literals)
        .map(literal -> new InetSocketAddress(InetAddress.ofLiteral(literal), 80))
        .toList();
  }

  @Test
  void a_literal_address_is_not_looked_up() {
    run(() -> {
      var executor = new Saturated();
      Asyncio.runningLoop().setDefaultExecutor(executor);
      assertEquals(addresses("127.0.0.1"), resolver().toConnect("127.0.0.1", 80, null));
      assertEquals(addresses("::1"), resolver().toConnect("::1", 80, null));
      assertEquals(addresses("127.0.0.1"), resolver().toListen("127.0.0.1", 80, null));
      assertEquals(0, executor.taken);
    });
  }

  @Test
  void a_name_is_looked_up_in_the_default_executor_while_the_loop_goes_on() {
    run(() -> {
      var executor = new Saturated();
      Asyncio.runningLoop().setDefaultExecutor(executor);
      Task<?> lookUp =
          Asyncio.createTask(Asyncio.async(() -> resolver().toConnect("localhost", 80, null)));
      Loopback.ticks(10);
      assertEquals(1, executor.taken);
      assertFalse(lookUp.done());
      lookUp.cancel();
      assertThrows(CancelledError.class, lookUp::await);
    });
  }

  @Test
  void a_name_has_the_addresses_that_the_system_knows() {
    run(() -> {
      List<InetSocketAddress> found =
          resolver().toConnect("localhost", 80, StandardProtocolFamily.INET);
      assertEquals(addresses("127.0.0.1"), found);
    });
  }

  @Test
  void a_name_without_addresses_is_an_error_that_names_it() {
    run(() -> {
      var exc =
          assertThrows(
              UnknownHostException.class,
              () -> resolver().toConnect("no-such-host.invalid", 80, null));
      assertTrue(exc.getMessage().contains("no-such-host.invalid"));
    });
  }

  @Test
  void a_family_without_addresses_is_an_error_that_names_both() {
    run(() -> {
      var exc =
          assertThrows(
              UnknownHostException.class,
              () -> resolver().toConnect("127.0.0.1", 80, StandardProtocolFamily.INET6));
      assertEquals(
          "getaddrinfo() returned empty list: 127.0.0.1 has no address of family INET6",
          exc.getMessage());
    });
  }

  @Test
  void without_a_host_it_is_this_machine() {
    run(() -> {
      assertEquals(addresses("127.0.0.1", "::1"), resolver().toConnect(null, 80, null));
      assertEquals(addresses("::1"), resolver().toConnect(null, 80, StandardProtocolFamily.INET6));
      assertTrue(resolver().toListen(null, 80, null).getFirst().getAddress().isAnyLocalAddress());
      assertEquals(addresses("0.0.0.0"), resolver().toListen("", 80, StandardProtocolFamily.INET));
    });
  }

  @Test
  void families_alternate_after_as_many_of_the_first_as_asked_for() {
    List<InetSocketAddress> all = addresses("1.0.0.1", "1.0.0.2", "1.0.0.3", "::1", "::2");
    assertEquals(
        addresses("1.0.0.1", "::1", "1.0.0.2", "::2", "1.0.0.3"), Resolver.interleaved(all, 1));
    assertEquals(
        addresses("1.0.0.1", "1.0.0.2", "::1", "1.0.0.3", "::2"), Resolver.interleaved(all, 2));
    assertEquals(
        addresses("1.0.0.1", "1.0.0.2", "1.0.0.3", "::1", "::2"), Resolver.interleaved(all, 9));
    assertEquals(
        addresses("::1", "1.0.0.1", "::2"),
        Resolver.interleaved(addresses("::1", "::2", "1.0.0.1"), 1));
    assertEquals(addresses("::1"), Resolver.interleaved(addresses("::1"), 3));
  }

  @Test
  void a_program_can_look_names_up() {
    run(() -> {
      var loop = Asyncio.runningLoop();
      assertEquals(
          List.of(new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 80)),
          loop.getAddrInfo("192.0.2.1", 80).await());
      var loopback = InetAddress.getByName("127.0.0.1");
      assertTrue(
          loop.getAddrInfo("localhost", 7, StandardProtocolFamily.INET)
              .await()
              .contains(new InetSocketAddress(loopback, 7)));
      assertThrows(
          UnknownHostException.class,
          () -> loop.getAddrInfo("192.0.2.1", 80, StandardProtocolFamily.INET6).await());
      var sockaddr =
          new InetSocketAddress(InetAddress.getByAddress("x", new byte[] {127, 0, 0, 1}), 7);
      var name = loop.getNameInfo(sockaddr).await();
      assertEquals(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}).getHostName(), name.host());
      assertEquals("7", name.service());
    });
  }

  @Test
  void the_loop_goes_on_while_a_program_looks_names_up() {
    run(() -> {
      var saturated = new Saturated();
      var loop = Asyncio.runningLoop();
      loop.setDefaultExecutor(saturated);
      var forward = Asyncio.createTask(loop.getAddrInfo("example.org", 80));
      var back = Asyncio.createTask(loop.getNameInfo(new InetSocketAddress("192.0.2.1", 80)));
      Loopback.ticks(3);
      assertEquals(2, saturated.taken);
      assertFalse(forward.done() || back.done());
      forward.cancel();
      back.cancel();
      assertThrows(CancelledError.class, forward::await);
      assertThrows(CancelledError.class, back::await);
    });
  }
}
