package dev.asyncio.cli;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Takes the frames that started a program off the foot of a stack trace, so that it ends with the
 * program's own main, as if {@code java} had started it.
 */
final class OwnFrames {
  private static final String OURS = OwnFrames.class.getPackageName() + ".";

  private OwnFrames() {}

  /** Shortens the traces of {@code thrown}, its causes and what it suppressed. */
  static void removeFrom(Throwable thrown) {
    removeFrom(thrown, Collections.newSetFromMap(new IdentityHashMap<>()));
  }

  private static void removeFrom(@Nullable Throwable thrown, Set<Throwable> done) {
    if (thrown == null || !done.add(thrown)) {
      return;
    }
    StackTraceElement[] frames = thrown.getStackTrace();
    int end = frames.length;
    while (end > 0 && startsPrograms(frames[end - 1].getClassName())) {
      end--;
    }
    if (end < frames.length) {
      thrown.setStackTrace(java.util.Arrays.copyOf(frames, end));
    }
    removeFrom(thrown.getCause(), done);
    for (Throwable suppressed : thrown.getSuppressed()) {
      removeFrom(suppressed, done);
    }
  }

  private static boolean startsPrograms(String className) {
    return className.startsWith(OURS)
        || className.startsWith("java.lang.reflect.")
        || className.startsWith("jdk.internal.reflect.");
  }
}
