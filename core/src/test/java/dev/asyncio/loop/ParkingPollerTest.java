package dev.asyncio.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.File;
import java.io.IOException;
import java.nio.channels.Pipe;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A lost wake-up would let these wait for ever. */
@Timeout(60)
class ParkingPollerTest {

  private static void pollForEver(Poller poller) throws IOException {
    poller.poll(Long.MAX_VALUE, handle -> {});
  }

  @Test
  void a_wake_up_before_the_first_sleep_ends_it() throws IOException {
    Poller poller = new ParkingPoller(callback -> null, true);
    poller.wakeUp();
    pollForEver(poller);
  }

  @Test
  void a_wake_up_from_another_thread_ends_a_sleep() throws Exception {
    Poller poller = new ParkingPoller(callback -> null, true);
    for (int i = 0; i < 1000; i++) {
      Thread waker = Thread.startVirtualThread(poller::wakeUp);
      pollForEver(poller);
      waker.join();
    }
  }

  @Test
  void a_wake_up_while_the_first_channel_comes_ends_the_next_sleep() throws Exception {
    for (int i = 0; i < 500; i++) {
      Pipe pipe = Pipe.open();
      pipe.source().configureBlocking(false);
      Poller poller = new ParkingPoller(callback -> null, true);
      Thread waker = Thread.startVirtualThread(poller::wakeUp);
      assertNull(poller.reader(pipe.source(), null));
      assertFalse(poller.isRegistered(pipe.source()));
      poller.register(pipe.source(), null);
      pollForEver(poller);
      waker.join();
      poller.close();
      pipe.sink().close();
    }
  }

  @Test
  void without_a_channel_it_holds_no_descriptor() throws IOException {
    String[] before = new File("/proc/self/fd").list();
    Assumptions.assumeTrue(before != null, "this system does not list open descriptors in /proc");
    Poller poller = new ParkingPoller(callback -> null, true);
    poller.poll(1, handle -> {});
    poller.poll(0, handle -> {});
    assertEquals(before.length, new File("/proc/self/fd").list().length);
    poller.close();
  }
}
