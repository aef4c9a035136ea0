package dev.asyncio.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A piece of a program as it is written down: statements, expressions, bodies and awaitables are
 * all terms. What a term means depends on where it stands.
 */
sealed interface Term {

  /** A number (always a {@code Double}), a truth value, or null. */
  record Literal(@Nullable Object value) implements Term {}

  /** A JSON string: the name of something, or a text. */
  record Name(String text) implements Term {}

  /** A list that begins with a string: an operation, its arguments and its options. */
  record Call(String op, List<Term> args, Map<String, Term> options) implements Term {

    int size() {
      return args.size();
    }

    Term arg(int index) {
      if (index >= args.size()) {
        throw new BadProgram(op + " needs more than " + args.size() + " arguments");
      }
      return args.get(index);
    }

    /** The string that stands at an index. */
    String name(int index) {
      return arg(index).asText();
    }

    /** The string that stands at an index, or null where the program says null. */
    @Nullable String nameOrNull(int index) {
      return arg(index).asTextOrNull();
    }

    List<Term> argsFrom(int index) {
      return args.subList(Math.min(index, args.size()), args.size());
    }

    @Nullable Term option(String key) {
      return options.get(key);
    }

    boolean isSet(String key) {
      return options.get(key) instanceof Literal(Boolean given) && given;
    }
  }

  /** Any other list: a body, or a list of terms the first of which is no string. */
  record Sequence(List<Term> items) implements Term {}

  /** The elements of a list, whether or not it looks like an operation. */
  default List<Term> items() {
    return switch (this) {
      case Sequence(var items) -> items;
      case Call call -> {
        var all = new ArrayList<Term>(call.size() + 1);
        all.add(new Name(call.op()));
        all.addAll(call.args());
        yield all;
      }
      case Name _, Literal _ -> throw new BadProgram("a list is needed, not " + Labels.of(this));
    };
  }

  /** The string that this is. */
  default String asText() {
    if (this instanceof Name(var text)) {
      return text;
    }
    throw new BadProgram("a string is needed, not " + Labels.of(this));
  }

  /** The string that this is, or null. */
  default @Nullable String asTextOrNull() {
    return this instanceof Literal(var value) && value == null ? null : asText();
  }
}
