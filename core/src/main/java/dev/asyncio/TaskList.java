package dev.asyncio;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The unfinished tasks of a loop, in the order of their creation.
 *
 * <p>A doubly linked list through the tasks themselves. Only the loop changes it; other threads may
 * walk it at any time. A task that is taken out points to itself, so that it keeps no other alive
 * and a walk that stands on it knows that it has to begin again.
 */
final class TaskList {

  private static final VarHandle FIRST;
  private static final VarHandle NEXT;

  static {
    try {
      var lookup = MethodHandles.lookup();
      FIRST = lookup.findVarHandle(TaskList.class, "first", Task.class);
      NEXT = lookup.findVarHandle(Task.class, "next", Task.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  // Written with release, which a walker on another thread needs, and not with a fence.
  private volatile @Nullable Task<?> first;
  private @Nullable Task<?> last;
  private int size;

  void add(Task<?> task) {
    if (task == first || task.previous != null) {
      return; // is in it
    }
    NEXT.setRelease(task, null);
    task.previous = last;
    if (last == null) {
      FIRST.setRelease(this, task);
    } else {
      NEXT.setRelease(last, task);
    }
    last = task;
    size++;
  }

  void remove(Task<?> task) {
    Task<?> before = task.previous;
    Task<?> after = task.next;
    if (before == null) {
      if (first != task) {
        return; // has been taken out
      }
      FIRST.setRelease(this, after);
    } else {
      NEXT.setRelease(before, after);
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    task.previous = null;
    NEXT.setRelease(task, task);
    size--;
  }

  int size() {
    return size;
  }

  /** Those that are not done. */
  List<Task<?>> snapshot() {
    List<Task<?>> tasks = new ArrayList<>();
    Task<?> task = first;
    while (task != null) {
      if (!task.done()) {
        tasks.add(task);
      }
      Task<?> after = task.next;
      if (after == task) { // taken out while another thread was walking
        tasks.clear();
        after = first;
      }
      task = after;
    }
    return tasks;
  }
}
