package dev.asyncio.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EpollTest {

  @Test
  void wake_ups_before_a_wait_are_one_event_that_ends_no_further_wait() throws IOException {
    assumeTrue(Availability.obstacle() == null, "needs Linux and native access");
    var epoll = new Epoll();
    assertEquals(0, epoll.await(0));
    epoll.wakeUp();
    epoll.wakeUp();
    assertEquals(1, epoll.await(-1));
    assertEquals(0, epoll.await(0));
    epoll.wakeUp();
    assertEquals(1, epoll.await(-1));
    epoll.close();
  }
}
