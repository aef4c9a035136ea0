package dev.asyncio;

import static dev.asyncio.Asyncio.async;
import static dev.asyncio.Asyncio.await;
import static dev.asyncio.Asyncio.createSubprocessExec;

/** A program that starts a child, for {@link ChildrenMechanismTest}. */
final class ChildrenProgram {

  private ChildrenProgram() {}

  public static void main(String[] mechanism) {
    if (mechanism.length > 0) {
      System.setProperty("asyncio.children", mechanism[0]);
    }
    try {
      Asyncio.run(
          async(() -> System.out.println(await(await(createSubprocessExec("true")).waitFor()))));
    } catch (IllegalStateException e) {
      System.out.println(e.getMessage());
    }
  }
}
