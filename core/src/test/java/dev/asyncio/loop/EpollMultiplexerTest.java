package dev.asyncio.loop;

import java.io.IOException;

class EpollMultiplexerTest extends MultiplexerTest {
  @Override
  Multiplexer open() throws IOException {
    SelectorPollerTest.assumeEpoll();
    return new EpollMultiplexer();
  }
}
