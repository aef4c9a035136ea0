package dev.asyncio.engine;

import java.lang.invoke.MethodHandles;
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
  public static void ofJavaBase(String packageName) throws Throwable {
    Method open = Module.class.getDeclaredMethod("implAddOpens", String.class, Module.class);
    open.setAccessible(true);
    // Not Method.invoke, for which the JDK would make five classes at every start of a JVM.
    MethodHandles.lookup()
        .unreflect(open)
        .invokeExact(Object.class.getModule(), packageName, Opening.class.getModule());
  }
}
