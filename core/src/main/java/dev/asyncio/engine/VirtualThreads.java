package dev.asyncio.engine;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;

/**
 * The parts of JDK 25's virtual threads that have no public API, looked up once.
 *
 * <p>The builder rather than the thread's own constructor, and method handles rather than
 * reflection: the JDK has code for handles of these shapes, and would have to generate it for the
 * others, at every start of a JVM.
 */
final class VirtualThreads {

  static final @Nullable String UNAVAILABLE;

  private static final @Nullable MethodHandle NEW_BUILDER;
  private static final @Nullable Executor DEFAULT_SCHEDULER;
  private static final @Nullable VarHandle THREAD_LOCALS;
  private static final @Nullable VarHandle INHERITABLE_THREAD_LOCALS;

  static {
    MethodHandle newBuilder = null;
    Executor scheduler = null;
    VarHandle locals = null;
    VarHandle inheritable = null;
    String unavailable = null;
    try {
      var lookup = MethodHandles.lookup();
      Class<?> builder = Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder");
      newBuilder =
          MethodHandles.privateLookupIn(builder, lookup)
              .findConstructor(builder, MethodType.methodType(void.class, Executor.class))
              .asType(MethodType.methodType(Thread.Builder.class, Executor.class));
      Class<?> virtual = Class.forName("java.lang.VirtualThread");
      scheduler =
          (ForkJoinPool)
              MethodHandles.privateLookupIn(virtual, lookup)
                  .findStaticVarHandle(virtual, "DEFAULT_SCHEDULER", ForkJoinPool.class)
                  .get();
      var inThread = MethodHandles.privateLookupIn(Thread.class, lookup);
      Class<?> map = Class.forName("java.lang.ThreadLocal$ThreadLocalMap");
      locals = inThread.findVarHandle(Thread.class, "threadLocals", map);
      inheritable = inThread.findVarHandle(Thread.class, "inheritableThreadLocals", map);
    } catch (IllegalAccessException closed) {
      String module = Objects.requireNonNullElse(moduleName(), "ALL-UNNAMED");
      unavailable =
          "the carried engine needs the JVM flag --add-opens java.base/java.lang="
              + module
              + "; start java with it (or put 'Add-Opens: java.base/java.lang' into the manifest"
              + " of an executable jar), or use the portable engine";
    } catch (ReflectiveOperationException | RuntimeException missing) {
      unavailable =
          "the carried engine needs the virtual threads of JDK 25, and this is Java "
              + Runtime.version()
              + " ("
              + missing
              + "); use JDK 25 or the portable engine";
    }
    NEW_BUILDER = newBuilder;
    DEFAULT_SCHEDULER = scheduler;
    THREAD_LOCALS = locals;
    INHERITABLE_THREAD_LOCALS = inheritable;
    UNAVAILABLE = unavailable;
  }

  private VirtualThreads() {}

  private static @Nullable String moduleName() {
    return VirtualThreads.class.getModule().getName();
  }

  /** A new virtual thread that {@code scheduler} decides about; it has not been started. */
  static Thread create(Executor scheduler, Runnable body) {
    try {
      var builder = (Thread.Builder) Objects.requireNonNull(NEW_BUILDER).invokeExact(scheduler);
      return builder.inheritInheritableThreadLocals(false).unstarted(body);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("the builder's constructor declares no checked exception", e);
    }
  }

  /** The scheduler of virtual threads that are none of ours. */
  static Executor defaultScheduler() {
    return Objects.requireNonNull(DEFAULT_SCHEDULER);
  }

  /** Takes away what a task left in thread-locals, as the end of its thread would have done. */
  static void clearThreadLocals(Thread thread) {
    VarHandle locals = Objects.requireNonNull(THREAD_LOCALS);
    if (locals.get(thread) != null) {
      locals.set(thread, null);
    }
    VarHandle inheritable = Objects.requireNonNull(INHERITABLE_THREAD_LOCALS);
    if (inheritable.get(thread) != null) {
      inheritable.set(thread, null);
    }
  }
}
