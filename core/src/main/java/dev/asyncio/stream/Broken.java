package dev.asyncio.stream;

/** Throws on what a connection was lost with, which may be checked. */
final class Broken {
  private Broken() {}

  @SuppressWarnings("unchecked")
  static <X extends Throwable> X unchecked(Throwable exc) throws X {
    throw (X) exc;
  }
}
