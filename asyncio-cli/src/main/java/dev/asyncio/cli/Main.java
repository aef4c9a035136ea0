package dev.asyncio.cli;

/**
 * The entry point that the {@code asyncio} script starts.
 *
 * <p>Exit status: that of the program; 1 where it does not compile or ends with an uncaught
 * exception, 2 where the command line is wrong, 130 after Ctrl-C.
 */
public final class Main {
  private Main() {}

  /**
   * Does what the command line asks for.
   *
   * <p>A program that ends normally may leave threads behind that are not daemons; they go on, as
   * after any Java {@code main}. Every other end exits at once.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    RunRequest plain = RunRequest.parsePlain(args);
    int status = plain != null ? ProgramRun.run(plain) : CommandLineInterface.execute(args);
    if (status != 0) {
      System.exit(status);
    }
  }
}
