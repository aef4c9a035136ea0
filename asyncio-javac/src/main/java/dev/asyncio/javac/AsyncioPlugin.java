package dev.asyncio.javac;

import com.sun.source.util.JavacTask;
import com.sun.source.util.Plugin;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import com.sun.source.util.TreePath;
import com.sun.source.util.Trees;

/**
 * The javac plugin {@code asyncio}: with this jar on the annotation processor path, {@code
 * -Xplugin:asyncio} makes a coroutine that nobody awaits a compile-time error.
 */
public final class AsyncioPlugin implements Plugin {

  /** For javac's service loader. */
  public AsyncioPlugin() {}

  @Override
  public String getName() {
    return "asyncio";
  }

  @Override
  public void init(JavacTask task, String... arguments) {
    watch(task);
  }

  /** Adds the check to a compilation that is set up in process. */
  public static void watch(JavacTask task) {
    Trees trees = Trees.instance(task);
    task.addTaskListener(
        new TaskListener() {
          @Override
          public void finished(TaskEvent event) {
            if (event.getKind() == TaskEvent.Kind.ANALYZE && event.getTypeElement() != null) {
              TreePath type = trees.getPath(event.getTypeElement());
              if (type != null) {
                new NeverAwaited(trees, task.getTypes(), task.getElements()).scan(type, null);
              }
            }
          }
        });
  }
}
