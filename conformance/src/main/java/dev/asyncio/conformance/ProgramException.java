package dev.asyncio.conformance;

/** An exception of a kind that the library has no class for, such as KeyError. */
final class ProgramException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final Kind kind;

  ProgramException(Kind kind, String text) {
    super(kind.pythonName() + ": " + text);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }
}
