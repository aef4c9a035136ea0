package dev.asyncio.engine;

import java.lang.reflect.Method;

/** The JDK's inner packages: whoever may enter java.lang may do what {@code --add-opens} does. */
public final class Opening {
  private Opening() {}

  /**
   * Opens a package of java.base to this library.
   *
   * @throws java.lang.reflect.InaccessibleObjectException without {@code --add-opens
   *     java.base/java.lang}
   */
  public static void ofJavaBase(String packageName) throws ReflectiveOperationException {
    Method open = Module.class.getDeclaredMethod("implAddOpens", String.class, Module.class);
    open.setAccessible(true);
    open.invoke(Object.class.getModule(), packageName, Opening.class.getModule());
  }
}
