package dev.asyncio.conformance;

/** The program does something that the language does not define. */
final class BadProgram extends CaseAborted {

  private static final long serialVersionUID = 1L;

  BadProgram(String message) {
    super(message);
  }

  @Override
  String outcome() {
    return "bad program: " + getMessage();
  }
}
