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
 */
record Program(
    List<String> topLevelClasses, Map<Path, byte[]> sources, Map<String, byte[]> classes) {

  /** Makes its classes available, under the library's own class loader. */
  ClassLoader load() {
    return new ClassLoader(Program.class.getClassLoader()) {
      @Override
      protected Class<?> findClass(String name) throws ClassNotFoundException {
        byte[] bytes = classes.get(name);
        if (bytes == null) {
          throw new ClassNotFoundException(name);
        }
        return defineClass(name, bytes, 0, bytes.length);
      }
    };
  }
}
