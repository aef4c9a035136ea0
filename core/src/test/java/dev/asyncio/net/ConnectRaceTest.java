package dev.asyncio.net;

import static dev.asyncio.net.Loopback.HOST;
import static dev.asyncio.net.Loopback.run;
import static dev.asyncio.net.Loopback.ticks;
import static dev.asyncio.net.Loopback.until;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.asyncio.Asyncio;
import dev.asyncio.CancelledError;
import dev.asyncio.Task;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several addresses: in turn, racing, failing, cancelled. */
@Timeout(60)
class ConnectRaceTest {

  private static ServerSocket listener(String host) throws IOException {
    return new ServerSocket(0, 10, InetAddress.ofLiteral(host));
  }

  private static InetSocketAddress addressOf(ServerSocket listener) {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  /** An address at which nobody listens. */
  private static InetSocketAddress refusing(String host) throws IOException {
    try (ServerSocket closed = listener(host)) {
      return addressOf(closed);
    }
  }

  private static ConnectRace race(
      IoLoop io, @Nullable Duration delay, InetSocketAddress... addresses) {
    return new ConnectRace(io, List.of(addresses), List.of(), delay);
  }

  @Test
  void the_next_address_is_tried_when_one_refuses() {
    run(() -> {
      try (ServerSocket listener = listener(HOST)) {
        ConnectRace race = race(Loopback.io(), null, refusing("127.0.0.2"), addressOf(listener));
        try (SocketChannel winner = race.run()) {
          assertEquals(addressOf(listener), Objects.requireNonNull(winner).getRemoteAddress());
        }
        assertEquals(1, race.errors().size());
      }
    });
  }

  @Test
  void without_a_delay_addresses_are_tried_strictly_one_after_the_other() {
    run(() -> {
      try (var hole = new BlackHole();
          ServerSocket listener = listener(HOST)) {
        var io = new NotingIo();
        ConnectRace race = race(io, null, hole.address(), addressOf(listener));
        Task<?> racing = Asyncio.createTask(Asyncio.async(race::run));
        ticks(20);
        assertEquals(1, io.channels.size());
        racing.cancel();
        assertThrows(CancelledError.class, racing::await);
        assertFalse(io.channels.getFirst().isOpen());
      }
    });
  }

  @Test
  void with_a_delay_attempts_overlap_and_the_losers_are_closed() {
    run(() -> {
      try (var hole = new BlackHole();
          ServerSocket listener = listener(HOST)) {
        var io = new NotingIo();
        ConnectRace race = race(io, Duration.ofMillis(10), hole.address(), addressOf(listener));
        try (SocketChannel winner = race.run()) {
          assertEquals(addressOf(listener), Objects.requireNonNull(winner).getRemoteAddress());
          assertFalse(io.channels.getFirst().isOpen());
          assertTrue(winner.isOpen());
        }
        assertEquals(List.of(), race.errors());
      }
    });
  }

  @Test
  void with_a_delay_a_failure_starts_the_next_attempt_at_once() {
    run(() -> {
      try (ServerSocket listener = listener(HOST)) {
        ConnectRace race =
            race(Loopback.io(), Duration.ofHours(1), refusing("127.0.0.2"), addressOf(listener));
        try (SocketChannel winner = race.run()) {
          assertNotNull(winner);
        }
      }
    });
  }

  @Test
  void a_race_that_all_lose_tells_every_error() {
    run(() -> {
      for (Duration delay : new Duration[] {null, Duration.ZERO, Duration.ofMillis(5)}) {
        ConnectRace race = race(Loopback.io(), delay, refusing("127.0.0.1"), refusing("127.0.0.2"));
        assertNull(race.run());
        assertEquals(2, race.errors().size());
      }
    });
  }

  @Test
  void cancelling_a_race_closes_every_socket() {
    run(() -> {
      try (var hole = new BlackHole();
          var other = new BlackHole()) {
        var io = new NotingIo();
        ConnectRace race = race(io, Duration.ZERO, hole.address(), other.address());
        Task<?> racing = Asyncio.createTask(Asyncio.async(race::run));
        until(() -> io.channels.size() == 2);
        racing.cancel();
        assertThrows(CancelledError.class, racing::await);
        assertTrue(io.channels.stream().noneMatch(SelectableChannel::isOpen));
      }
    });
  }

  @Test
  void cancelling_between_the_win_and_its_delivery_closes_the_winner() {
    run(() -> {
      try (ServerSocket listener = listener(HOST)) {
        var io = new NotingIo();
        ConnectRace race = race(io, null, addressOf(listener));
        Task<?> racing = Asyncio.createTask(Asyncio.async(race::run));
        // Whatever the turn in which the connect ends, one of these cancels just after it.
        until(
            () -> !io.channels.isEmpty() && ((SocketChannel) io.channels.getFirst()).isConnected());
        racing.cancel();
        assertThrows(CancelledError.class, racing::await);
        assertFalse(io.channels.getFirst().isOpen());
      }
    });
  }
}
