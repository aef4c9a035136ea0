package dev.asyncio.net;

import java.nio.ByteBuffer;

/** A registration by hand, of a channel whose bytes go another way. */
abstract class ReadinessOnly implements Registration {
  @Override
  public int read(ByteBuffer into) {
    throw new UnsupportedOperationException("only readiness is played here");
  }

  @Override
  public int write(ByteBuffer from) {
    throw new UnsupportedOperationException("only readiness is played here");
  }

  @Override
  public boolean takesHeap() {
    return false;
  }
}
