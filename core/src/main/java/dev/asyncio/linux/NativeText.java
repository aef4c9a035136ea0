package dev.asyncio.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Texts as the system takes them: bytes that end with a zero. */
public final class NativeText {

  /** The JDK's choice for file names, except that ASCII is widened to UTF-8. */
  private static final Charset CHARSET = charset();

  private NativeText() {}

  private static Charset charset() {
    Charset jdk = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
    return jdk.equals(StandardCharsets.US_ASCII) ? StandardCharsets.UTF_8 : jdk;
  }

  /** A text in memory of {@code arena}. */
  public static MemorySegment of(Arena arena, String text) {
    byte[] bytes = text.getBytes(CHARSET);
    MemorySegment copy = arena.allocate(bytes.length + 1L); // zeroed
    MemorySegment.copy(bytes, 0, copy, java.lang.foreign.ValueLayout.JAVA_BYTE, 0, bytes.length);
    return copy;
  }

  /** Pointers to texts, the last one null. */
  public static MemorySegment array(Arena arena, Iterable<String> texts) {
    List<MemorySegment> pointers = new ArrayList<>();
    texts.forEach(text -> pointers.add(of(arena, text)));
    MemorySegment array = arena.allocate(ADDRESS, pointers.size() + 1L);
    for (int i = 0; i < pointers.size(); i++) {
      array.setAtIndex(ADDRESS, i, pointers.get(i));
    }
    return array;
  }
}
