package dev.asyncio.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which method is the start of a program. */
@SuppressWarnings({"unused", "UnusedMethod", "MethodCanBeStatic"})
class MainMethodTest {
  private static String called = "";

  @BeforeEach
  void forget() {
    called = "";
  }

  static class WithArguments {
    static void main(String[] args) {
      called = "main" + List.of(args);
    }
  }

  static class Without {
    static void main() {
      called = "main()";
    }
  }

  static class Both {
    static void main() {
      called = "main()";
    }

    void main(String[] args) {
      called = "main" + List.of(args);
    }
  }

  static class Inherits extends Without {}

  static class Fields {}

  static class Failing {
    void main() throws Exception {
      throw new Exception("checked");
    }
  }

  static class Demanding {
    Demanding(int size) {}

    void main() {}
  }

  @Test
  void it_gets_the_arguments() throws Throwable {
    start("a", WithArguments.class);
    assertEquals("main[a]", called);
  }

  @Test
  void it_may_do_without_them() throws Throwable {
    start("a", Without.class);
    assertEquals("main()", called);
  }

  @Test
  void the_one_with_arguments_comes_first_static_or_not() throws Throwable {
    start("a", Both.class);
    assertEquals("main[a]", called);
  }

  @Test
  void it_may_be_inherited() throws Throwable {
    start("a", Inherits.class);
    assertEquals("main()", called);
  }

  @Test
  void the_first_class_that_has_one_counts() throws Throwable {
    start("a", Fields.class, Without.class, WithArguments.class);
    assertEquals("main()", called);
  }

  @Test
  void there_may_be_none() throws Exception {
    assertNull(find(Fields.class));
  }

  @Test
  void what_it_throws_comes_out_as_it_is() {
    Exception thrown = assertThrows(Exception.class, () -> start("a", Failing.class));
    assertEquals("checked", thrown.getMessage());
  }

  @Test
  void a_class_that_cannot_be_instantiated_is_refused() {
    assertThrows(CannotRun.class, () -> start("a", Demanding.class));
  }

  private static MainMethod find(Class<?>... types) throws ClassNotFoundException {
    List<String> names = Arrays.stream(types).map(Class::getName).toList();
    return MainMethod.find(names, MainMethodTest.class.getClassLoader());
  }

  private static void start(String argument, Class<?>... types) throws Throwable {
    MainMethod main = find(types);
    assertNotNull(main);
    main.call(new String[] {argument});
  }
}
