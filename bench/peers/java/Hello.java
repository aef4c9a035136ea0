/** Start-up: one virtual thread that yields once and prints. */
public final class Hello {
  private Hello() {}

  /** Prints. */
  public static void main(String[] args) throws InterruptedException {
    Thread.startVirtualThread(
            () -> {
              Thread.yield();
              System.out.println("hello");
            })
        .join();
  }
}
