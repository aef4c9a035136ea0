import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.run;
import static dev.asyncio.Asyncio.sleep;

import java.time.Duration;

/** Start-up: one coroutine that yields once and prints. */
void main() {
  run(
      async(() -> {
        await(sleep(Duration.ZERO));
        IO.println("hello");
      }));
}
