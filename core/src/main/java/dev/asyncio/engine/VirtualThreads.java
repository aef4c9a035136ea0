package dev.asyncio.engine;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.InaccessibleObjectException;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import org.jspecify.annotations.Nullable;

/**
 * The parts of JDK 25's virtual threads that have no public API.
 *
 * <p>Besides the constructor that takes a scheduler these are the pieces of {@code
 * VirtualThread.runContinuation} and of {@code Thread.yield}. Put together anew they do what those
 * do, without the hand-over to the scheduler and with one atomic operation where those have five:
 * see ADR 5.
 */
final class VirtualThreads {

  /** Why none of this can be used here; null if it can. */
  static final @Nullable String UNAVAILABLE = unavailable();

  private VirtualThreads() {}

  private static @Nullable String unavailable() {
    try {
      MethodHandles.lookup().ensureInitialized(Internals.class);
      return null;
    } catch (ExceptionInInitializerError | IllegalAccessException e) {
      return because(Objects.requireNonNullElse(e.getCause(), e));
    }
  }

  private static String because(Throwable e) {
    if (e instanceof InaccessibleObjectException || e instanceof IllegalAccessException) {
      String module =
          Objects.requireNonNullElse(VirtualThreads.class.getModule().getName(), "ALL-UNNAMED");
      return "the carried engine needs the JVM flag --add-opens java.base/java.lang="
          + module
          + "; start java with it (or put 'Add-Opens: java.base/java.lang' into the manifest"
          + " of an executable jar), or use the portable engine";
    }
    return "the carried engine needs the virtual threads of JDK 25, and this is Java "
        + Runtime.version()
        + " ("
        + e
        + "); use JDK 25 or the portable engine";
  }

