package dev.asyncio.conformance;

import java.util.List;
import java.util.stream.Collectors;

/** Terms as they appear in a trace: {@code op(a, b)}, without options. */
final class Labels {

  private Labels() {}

  /** The label of a statement, or of an argument of one. */
  static String of(Term term) {
    return switch (term) {
      case Term.Name(var text) -> text;
      case Term.Literal(var value) -> Values.plainText(value);
      case Term.Sequence(var items) -> "[" + joined(items) + "]";
      case Term.Call call -> ofCall(call);
    };
  }

  private static String ofCall(Term.Call call) {
    return switch (call.op()) {
      case "return", "raise" -> call.op();
      case "with", "taskgroup", "as_completed" -> withFirst(call, 1);
      case "timeout", "timeout_at" -> withFirst(call, 2);
      default -> withFirst(call, call.size());
    };
  }

  private static String withFirst(Term.Call call, int count) {
    return call.op() + "(" + joined(call.args().subList(0, Math.min(count, call.size()))) + ")";
  }

  private static String joined(List<Term> terms) {
    return terms.stream().map(Labels::of).collect(Collectors.joining(", "));
  }
}
