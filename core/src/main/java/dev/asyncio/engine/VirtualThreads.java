package dev.asyncio.engine;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.util.Objects;
import java.util.concurrent.Executor;
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

  static final @Nullable String UNAVAILABLE;

  private static final @Nullable Internals INTERNALS;

  // Constants of their own, so that the JIT calls straight through them.
  private static final @Nullable MethodHandle MOUNT;
  private static final @Nullable MethodHandle UNMOUNT;
  private static final @Nullable MethodHandle RUN;
  private static final @Nullable MethodHandle YIELD;
  private static final @Nullable VarHandle STATE;
  private static final int RUNNING;
  private static final int YIELDED;

  static {
    Internals internals = null;
    String unavailable = null;
    try {
      internals = new Internals();
    } catch (InaccessibleObjectException | IllegalAccessException closed) {
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
    INTERNALS = internals;
    UNAVAILABLE = unavailable;
    MOUNT = internals == null ? null : internals.mount;
    UNMOUNT = internals == null ? null : internals.unmount;
    RUN = internals == null ? null : internals.run;
    YIELD = internals == null ? null : internals.yield;
    STATE = internals == null ? null : internals.state;
    RUNNING = internals == null ? 0 : internals.running;
    YIELDED = internals == null ? 0 : internals.yielded;
  }

  private VirtualThreads() {}

  private static @Nullable String moduleName() {
    return VirtualThreads.class.getModule().getName();
  }

  private static Internals internals() {
    return Objects.requireNonNull(INTERNALS);
  }

  /**
   * A new virtual thread that {@code scheduler} decides about. It is alive, as if it had been
   * started and had yielded at once, but the JDK does not list it: only {@link #run} runs it.
   */
  static Thread create(Executor scheduler, Runnable body) {
    try {
      Internals jdk = internals();
      Thread thread =
          (Thread)
              jdk.constructor.invokeExact(
                  scheduler, (String) null, Internals.NO_INHERIT_THREAD_LOCALS, body);
      jdk.setContainer.invokeExact(thread, jdk.rootContainer);
      jdk.state.setRelease(thread, YIELDED);
      return thread;
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** What the JDK gives a thread's scheduler to run it. */
  static Runnable entry(Thread thread) {
    return (Runnable) internals().entry.get(thread);
  }

  /**
   * Makes the right to {@link #run} a thread that has yielded ours.
   *
   * @return false if somebody else has it, to look at the thread's stack; it will be free soon
   */
  static boolean claim(Thread thread) {
    return Objects.requireNonNull(STATE).compareAndSet(thread, YIELDED, RUNNING);
  }

  /** Runs a claimed thread on the current one until it unmounts. */
  static void run(Thread thread) {
    try {
      Objects.requireNonNull(MOUNT).invokeExact(thread);
      try {
        Objects.requireNonNull(RUN).invokeExact(thread);
      } finally {
        Objects.requireNonNull(UNMOUNT).invokeExact(thread);
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
      Objects.requireNonNull(YIELD).invokeExact(current);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** After {@link #run}: the thread has yielded, and waits for {@link #claim}. */
  static void yielded(Thread thread) {
    Objects.requireNonNull(STATE).setRelease(thread, YIELDED);
  }

  /** After {@link #run}: the thread unmounted by itself, in a blocking call. */
  static void blocked(Thread thread) {
    try {
      internals().afterYield.invokeExact(thread);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** After {@link #run}: whether the thread has come to its end. */
  static boolean done(Thread thread) {
    try {
      return (boolean) internals().done.invokeExact(thread);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** After {@link #run}: the thread is done. */
  static void ended(Thread thread) {
    try {
      internals().afterDone.invokeExact(thread);
    } catch (Throwable e) {
      throw unchecked(e);
    }
  }

  /** The scheduler of virtual threads that are none of ours. */
  static Executor defaultScheduler() {
    return internals().defaultScheduler;
  }

  /** Takes away what a task left in thread-locals, as the end of its thread would have done. */
  static void clearThreadLocals(Thread thread) {
    VarHandle locals = internals().threadLocals;
    if (locals.get(thread) != null) {
      locals.set(thread, null);
    }
    VarHandle inheritable = internals().inheritableThreadLocals;
    if (inheritable.get(thread) != null) {
      inheritable.set(thread, null);
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

  /** All look-ups; it cannot be made where one of them fails. */
  private static final class Internals {

    /** ThreadBuilders' flag for a thread without the inheritable thread-locals of its creator. */
    static final int NO_INHERIT_THREAD_LOCALS = 1 << 2;

    final MethodHandle constructor;
    final MethodHandle setContainer;
    final Object rootContainer;
    final MethodHandle mount;
    final MethodHandle unmount;
    final MethodHandle run;
    final MethodHandle yield;
    final MethodHandle done;
    final MethodHandle afterYield;
    final MethodHandle afterDone;
    final VarHandle state;
    final int running;
    final int yielded;
    final VarHandle entry;
    final VarHandle threadLocals;
    final VarHandle inheritableThreadLocals;
    final Executor defaultScheduler;

    Internals() throws ReflectiveOperationException {
      Class<?> type = Class.forName("java.lang.VirtualThread");
      var lookup = MethodHandles.privateLookupIn(type, MethodHandles.lookup());
      constructor =
          lookup
              .findConstructor(
                  type,
                  MethodType.methodType(
                      void.class, Executor.class, String.class, int.class, Runnable.class))
              .asType(
                  MethodType.methodType(
                      Thread.class, Executor.class, String.class, int.class, Runnable.class));
      exportToUs("jdk.internal.vm");
      Class<?> continuation = Class.forName("jdk.internal.vm.Continuation");
      MethodHandle continuationOf = lookup.findGetter(type, "cont", continuation);
      run =
          MethodHandles.filterArguments(action(lookup, continuation, "run"), 0, continuationOf)
              .asType(ACTION);
      done =
          MethodHandles.filterArguments(
                  lookup.findVirtual(continuation, "isDone", MethodType.methodType(boolean.class)),
                  0,
                  continuationOf)
              .asType(MethodType.methodType(boolean.class, Thread.class));
      mount = action(lookup, type, "mount").asType(ACTION);
      unmount = action(lookup, type, "unmount").asType(ACTION);
      yield =
          lookup
              .findVirtual(type, "yieldContinuation", MethodType.methodType(boolean.class))
              .asType(ACTION);
      afterYield = action(lookup, type, "afterYield").asType(ACTION);
      afterDone = action(lookup, type, "afterDone").asType(ACTION);
      state = lookup.findVarHandle(type, "state", int.class);
      running = (int) lookup.findStaticVarHandle(type, "RUNNING", int.class).get();
      yielded = (int) lookup.findStaticVarHandle(type, "YIELDED", int.class).get();
      entry = lookup.findVarHandle(type, "runContinuation", Runnable.class);
      var inThread = MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup());
      Class<?> locals = Class.forName("java.lang.ThreadLocal$ThreadLocalMap");
      threadLocals = inThread.findVarHandle(Thread.class, "threadLocals", locals);
      inheritableThreadLocals =
          inThread.findVarHandle(Thread.class, "inheritableThreadLocals", locals);
      Class<?> container = Class.forName("jdk.internal.vm.ThreadContainer");
      setContainer =
          lookup
              .findVirtual(
                  Thread.class, "setThreadContainer", MethodType.methodType(void.class, container))
              .asType(MethodType.methodType(void.class, Thread.class, Object.class));
      try {
        defaultScheduler =
            (Executor)
                lookup
                    .findStatic(type, "defaultScheduler", MethodType.methodType(Executor.class))
                    .invoke();
        rootContainer =
            lookup
                .findStatic(
                    Class.forName("jdk.internal.vm.ThreadContainers"),
                    "root",
                    MethodType.methodType(container))
                .invoke();
      } catch (ReflectiveOperationException | RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError("these methods declare no checked exception", e);
      }
    }

    /** Whoever may enter java.lang may call what an {@code --add-exports} calls there. */
    private static void exportToUs(String packageName) throws ReflectiveOperationException {
      Method export = Module.class.getDeclaredMethod("implAddExports", String.class, Module.class);
      export.setAccessible(true);
      export.invoke(Object.class.getModule(), packageName, Internals.class.getModule());
    }

    private static final MethodType ACTION = MethodType.methodType(void.class, Thread.class);

    private static MethodHandle action(MethodHandles.Lookup lookup, Class<?> type, String name)
        throws ReflectiveOperationException {
      return lookup.findVirtual(type, name, MethodType.methodType(void.class));
    }
  }
}
