import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Holds every Java file of the project against google-java-format.
 *
 * <p>The build runs this on its JDK 25, because the formatter has to read the syntax of 25 also
 * where Maven itself was started on an older JDK. Arguments: the project's folder; {@code check} or
 * {@code apply}; the report, which exists afterwards only where files are left unformatted.
 */
class Format {
  private static final Formatter FORMATTER = new Formatter();

  /** What the formatter made of one file. */
  private sealed interface Verdict {
    record Formatted() implements Verdict {}

    record Differs(Path file, String formatted) implements Verdict {}

    record Unreadable(Path file, FormatterException why) implements Verdict {}
  }

  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]).toRealPath();
    boolean apply = args[1].equals("apply");
    Path report = Path.of(args[2]);

    var left = new ArrayList<String>();
    for (Verdict verdict : sources(root).parallelStream().map(Format::judge).toList()) {
      switch (verdict) {
        case Verdict.Formatted() -> {}
        case Verdict.Differs(Path file, String formatted) when apply -> {
          Files.writeString(file, formatted);
          System.out.println("formatted " + root.relativize(file));
        }
        case Verdict.Differs(Path file, var _) ->
            left.add("not formatted: " + root.relativize(file));
        case Verdict.Unreadable(Path file, FormatterException why) ->
            left.add("not Java: " + root.relativize(file) + ":" + why.getMessage());
      }
    }

    left.forEach(System.out::println);
    if (left.isEmpty()) {
      Files.deleteIfExists(report);
    } else {
      Files.createDirectories(report.getParent());
      Files.write(report, left);
    }
  }

  private static Verdict judge(Path file) {
    try {
      String source = Files.readString(file);
      String formatted = FORMATTER.formatSourceAndFixImports(source);
      return formatted.equals(source)
          ? new Verdict.Formatted()
          : new Verdict.Differs(file, formatted);
    } catch (FormatterException why) {
      return new Verdict.Unreadable(file, why);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Java files outside build outputs and hidden folders. */
  private static List<Path> sources(Path root) throws IOException {
    var found = new ArrayList<Path>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
            String name = Optional.ofNullable(dir.getFileName()).map(Path::toString).orElse("");
            boolean skip = !dir.equals(root) && (name.equals("target") || name.startsWith("."));
            return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    found.sort(null);
    return found;
  }
}
