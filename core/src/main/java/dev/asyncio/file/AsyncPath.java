package dev.asyncio.file;

import com.google.errorprone.annotations.CheckReturnValue;
import dev.asyncio.Coroutine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A path whose file is worked on without blocking the loop: what {@link Files} has, to be awaited.
 *
 * {@snippet :
 * AsyncPath notes = AsyncPath.of("notes.txt");
 * await(notes.writeText("remember"));
 * String text = await(notes.readText());
 * }
 *
 * <p><b>Cancellation:</b> stops the waiting; what was begun is done all the same.
 *
 * <p><b>Errors:</b> the {@link IOException} that {@link Files} has for it, which names the file.
 *
 * <p><b>Threads:</b> loop only. <b>Source:</b> none in CPython; after AnyIO's {@code Path}.
 *
 * @param path the path itself
 */
@CheckReturnValue
public record AsyncPath(Path path) {

  /** The path of that name. */
  public static AsyncPath of(String first, String... more) {
    return new AsyncPath(Path.of(first, more));
  }

  /** The path of something in this folder. */
  public AsyncPath resolve(String name) {
    return new AsyncPath(path.resolve(name));
  }

  /** Makes an empty file that nobody else has, in the system's folder for such. */
  public static Coroutine<AsyncPath> tempFile(String prefix, String suffix) {
    return Calls.of(() -> new AsyncPath(Files.createTempFile(prefix, suffix)));
  }

  /** Makes a folder that nobody else has, in the system's folder for such. */
  public static Coroutine<AsyncPath> tempDirectory(String prefix) {
    return Calls.of(() -> new AsyncPath(Files.createTempDirectory(prefix)));
  }

  // --- what it is

  /** Whether there is something. */
  public Coroutine<Boolean> exists() {
    return Calls.of(() -> Files.exists(path));
  }

  /** Whether it is a file. */
  public Coroutine<Boolean> isFile() {
    return Calls.of(() -> Files.isRegularFile(path));
  }

  /** Whether it is a folder. */
  public Coroutine<Boolean> isDirectory() {
    return Calls.of(() -> Files.isDirectory(path));
  }

  /** How many bytes the file has. */
  public Coroutine<Long> size() {
    return Calls.of(() -> Files.size(path));
  }

  // --- what is in it

  /** Opens the file; see {@link AsyncFile#open}. */
  public Coroutine<AsyncFile> open(OpenOption... options) {
    return AsyncFile.open(path, options);
  }

  /** All of the file. */
  public Coroutine<byte[]> readBytes() {
    return Calls.of(() -> Files.readAllBytes(path));
  }

  /** All of the file, which has to be UTF-8. */
  public Coroutine<String> readText() {
    return Calls.of(() -> Files.readString(path));
  }

  /** All lines of the file, which has to be UTF-8; {@link AsyncFile} gives them one by one. */
  public Coroutine<List<String>> readLines() {
    return Calls.of(() -> Files.readAllLines(path));
  }

  /** Makes the file consist of these bytes. */
  public Coroutine<@Nullable Void> writeBytes(byte[] bytes) {
    byte[] copy = bytes.clone();
    return Calls.of(() -> {
      Files.write(path, copy);
    });
  }

  /** Makes the file consist of this text, as UTF-8. */
  public Coroutine<@Nullable Void> writeText(String text) {
    return writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Puts a text behind what the file has, as UTF-8; makes the file if there is none. */
  public Coroutine<@Nullable Void> appendText(String text) {
    return Calls.of(() -> {
      Files.writeString(path, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    });
  }

  // --- what can be done with it

  /** Makes a folder, and those that it is in; it may be there already. */
  public Coroutine<@Nullable Void> mkdir() {
    return Calls.of(() -> {
      Files.createDirectories(path);
    });
  }

  /** Copies the file, or makes a folder like this one without what is in it. */
  public Coroutine<AsyncPath> copy(AsyncPath to, CopyOption... options) {
    return Calls.of(() -> new AsyncPath(Files.copy(path, to.path, options)));
  }

  /** Gives it another name. */
  public Coroutine<AsyncPath> move(AsyncPath to, CopyOption... options) {
    return Calls.of(() -> new AsyncPath(Files.move(path, to.path, options)));
  }

  /** Deletes the file, or the folder if it is empty; whether there was one. */
  public Coroutine<Boolean> delete() {
    return Calls.of(() -> Files.deleteIfExists(path));
  }

  /** What is in this folder, by name. */
  public Coroutine<List<AsyncPath>> list() {
    return Calls.of(() -> listed(path));
  }

  private static List<AsyncPath> listed(Path folder) throws IOException {
    try (Stream<Path> inside = Files.list(folder)) {
      return inside.sorted().map(AsyncPath::new).toList();
    }
  }

  /**
   * This path and all below it, a folder before what is in it, by name. Links are not followed.
   * Asking for the next one reads a folder at a time, and suspends for it.
   */
  public Iterable<AsyncPath> walk() {
    return () -> new Walk(this);
  }

  private static final class Walk implements Iterator<AsyncPath> {
    private final Deque<AsyncPath> ahead = new ArrayDeque<>();

    Walk(AsyncPath root) {
      ahead.push(root);
    }

    @Override
    public boolean hasNext() {
      return !ahead.isEmpty();
    }

    @Override
    public AsyncPath next() {
      if (ahead.isEmpty()) {
        throw new NoSuchElementException("all has been walked");
      }
      AsyncPath next = ahead.peek();
      List<AsyncPath> inside =
          Calls.of(() ->
                  Files.isDirectory(next.path, LinkOption.NOFOLLOW_LINKS)
                      ? listed(next.path)
                      : List.<AsyncPath>of())
              .await();
      AsyncPath _ = ahead.pop(); // not before: a cancelled walk can go on
      inside.reversed().forEach(ahead::push);
      return next;
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
