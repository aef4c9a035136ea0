package dev.asyncio.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Keeps compiled programs in a folder of the user, one file for each program: javac takes ten times
 * as long as all the rest of a start.
 *
 * <p>An entry holds a copy of every source that went into it, the names of the sources beside them,
 * which javac would have found, and the versions of library, compiler and JDK; it counts only while
 * they are all the same, byte for byte. So nothing here has to guess from file times, nor to trust
 * a hash. Entries are replaced whole, by a rename: programs started at once do no harm to each
 * other. A cache that cannot be read or written costs time, never a failure.
 */
final class ProgramCache {
  private static final Duration KEPT = Duration.ofDays(30);
  private static final int MOST = 200;

  /** First in every entry: what reads and writes entries of this form. */
  private static final String FORMAT = "asyncio program 2";

  private final @Nullable Path folder;
  private final String circumstances;

  /**
   * Makes a cache in the given folder.
   *
   * @param folder where entries are; made when needed. Null: there is no cache
   * @param parts what programs are compiled against and with, each a jar or a folder of classes
   */
  ProgramCache(@Nullable Path folder, Path... parts) throws IOException {
    this.folder = folder;
    List<String> all = new ArrayList<>();
    all.add(FORMAT);
    all.add(System.getProperty("java.vm.version"));
    for (Path part : parts) {
      all.add(part.toString());
      all.add(Long.toString(Files.size(part)));
      all.add(Long.toString(Files.getLastModifiedTime(part).toMillis()));
    }
    this.circumstances = String.join(" ", all);
  }

  /** The cache of this user. */
  static ProgramCache ofUser(Path... parts) throws IOException {
    return new ProgramCache(folder(System.getenv()), parts);
  }

  /** Keeps nothing. */
  static ProgramCache none() throws IOException {
    return new ProgramCache(null);
  }

  /**
   * Where the environment says: {@code $ASYNCIO_CACHE}, or {@code asyncio/programs} in {@code
   * $XDG_CACHE_HOME} or {@code ~/.cache}. Null without a home: a folder that others can write to
   * must not be trusted with classes.
   */
  static @Nullable Path folder(Map<String, String> environment) {
    Path own = absolute(environment.get("ASYNCIO_CACHE"));
    if (own != null) {
      return own;
    }
    Path base = absolute(environment.get("XDG_CACHE_HOME"));
    if (base == null) {
      Path home = absolute(environment.get("HOME"));
      base = home == null ? null : home.resolve(".cache");
    }
    return base == null ? null : base.resolve("asyncio").resolve("programs");
  }

  private static @Nullable Path absolute(@Nullable String name) {
    try {
      return name != null && Path.of(name).isAbsolute() ? Path.of(name) : null;
    } catch (InvalidPathException e) { // the locale has no such characters
      return null;
    }
  }

  /** Finds the program that {@code source} makes, or null if it has to be compiled. */
  @Nullable Program find(Path source) {
    Path entry = entry(source);
    if (entry == null || !Files.isReadable(entry)) {
      return null;
    }
    try {
      byte[] content = Files.readAllBytes(entry);
      int length = content.length - Long.BYTES;
      if (length < 0 || checksum(content, length) != checksumAt(content, length)) {
        return null;
      }
      return read(new DataInputStream(new ByteArrayInputStream(content, 0, length)), source);
    } catch (IOException | InvalidPathException e) {
      return null; // a source vanished, or the entry: compiling will tell or mend
    }
  }

  private @Nullable Program read(DataInputStream in, Path source) throws IOException {
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
    if (!sources.containsKey(source) || !names(in).equals(besides(sources.keySet()))) {
      return null;
    }
    List<String> topLevelClasses = names(in);
    Map<String, byte[]> classes = new LinkedHashMap<>();
    for (int i = in.readInt(); i > 0; i--) {
      classes.put(in.readUTF(), readBytes(in));
    }
    return new Program(topLevelClasses, sources, classes, in.readUTF());
  }

  /** Keeps the program that {@code source} made, and lets go of old ones. */
  void store(Path source, Program program) {
    Path entry = entry(source);
    if (folder == null || entry == null) {
      return;
    }
    try {
      Files.createDirectories(folder);
      Path fresh = Files.createTempFile(folder, "fresh", ".tmp");
      try {
        Files.write(fresh, content(program));
        Files.move(fresh, entry, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(fresh);
      }
      removeOld(folder);
    } catch (IOException e) {
      return; // no space, no permission: the next start compiles again
    }
  }

  private byte[] content(Program program) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeUTF(circumstances);
    out.writeInt(program.sources().size());
    for (var source : program.sources().entrySet()) {
      out.writeUTF(source.getKey().toString());
      writeBytes(out, source.getValue());
    }
    writeNames(out, besides(program.sources().keySet()));
    writeNames(out, program.topLevelClasses());
    out.writeInt(program.classes().size());
    for (var type : program.classes().entrySet()) {
      out.writeUTF(type.getKey());
      writeBytes(out, type.getValue());
    }
    out.writeUTF(program.warnings());
    out.writeLong(checksum(bytes.toByteArray(), bytes.size()));
    return bytes.toByteArray();
  }

  /** The source files in the folders of these: one that comes or goes may mean another program. */
  private static List<String> besides(Set<Path> sources) throws IOException {
    Set<Path> folders = new LinkedHashSet<>();
    for (Path source : sources) {
      folders.add(source.toRealPath().getParent());
    }
    List<String> names = new ArrayList<>();
    for (Path folder : folders) {
      String[] here = folder.toFile().list();
      if (here == null) {
        throw new IOException(folder + " cannot be listed");
      }
      Arrays.sort(here);
      for (String name : here) {
        if (name.endsWith(".java")) {
          names.add(name);
        }
      }
      names.add("/"); // the end of a folder
    }
    return names;
  }

  private static void removeOld(Path folder) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (var paths = Files.newDirectoryStream(folder)) {
      for (Path path : paths) {
        entries.add(new Entry(path, Files.getLastModifiedTime(path).toInstant()));
      }
    }
    Instant oldest = Instant.now().minus(KEPT);
    entries.sort(Comparator.comparing(Entry::used));
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      if (i < entries.size() - MOST || entry.used().isBefore(oldest)) {
        Files.deleteIfExists(entry.path());
      }
    }
  }

  private record Entry(Path path, Instant used) {}

  /** The name tells people which program it is. Two that share a name take turns, harmlessly. */
  private @Nullable Path entry(Path source) {
    String name =
        String.join("-", source.getFileName().toString(), Integer.toHexString(source.hashCode()));
    return folder == null ? null : folder.resolve(name);
  }

  private static long checksum(byte[] bytes, int length) {
    var crc = new CRC32();
    crc.update(bytes, 0, length);
    return crc.getValue();
  }

  private static long checksumAt(byte[] bytes, int position) throws IOException {
    return new DataInputStream(new ByteArrayInputStream(bytes, position, Long.BYTES)).readLong();
  }

  private static List<String> names(DataInputStream in) throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = in.readInt(); i > 0; i--) {
      names.add(in.readUTF());
    }
    return names;
  }

  private static void writeNames(DataOutputStream out, List<String> names) throws IOException {
    out.writeInt(names.size());
    for (String name : names) {
      out.writeUTF(name);
    }
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
