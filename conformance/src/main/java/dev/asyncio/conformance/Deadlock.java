package dev.asyncio.conformance;

/** Nothing is ready to run and no timer is left, so the loop would wait for ever. */
final class Deadlock extends CaseAborted {

  private static final long serialVersionUID = 1L;

  Deadlock() {
    super("nothing is ready and no timer is left");
  }

  @Override
  String outcome() {
    return "deadlock";
  }
}
