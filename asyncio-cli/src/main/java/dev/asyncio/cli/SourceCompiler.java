package dev.asyncio.cli;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import dev.asyncio.javac.AsyncioPlugin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * Compiles a program in memory with the JDK's javac: a source file and, as {@code java} does since
 * JDK 22, every other one it refers to beneath the folder in which its package begins.
 *
 * <p>The library is on the module path, so that {@code import module dev.asyncio} works as well as
 * {@code import dev.asyncio.*}.
 */
final class SourceCompiler {
  private static final List<String> OPTIONS =
      List.of("--add-modules", "dev.asyncio", "-implicit:class", "-proc:none", "-g");

  private final Path library;
  private final Path file;

  private final List<String> topLevelClasses = new ArrayList<>();
  private final Map<Path, byte[]> sources = new LinkedHashMap<>();
  private final Map<String, ByteArrayOutputStream> classes = new LinkedHashMap<>();
  private final StringWriter said = new StringWriter();
  private boolean withoutMain;

  private SourceCompiler(Path library, Path file) {
    this.library = library;
    this.file = file;
  }

  /**
   * Compiles {@code file}; errors go to stderr, warnings into the program.
   *
   * @param library the library's jar, or folder of classes
   * @return null if there were errors
   * @throws CannotRun if nothing in the file could be a main method
   */
  static @Nullable Program compile(Path library, Path file) throws IOException, CannotRun {
    return new SourceCompiler(library, file).compile();
  }

  private @Nullable Program compile() throws IOException, CannotRun {
    var javac = ToolProvider.getSystemJavaCompiler();
    try (var files = javac.getStandardFileManager(null, null, null)) {
      files.setLocationFromPaths(StandardLocation.MODULE_PATH, List.of(library));
      files.setLocationFromPaths(StandardLocation.CLASS_PATH, List.of());
      var task =
          (JavacTask)
              javac.getTask(
                  said, new InMemory(files), null, OPTIONS, null, files.getJavaFileObjects(file));
      task.addTaskListener(new Parsed(files));
      AsyncioPlugin.watch(task); // a coroutine that nobody awaits is an error
      boolean compiled = task.call();
      if (withoutMain) {
        throw ProgramRun.noMain(file.toString());
      }
      if (!compiled) {
        System.err.print(said);
      }
      return compiled ? program() : null;
    }
  }

  private Program program() {
    Map<String, byte[]> bytes = new LinkedHashMap<>();
    classes.forEach((name, out) -> bytes.put(name, out.toByteArray()));
    return new Program(topLevelClasses, sources, bytes, said.toString());
  }

  /** Keeps what javac reads, and shows it the way to further sources once the package is known. */
  private final class Parsed implements TaskListener {
    private final StandardJavaFileManager files;

    Parsed(StandardJavaFileManager files) {
      this.files = files;
    }

    @Override
    public void finished(TaskEvent event) {
      if (event.getKind() != TaskEvent.Kind.PARSE) {
        return;
      }
      try {
        if (sources.isEmpty()) {
          first(event.getCompilationUnit());
        }
        Path source = files.asPath(event.getSourceFile());
        sources.put(source.toAbsolutePath(), Files.readAllBytes(source));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private void first(CompilationUnitTree unit) throws IOException {
      String packageName = unit.getPackageName() == null ? "" : unit.getPackageName().toString();
      boolean main = false;
      for (var declaration : unit.getTypeDecls()) {
        if (declaration instanceof ClassTree type) {
          String name = type.getSimpleName().toString();
          topLevelClasses.add(packageName.isEmpty() ? name : packageName + "." + name);
          main |= mayHaveMain(type);
        }
      }
      // javac has words of its own for a compact source file without main; ours are for all files.
      withoutMain = !main && said.getBuffer().isEmpty();
      Path root = sourceRoot(packageName);
      if (root != null) {
        files.setLocationFromPaths(StandardLocation.SOURCE_PATH, List.of(root));
      }
    }

    private static boolean mayHaveMain(ClassTree type) {
      return type.getExtendsClause() != null
          || type.getMembers().stream()
              .anyMatch(
                  m -> m instanceof MethodTree method && method.getName().contentEquals("main"));
    }
  }

  /** The folder above the package's own; null if the file lies elsewhere than its package says. */
  private @Nullable Path sourceRoot(String packageName) throws IOException {
    Path root = file.toRealPath().getParent();
    if (!packageName.isEmpty()) {
      Path expected = Path.of(packageName.replace('.', '/'));
      if (root == null || !root.endsWith(expected)) {
        return null;
      }
      for (int i = expected.getNameCount(); i > 0 && root != null; i--) {
        root = root.getParent();
      }
    }
    // Relative where the file is: javac names other sources in its messages as it found them.
    return root == null || file.isAbsolute() ? root : Path.of("").toRealPath().relativize(root);
  }

  /** Takes the class files that javac writes. */
  private final class InMemory extends ForwardingJavaFileManager<StandardJavaFileManager> {
    InMemory(StandardJavaFileManager files) {
      super(files);
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        JavaFileManager.Location location,
        String className,
        JavaFileObject.Kind kind,
        FileObject sibling) {
      var out = new ByteArrayOutputStream();
      classes.put(className, out);
      return new SimpleJavaFileObject(URI.create("memory:///" + className), kind) {
        @Override
        public OutputStream openOutputStream() {
          return out;
        }
      };
    }
  }
}
