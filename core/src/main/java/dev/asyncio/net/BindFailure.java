package dev.asyncio.net;

import java.io.IOException;
import java.io.Serial;
import java.net.BindException;
import java.net.SocketAddress;
import java.util.Locale;

/** A local address that could not be bound, with the address in the message. */
final class BindFailure extends BindException {
  @Serial private static final long serialVersionUID = 1;

  private BindFailure(String message) {
    super(message);
  }

  static BindFailure of(SocketAddress address, IOException cause) {
    String reason = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    BindFailure failure =
        new BindFailure(
            "error while attempting to bind on address " + Channels.text(address) + ": " + reason);
    failure.initCause(cause);
    return failure;
  }

  /** Whether the machine has no such address, rather than that somebody else has it. */
  boolean addressIsMissing() {
    return String.valueOf(getMessage()).contains("assign requested address");
  }
}
