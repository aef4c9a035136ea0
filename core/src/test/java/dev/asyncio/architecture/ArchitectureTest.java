package dev.asyncio.architecture;

import static com.tngtech.archunit.core.domain.JavaModifier.PROTECTED;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.lang.conditions.ArchConditions.callMethodWhere;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.CheckReturnValue;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The order of the packages, and what no class of the library may do. */
class ArchitectureTest {
  /** From the ground up: a package uses only itself and those before it. */
  private static final List<String> ORDER =
      List.of(
          "dev.asyncio.transport",
          "dev.asyncio.engine",
          "dev.asyncio.linux",
          "dev.asyncio",
          "dev.asyncio.stream",
          "dev.asyncio.process",
          "dev.asyncio.introspect",
          "dev.asyncio.net",
          "dev.asyncio.child",
          "dev.asyncio.tls",
          "dev.asyncio.file",
          "dev.asyncio.loop");

  /** The engine room. Its types are nobody's business, so they stay out of public signatures. */
  private static final Set<String> NOT_EXPORTED =
      Set.of(
          "dev.asyncio.engine",
          "dev.asyncio.linux",
          "dev.asyncio.net",
          "dev.asyncio.child",
          "dev.asyncio.tls");

  /** In the root package, but on top of everything: they tie the pieces together. */
  private static final Set<String> FACADES =
      Set.of(
          "dev.asyncio.Asyncio",
          "dev.asyncio.Runner",
          "dev.asyncio.Worker",
          "dev.asyncio.Workers",
          "dev.asyncio.WorkersOptions");

  private static final JavaClasses LIBRARY =
      new ClassFileImporter()
          .importPath(Path.of(System.getProperty("basedir", ""), "target", "classes"));

  @Test
  void a_package_uses_only_itself_and_packages_before_it() {
    classes().should(useOnlyWhatComesBefore()).check(LIBRARY);
  }

  @Test
  void no_exported_signature_names_a_type_that_is_not_exported() {
    classes().that().arePublic().should(showOnlyExportedTypes()).check(LIBRARY);
  }

  @Test
  void a_checker_is_told_that_a_coroutine_must_not_be_dropped() {
    methods()
        .that()
        .arePublic()
        .and()
        .haveRawReturnType("dev.asyncio.Coroutine")
        .and(areNoOverride())
        .should()
        .beAnnotatedWith(CheckReturnValue.class)
        .orShould()
        .beDeclaredInClassesThat()
        .areAnnotatedWith(CheckReturnValue.class)
        .orShould()
        .beAnnotatedWith(CanIgnoreReturnValue.class)
        .check(LIBRARY.that(isExported()));
  }

  @Test
  void no_class_sleeps() {
    noClasses()
        .should(callMethodWhere(isCallOf("sleep", "java.lang.Thread")))
        .orShould(callMethodWhere(isCallOf("sleep", "java.util.concurrent.TimeUnit")))
        .because("waiting is the loop's business: use a timer")
        .check(LIBRARY);
  }

  @Test
  void no_class_uses_a_cleaner() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .areAssignableTo(Cleaner.class)
        .because("a coroutine that waited for its lock would let others overtake: use Garbage")
        .check(LIBRARY);
  }

  private static ArchCondition<JavaClass> useOnlyWhatComesBefore() {
    return new ArchCondition<>("use only packages before their own: " + ORDER) {
      @Override
      public void check(JavaClass user, ConditionEvents events) {
        if (rank(user) < 0) {
          events.add(
              SimpleConditionEvent.violated(
                  user, user.getName() + " is in a package that has no place in the order"));
        }
        for (var dependency : user.getDirectDependenciesFromSelf()) {
          JavaClass used = dependency.getTargetClass().getBaseComponentType();
          if (used.getPackageName().startsWith("dev.asyncio") && rank(used) > rank(user)) {
            events.add(SimpleConditionEvent.violated(dependency, dependency.getDescription()));
          }
        }
      }
    };
  }

  private static ArchCondition<JavaClass> showOnlyExportedTypes() {
    return new ArchCondition<>("show only types a user can import") {
      @Override
      public void check(JavaClass type, ConditionEvents events) {
        if (NOT_EXPORTED.contains(type.getPackageName())) {
          return;
        }
        for (JavaMember member : type.getMembers()) {
          if (member.getModifiers().contains(PUBLIC) || member.getModifiers().contains(PROTECTED)) {
            member.getAllInvolvedRawTypes().stream()
                .filter(shown -> NOT_EXPORTED.contains(shown.getPackageName()))
                .map(shown -> member.getDescription() + " shows " + shown.getName())
                .forEach(leak -> events.add(SimpleConditionEvent.violated(member, leak)));
          }
        }
      }
    };
  }

  private static DescribedPredicate<JavaClass> isExported() {
    return DescribedPredicate.describe(
        "is exported",
        type ->
            type.getModifiers().contains(PUBLIC) && !NOT_EXPORTED.contains(type.getPackageName()));
  }

  /** Checkers take the annotation over from the method that is overridden. */
  private static DescribedPredicate<JavaMethod> areNoOverride() {
    return DescribedPredicate.describe(
        "are no override",
        method ->
            Stream.concat(
                    method.getOwner().getAllRawSuperclasses().stream(),
                    method.getOwner().getAllRawInterfaces().stream())
                .noneMatch(type ->
                    type.getMethods().stream()
                        .anyMatch(other -> other.getName().equals(method.getName()))));
  }

  /** Height in the order; -1 for a package that has no place in it. */
  private static int rank(JavaClass type) {
    return FACADES.contains(outermost(type).getName())
        ? ORDER.size()
        : ORDER.indexOf(type.getPackageName());
  }

  private static JavaClass outermost(JavaClass type) {
    return type.getEnclosingClass().map(ArchitectureTest::outermost).orElse(type);
  }

  private static DescribedPredicate<JavaMethodCall> isCallOf(String method, String owner) {
    return DescribedPredicate.describe(
        "calls " + owner + "." + method,
        call -> call.getName().equals(method) && call.getTargetOwner().getName().equals(owner));
  }
}
