package dev.asyncio.loop;

import java.io.IOException;

class JdkMultiplexerTest extends MultiplexerTest {
  @Override
  Multiplexer open() throws IOException {
    return new JdkMultiplexer();
  }
}