  /**
   * A new virtual thread that {@code scheduler} decides about. It is alive, as if it had been
   * started and had yielded at once, but the JDK does not list it: only {@link #run} runs it.
   */
  static Thread create(Executor scheduler, Runnable body) {
    try {
      var builder = (Thread.Builder) Internals.NEW_BUILDER.invokeExact(scheduler);
      Thread thread = builder.inheritInheritableThreadLocals(false).unstarted(body);
      Internals.CONTAINER.set(thread, Internals.ROOT_CONTAINER);
      Internals.STATE.setRelease(thread, Internals.YIELDED);
      return thread;
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** What the JDK gives a thread's scheduler to run it. */
  static Runnable entry(Thread thread) {
    return (Runnable) Internals.ENTRY.get(thread);
  }

  /**
   * Makes the right to {@link #run} a thread that has yielded ours.
   *
   * @return false if somebody else has it, to look at the thread's stack; it will be free soon
   */
  static boolean claim(Thread thread) {
    return Internals.STATE.compareAndSet(thread, Internals.YIELDED, Internals.RUNNING);
  }

  /** Runs a claimed thread on the current one until it unmounts. */
  static void run(Thread thread) {
    try {
      Internals.MOUNT.invokeExact(thread);
      try {
        Internals.RUN.invokeExact(Internals.CONTINUATION.get(thread));
      } finally {
        Internals.UNMOUNT.invokeExact(thread);
      }
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /**
   * Unmounts the current thread, which {@link #run} has mounted, and returns when it runs again; at
   * once if it is pinned.
   */
  static void stop(Thread current) {
    try {
      var _ = (boolean) Internals.YIELD.invokeExact(current);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** After {@link #run}: the thread has yielded, and waits for {@link #claim}. */
  static void yielded(Thread thread) {
    Internals.STATE.setRelease(thread, Internals.YIELDED);
  }

  /** After {@link #run}: the thread unmounted by itself, in a blocking call. */
  static void blocked(Thread thread) {
    try {
      Internals.AFTER_YIELD.invokeExact(thread);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** After {@link #run}: whether the thread has come to its end. */
  static boolean done(Thread thread) {
    return (boolean) Internals.DONE.get(Internals.CONTINUATION.get(thread));
  }

  /** After {@link #run}: the thread is done. It is in no list of the JDK's to be taken out of. */
  static void ended(Thread thread) {
    try {
      Internals.AFTER_DONE.invokeExact(thread, false);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** The scheduler of virtual threads that are none of ours. */
  static Executor defaultScheduler() {
    return Internals.DEFAULT_SCHEDULER;
  }

  /** Takes away what a task left in its thread, as the end of the thread would have done. */
  static void forget(Thread thread) {
    if (Internals.THREAD_LOCALS.get(thread) != null) {
      Internals.THREAD_LOCALS.set(thread, null);
    }
    if (Internals.INHERITABLE_THREAD_LOCALS.get(thread) != null) {
      Internals.INHERITABLE_THREAD_LOCALS.set(thread, null);
    }
    if (Internals.HANDLER.getOpaque(thread) != null) {
      thread.setUncaughtExceptionHandler(null);
    }
  }

  private static RuntimeException unchecked(Throwable e) {
    if (e instanceof RuntimeException runtime) {
      throw runtime;
    }
    if (e instanceof Error error) {
      throw error;
    }
    throw new AssertionError("VirtualThread's methods declare no checked exception", e);
  }

  /**
   * All look-ups, as constants that the JIT sees through; none is there if one of them fails.
   * Fields rather than methods, and methods of few shapes: for each further one the JDK would make
   * a class at every start of a JVM.
   */
  private static final class Internals {

    static final MethodHandle NEW_BUILDER;
    static final VarHandle CONTAINER;
    static final Object ROOT_CONTAINER;
    static final MethodHandle MOUNT;
    static final MethodHandle UNMOUNT;
    static final VarHandle CONTINUATION;
    static final MethodHandle RUN;
    static final VarHandle DONE;
    static final MethodHandle YIELD;
    static final MethodHandle AFTER_YIELD;
    static final MethodHandle AFTER_DONE;
    static final VarHandle STATE;
    static final int RUNNING;
    static final int YIELDED;
    static final VarHandle ENTRY;
    static final VarHandle THREAD_LOCALS;
    static final VarHandle INHERITABLE_THREAD_LOCALS;
    static final VarHandle HANDLER;
    static final Executor DEFAULT_SCHEDULER;

    static {
      try {
        var ours = MethodHandles.lookup();
        Opening.ofJavaBase("jdk.internal.vm");

        Class<?> type = Class.forName("java.lang.VirtualThread");
        Class<?> continuation = Class.forName("jdk.internal.vm.Continuation");
        var inVirtual = MethodHandles.privateLookupIn(type, ours);
        MOUNT = method(inVirtual, type, "mount", void.class, Thread.class);
        UNMOUNT = method(inVirtual, type, "unmount", void.class, Thread.class);
        YIELD = method(inVirtual, type, "yieldContinuation", boolean.class, Thread.class);
        AFTER_YIELD = method(inVirtual, type, "afterYield", void.class, Thread.class);
        AFTER_DONE =
            inVirtual
                .findVirtual(type, "afterDone", MethodType.methodType(void.class, boolean.class))
                .asType(MethodType.methodType(void.class, Thread.class, boolean.class));
        RUN = method(ours, continuation, "run", void.class, Object.class);
        DONE =
            MethodHandles.privateLookupIn(continuation, ours)
                .findVarHandle(continuation, "done", boolean.class);
        CONTINUATION = inVirtual.findVarHandle(type, "cont", continuation);
        STATE = inVirtual.findVarHandle(type, "state", int.class);
        RUNNING = (int) inVirtual.findStaticVarHandle(type, "RUNNING", int.class).get();
        YIELDED = (int) inVirtual.findStaticVarHandle(type, "YIELDED", int.class).get();
        ENTRY = inVirtual.findVarHandle(type, "runContinuation", Runnable.class);
        DEFAULT_SCHEDULER =
            (Executor)
                inVirtual.findStaticVarHandle(type, "DEFAULT_SCHEDULER", ForkJoinPool.class).get();

        Class<?> builder = Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder");
        NEW_BUILDER =
            MethodHandles.privateLookupIn(builder, ours)
                .findConstructor(builder, MethodType.methodType(void.class, Executor.class))
                .asType(MethodType.methodType(Thread.Builder.class, Executor.class));

        var inThread = MethodHandles.privateLookupIn(Thread.class, ours);
        Class<?> locals = Class.forName("java.lang.ThreadLocal$ThreadLocalMap");
        THREAD_LOCALS = inThread.findVarHandle(Thread.class, "threadLocals", locals);
        INHERITABLE_THREAD_LOCALS =
            inThread.findVarHandle(Thread.class, "inheritableThreadLocals", locals);
        HANDLER =
            inThread.findVarHandle(
                Thread.class, "uncaughtExceptionHandler", Thread.UncaughtExceptionHandler.class);
        CONTAINER =
            inThread.findVarHandle(
                Thread.class, "container", Class.forName("jdk.internal.vm.ThreadContainer"));
        ROOT_CONTAINER =
            Class.forName("jdk.internal.vm.ThreadContainers").getMethod("root").invoke(null);
      } catch (Throwable e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private static MethodHandle method(
        MethodHandles.Lookup lookup, Class<?> type, String name, Class<?> result, Class<?> seenAs)
        throws ReflectiveOperationException {
      return lookup
          .findVirtual(type, name, MethodType.methodType(result))
          .asType(MethodType.methodType(result, seenAs));
    }
  }
}
