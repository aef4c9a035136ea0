package dev.asyncio.linux;

import dev.asyncio.engine.Opening;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.channels.IllegalSelectorException;
import java.nio.channels.SelectableChannel;

/** The number by which the system knows a channel of the JDK, for which there is no public API. */
public final class ChannelDescriptor {
  private static final Class<?> SELECTABLE;
  private static final MethodHandle NUMBER;

  static {
    try {
      Opening.ofJavaBase("sun.nio.ch");
      SELECTABLE = Class.forName("sun.nio.ch.SelChImpl");
      NUMBER =
          MethodHandles.privateLookupIn(SELECTABLE, MethodHandles.lookup())
              .findVirtual(SELECTABLE, "getFDVal", MethodType.methodType(int.class))
              .asType(MethodType.methodType(int.class, SelectableChannel.class));
    } catch (Throwable e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private ChannelDescriptor() {}

  /**
   * The descriptor of a channel. After the channel was closed it may be another's.
   *
   * @throws IllegalSelectorException if the channel is not one of the JDK's
   */
  public static int of(SelectableChannel channel) {
    if (!SELECTABLE.isInstance(channel)) {
      throw new IllegalSelectorException();
    }
    try {
      return (int) NUMBER.invokeExact(channel);
    } catch (Throwable impossible) {
      throw new AssertionError("getFDVal declares no exception", impossible);
    }
  }
}
