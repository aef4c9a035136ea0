package dev.asyncio;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How children are started by programs that enable native access, and by those that don't. */
@Timeout(60)
class ChildrenMechanismTest {

  @Test
  void without_native_access_children_work_and_the_jvm_has_nothing_to_say()
      throws IOException, InterruptedException {
    var outcome = ChildJvm.runWithoutFlags(ChildrenProgram.class);
    assertEquals(List.of("0"), outcome.out(), outcome.err());
    assertEquals("", outcome.err());
  }

  @Test
  void what_is_missing_for_the_native_mechanism_is_said() throws IOException, InterruptedException {
    assumeTrue(
        System.getProperty("os.name").equals("Linux"), "elsewhere something else is missing");
    var outcome = ChildJvm.runWithoutFlags(ChildrenProgram.class, "native");
    assertEquals(1, outcome.out().size(), outcome.err());
    String said = outcome.out().getFirst();
    assertTrue(said.startsWith("-Dasyncio.children=native cannot be had: "), said);
    assertTrue(said.contains("--enable-native-access=ALL-UNNAMED"), said);
  }

  @Test
  void an_unknown_mechanism_is_refused() throws IOException, InterruptedException {
    var outcome = ChildJvm.runWithoutFlags(ChildrenProgram.class, "magic");
    assertTrue(outcome.out().getFirst().contains("native or jdk"), outcome.err());
  }

  @Test
  void with_native_access_the_jvm_has_nothing_to_say_either()
      throws IOException, InterruptedException {
    Carried.assumed("the helper enables native access with the carried engine alone");
    assumeTrue(System.getProperty("os.name").equals("Linux"), "native children are for Linux");
    var outcome = ChildJvm.run(ChildrenProgram.class, "native");
    assertEquals(List.of("0"), outcome.out(), outcome.err());
    assertEquals("", outcome.err());
  }
}
