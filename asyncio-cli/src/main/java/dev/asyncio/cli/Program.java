package dev.asyncio.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A compiled program, held in memory.
 *
 * @param topLevelClasses the classes of its first source file, in the order they stand there
 * @param sources every source file that was compiled, with its content
 * @param classes the class files by binary name
 * @param warnings what javac had to say, empty or whole lines
 */
record Program(
    List<String> topLevelClasses,
    Map<Path, byte[]> sources,
    Map<String, byte[]> classes,
    String warnings) {

  /** Makes its classes available, under the library's own class loader. */
  ClassLoader load() {
    return new ClassLoader(Program.class.getClassLoader()) {
      // Its own classes first, as java does: to ask the parent for them would open every jar.
      @Override
      protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        byte[] bytes = classes.get(name);
        if (bytes == null) {
          return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
          Class<?> loaded = findLoadedClass(name);
          return loaded != null ? loaded : defineClass(name, bytes, 0, bytes.length);
        }
      }
    };
  }
}
