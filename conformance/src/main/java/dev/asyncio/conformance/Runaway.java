package dev.asyncio.conformance;

/** The program went on for longer than any program of the language does. */
final class Runaway extends CaseAborted {

  private static final long serialVersionUID = 1L;

  Runaway(String message) {
    super(message);
  }

  @Override
  String outcome() {
    return "runaway: " + getMessage();
  }
}
