package dev.asyncio.cli;

import java.io.Serial;

/** Says in one line why a program cannot be started; the command's exit status is 2 then. */
final class CannotRun extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  CannotRun(String message) {
    super(message);
  }
}
