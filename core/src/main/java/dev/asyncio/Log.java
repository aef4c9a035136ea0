package dev.asyncio;

/** The logger of all loops; in a class of its own, since most programs never need it. */
final class Log {

  static final System.Logger ASYNCIO = System.getLogger("asyncio");

  private Log() {}
}
