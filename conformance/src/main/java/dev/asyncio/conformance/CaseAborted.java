package dev.asyncio.conformance;

/** Ends a case at once. It is no exception of the program: nothing in it can catch or see this. */
abstract sealed class CaseAborted extends Error permits BadProgram, Deadlock, Runaway {

  private static final long serialVersionUID = 1L;

  CaseAborted(String message) {
    super(message);
  }

  /** What the case's outcome says of it. */
  abstract String outcome();
}
