package dev.asyncio.process;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Forces one mechanism for the children of a test. */
final class ChildrenBy implements AfterEachCallback {
  static final String PROPERTY = "asyncio.children";

  void use(String mechanism) {
    Assumptions.assumeTrue(
        mechanism.equals("jdk") || System.getProperty("os.name").equals("Linux"),
        "native children are for Linux alone");
    System.setProperty(PROPERTY, mechanism);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    System.clearProperty(PROPERTY);
  }
}
