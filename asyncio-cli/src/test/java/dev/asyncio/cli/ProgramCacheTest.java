package dev.asyncio.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramCacheTest {
  @TempDir Path folder;
  private Path library;
  private Path main;
  private Path other;
  private Program program;
  private ProgramCache cache;

  @BeforeEach
  void storeOne() throws IOException {
    library = Files.writeString(folder.resolve("library.jar"), "classes");
    main = Files.writeString(folder.resolve("Main.java"), "main");
    other = Files.writeString(folder.resolve("Other.java"), "other");
    program =
        new Program(
            List.of("Main", "Second"),
            Map.of(main, Files.readAllBytes(main), other, Files.readAllBytes(other)),
            Map.of("Main", new byte[] {1, 2, 3}, "Other", new byte[0]),
            "Main.java:1: warning: odd\n");
    cache = new ProgramCache(folder.resolve("cache"), library);
    cache.store(main, program);
  }

  @Test
  void it_gives_back_what_was_stored() throws IOException {
    Program found = new ProgramCache(folder.resolve("cache"), library).find(main);
    assertNotNull(found);
    assertEquals(program.topLevelClasses(), found.topLevelClasses());
    assertEquals(program.classes().keySet(), found.classes().keySet());
    assertArrayEquals(program.classes().get("Main"), found.classes().get("Main"));
    assertEquals(program.sources().keySet(), found.sources().keySet());
    assertEquals(program.warnings(), found.warnings());
  }

  @Test
  void a_changed_source_is_a_miss_whatever_its_time_and_size() throws IOException {
    FileTime time = Files.getLastModifiedTime(other);
    Files.writeString(other, "OTHER");
    Files.setLastModifiedTime(other, time);
    assertNull(cache.find(main));
  }

  @Test
  void a_source_that_is_gone_is_a_miss() throws IOException {
    Files.delete(other);
    assertNull(cache.find(main));
  }

  @Test
  void another_library_is_a_miss() throws IOException {
    Files.writeString(library, "other classes");
    assertNull(new ProgramCache(folder.resolve("cache"), library).find(main));
  }

  @Test
  void another_compiler_is_a_miss() throws IOException {
    Path compiler = Files.writeString(folder.resolve("compiler.jar"), "classes");
    ProgramCache both = new ProgramCache(folder.resolve("cache"), library, compiler);
    assertNull(both.find(main));
    both.store(main, program);
    assertNotNull(both.find(main));
    Files.writeString(compiler, "other classes");
    assertNull(new ProgramCache(folder.resolve("cache"), library, compiler).find(main));
  }

  @Test
  void a_source_that_comes_or_goes_beside_is_a_miss() throws IOException {
    Path third = Files.writeString(folder.resolve("Third.java"), "");
    assertNull(cache.find(main));
    cache.store(main, program);
    assertNotNull(cache.find(main));
    Files.delete(third);
    assertNull(cache.find(main));
  }

  @Test
  void what_is_no_source_may_come_and_go() throws IOException {
    Files.writeString(folder.resolve("notes.txt"), "");
    assertNotNull(cache.find(main));
  }

  @Test
  void a_changed_byte_anywhere_is_a_miss() throws IOException {
    Path entry = onlyEntry();
    byte[] bytes = Files.readAllBytes(entry);
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] ^= 1;
      Files.write(entry, bytes);
      assertNull(cache.find(main), "byte " + i);
      bytes[i] ^= 1;
    }
  }

  @Test
  void programs_started_at_once_find_a_whole_entry_or_none() throws Exception {
    try (var threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> ended = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        ended.add(
            threads.submit(() -> {
              for (int i = 0; i < 200; i++) {
                cache.store(main, program);
                Program found = cache.find(main);
                assertNotNull(found);
                assertArrayEquals(program.classes().get("Main"), found.classes().get("Main"));
              }
              return null;
            }));
      }
      for (Future<?> each : ended) {
        each.get();
      }
    }
    onlyEntry();
  }

  @Test
  void of_many_entries_the_oldest_go() throws IOException {
    Path entry = onlyEntry();
    for (int i = 0; i < 250; i++) {
      Path old = Files.writeString(entry.resolveSibling("Old" + i), "");
      Files.setLastModifiedTime(old, FileTime.from(Instant.now().minusSeconds(1000 + i)));
    }
    cache.store(other, program);
    assertEquals(200, entry.toFile().getAbsoluteFile().getParentFile().list().length);
    assertTrue(Files.exists(entry));
    assertTrue(Files.exists(entry.resolveSibling("Old0")));
    assertFalse(Files.exists(entry.resolveSibling("Old249")));
  }

  @Test
  void the_environment_says_where_it_is() {
    Path xdg = Path.of("/xdg/asyncio/programs");
    Path home = Path.of("/home/me/.cache/asyncio/programs");
    String own = "ASYNCIO_CACHE";
    String base = "XDG_CACHE_HOME";
    assertEquals(
        Path.of("/own"), ProgramCache.folder(Map.of(own, "/own", base, "/xdg", "HOME", "/h")));
    assertEquals(xdg, ProgramCache.folder(Map.of(base, "/xdg", "HOME", "/home/me")));
    assertEquals(home, ProgramCache.folder(Map.of("HOME", "/home/me")));
    assertEquals(home, ProgramCache.folder(Map.of(base, "relative", "HOME", "/home/me")));
    assertNull(ProgramCache.folder(Map.of()));
  }

  @Test
  void a_damaged_entry_is_a_miss_and_is_replaced() throws IOException {
    Path entry = onlyEntry();
    byte[] bytes = Files.readAllBytes(entry);
    for (int length : new int[] {0, 1, bytes.length / 2, bytes.length - 1}) {
      Files.write(entry, Arrays.copyOf(bytes, length));
      assertNull(cache.find(main), "cut to " + length);
    }
    cache.store(main, program);
    assertNotNull(cache.find(main));
  }

  @Test
  void an_entry_of_another_program_of_that_name_is_a_miss() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere")).resolve("Main.java");
    Files.copy(main, elsewhere);
    assertNull(cache.find(elsewhere));
  }

  @Test
  void entries_not_compiled_for_long_go_when_another_is_stored() throws IOException {
    Path entry = onlyEntry();
    Instant longAgo = Instant.now().minus(Duration.ofDays(31));
    Files.setLastModifiedTime(entry, FileTime.from(longAgo));
    cache.store(other, program);
    assertFalse(Files.exists(entry));
    assertNotNull(cache.find(other));
  }

  @Test
  void without_a_folder_or_where_none_can_be_made_nothing_is_kept_nor_fails() throws IOException {
    for (Path impossible : Arrays.asList(null, library.resolve("below a file"))) {
      ProgramCache none = new ProgramCache(impossible, library);
      none.store(main, program);
      assertNull(none.find(main));
    }
  }

  private Path onlyEntry() throws IOException {
    try (var entries = Files.list(folder.resolve("cache"))) {
      List<Path> all = entries.toList();
      assertEquals(1, all.size());
      assertTrue(all.getFirst().getFileName().toString().startsWith("Main.java"));
      return all.getFirst();
    }
  }
}
