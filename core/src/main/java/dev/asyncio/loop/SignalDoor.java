package dev.asyncio.loop;

import java.lang.reflect.Proxy;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The way from the operating system's signals to the program, on {@code sun.misc.Signal} of the
 * module {@code jdk.unsupported}, the only public one there is. It is reached by reflection, so that
 * a run-time image without that module works too, with the JVM's own handling of signals.
 */
public final class SignalDoor implements AutoCloseable {

  private final Class<?> handlerType;
  private final Class<?> signalType;
  private final Object signal;
  private final @Nullable Object before;

  private SignalDoor(String name, Runnable action) throws ReflectiveOperationException {
    signalType = Class.forName("sun.misc.Signal");
    handlerType = Class.forName("sun.misc.SignalHandler");
    signal = signalType.getConstructor(String.class).newInstance(name);
    before = handle(handler(action));
  }

  /**
   * Has {@code action} run, on a thread of the JVM's, whenever the process gets the signal.
   *
   * @param name without {@code SIG}, as in {@code INT}
   * @return closing it restores what was before; null if that signal cannot be had here
   */
  public static @Nullable SignalDoor open(String name, Runnable action) {
    try {
      return new SignalDoor(name, action);
    } catch (ReflectiveOperationException unavailable) {
      return null;
    }
  }

  private Object handler(Runnable action) {
    return Proxy.newProxyInstance(
        SignalDoor.class.getClassLoader(),
        new Class<?>[] {handlerType},
        (proxy, method, arguments) -> {
          switch (method.getName()) {
            case "handle" -> action.run();
            case "equals" -> {
              return proxy == Objects.requireNonNull(arguments)[0];
            }
            case "hashCode" -> {
              return System.identityHashCode(proxy);
            }
            default -> {
              return "SignalDoor for " + signal;
            }
          }
          return null;
        });
  }

  private @Nullable Object handle(@Nullable Object handler) throws ReflectiveOperationException {
    return signalType.getMethod("handle", signalType, handlerType).invoke(null, signal, handler);
  }

  @Override
  public void close() {
    try {
      handle(before);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot restore the handling of " + signal, e);
    }
  }
}
