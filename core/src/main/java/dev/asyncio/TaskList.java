package dev.asyncio;

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

  private volatile @Nullable Task<?> first;
  private @Nullable Task<?> last;
  private int size;

  void add(Task<?> task) {
    if (task == first || task.previous != null) {
      return; // is in it
    }
    task.next = null;
    task.previous = last;
    if (last == null) {
      first = task;
    } else {
      last.next = task;
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
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    task.previous = null;
    task.next = task;
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
