package dev.asyncio.cli;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keeps compiled programs in a folder of the user, one file for each program: javac takes ten times
 * as long as all the rest of a start.
 *
 * <p>An entry holds a copy of every source that went into it and the versions of library and JDK;
 * it counts only while they are all the same, byte for byte. So nothing here has to guess from file
 * times, nor to hash. Entries are replaced whole, by a rename: programs started at once do no harm
 * to each other. A cache that cannot be read or written costs time, never a failure.
 */
final class ProgramCache {
  private static final Duration KEPT = Duration.ofDays(30);

  /** First in every entry: what reads and writes entries of this form. */
  private static final String FORMAT = "asyncio program 1";

  private final @Nullable Path folder;
  private final String circumstances;

  /**
   * Makes a cache in the given folder.
   *
   * @param folder where entries are; made when needed. Null: there is no cache
   * @param library what programs are compiled against, a jar or a folder of classes
   */
  ProgramCache(@Nullable Path folder, Path library) throws IOException {
    this.folder = folder;
    this.circumstances =
        String.join(
            " ",
            FORMAT,
            System.getProperty("java.vm.version"),
            library.toString(),
            Long.toString(Files.size(library)),
            Long.toString(Files.getLastModifiedTime(library).toMillis()));
  }

  /** The cache of this user, in {@code $XDG_CACHE_HOME} or {@code ~/.cache}. */
  static ProgramCache ofUser(Path library) throws IOException {
    return new ProgramCache(folder(), library);
  }

  /** Null without a home: a folder that others can write to must not be trusted with classes. */
  private static @Nullable Path folder() {
    String base = System.getenv("XDG_CACHE_HOME");
    if (base == null || !Path.of(base).isAbsolute()) {
      String home = System.getenv("HOME");
      if (home == null || !Path.of(home).isAbsolute()) {
        return null;
      }
      return Path.of(home, ".cache", "asyncio", "programs");
    }
    return Path.of(base, "asyncio", "programs");
  }

  /** Finds the program that {@code source} makes, or null if it has to be compiled. */
  @Nullable Program find(Path source) {
    Path entry = entry(source);
    if (entry == null || !Files.isReadable(entry)) {
      return null;
    }
    try (var in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(entry), 65536))) {
      if (!in.readUTF().equals(circumstances)) {
        return null;
      }
      Map<Path, byte[]> sources = new LinkedHashMap<>();
      for (int i = in.readInt(); i > 0; i--) {
        Path path = Path.of(in.readUTF());
        byte[] content = readBytes(in);
        if (!Arrays.equals(content, Files.readAllBytes(path))) {
          return null;
        }
        sources.put(path, content);
      }
      if (!sources.containsKey(source)) {
        return null;
      }
      List<String> topLevelClasses = new ArrayList<>();
      for (int i = in.readInt(); i > 0; i--) {
        topLevelClasses.add(in.readUTF());
      }
      Map<String, byte[]> classes = new LinkedHashMap<>();
      for (int i = in.readInt(); i > 0; i--) {
        classes.put(in.readUTF(), readBytes(in));
      }
      return new Program(topLevelClasses, sources, classes);
    } catch (IOException e) {
      return null; // a source vanished, or the entry is damaged: compiling will tell or mend
    }
  }

  /** Keeps the program that {@code source} made, and lets go of those not compiled for long. */
  void store(Path source, Program program) {
    Path entry = entry(source);
    if (folder == null || entry == null) {
      return;
    }
    try {
      Files.createDirectories(folder);
      Path fresh = Files.createTempFile(folder, "fresh", ".tmp");
      write(program, fresh);
      Files.move(fresh, entry, StandardCopyOption.ATOMIC_MOVE);
      removeOld(folder);
    } catch (IOException e) {
      return; // no space, no permission: the next start compiles again
    }
  }

  private void write(Program program, Path file) throws IOException {
    try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
      out.writeUTF(circumstances);
      out.writeInt(program.sources().size());
      for (var source : program.sources().entrySet()) {
        out.writeUTF(source.getKey().toString());
        writeBytes(out, source.getValue());
      }
      out.writeInt(program.topLevelClasses().size());
      for (String name : program.topLevelClasses()) {
        out.writeUTF(name);
      }
      out.writeInt(program.classes().size());
      for (var type : program.classes().entrySet()) {
        out.writeUTF(type.getKey());
        writeBytes(out, type.getValue());
      }
    }
  }

  private static void removeOld(Path folder) throws IOException {
    Instant oldest = Instant.now().minus(KEPT);
    try (var entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        if (Files.getLastModifiedTime(entry).toInstant().isBefore(oldest)) {
          Files.deleteIfExists(entry);
        }
      }
    }
  }

  /** The name tells people which program it is. Two that share a name take turns, harmlessly. */
  private @Nullable Path entry(Path source) {
    String name =
        String.join("-", source.getFileName().toString(), Integer.toHexString(source.hashCode()));
    return folder == null ? null : folder.resolve(name);
  }

  private static byte[] readBytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    byte[] bytes = in.readNBytes(Math.max(0, length));
    if (bytes.length != length) {
      throw new IOException("the entry ends too early");
    }
    return bytes;
  }

  private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
    out.writeInt(bytes.length);
    out.write(bytes);
  }
}
