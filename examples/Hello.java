// Hello: waits a second, without blocking the loop, and greets.
//
//   ./asyncio run examples/Hello.java

import static dev.asyncio.Asyncio.*;
import static java.time.Duration.*;

import dev.asyncio.*;

Coroutine<Void> greet() {
  return async(() -> {
    await(sleep(ofSeconds(1)));
    IO.println("Hello from asyncio");
  });
}

void main() {
  run(greet());
}
