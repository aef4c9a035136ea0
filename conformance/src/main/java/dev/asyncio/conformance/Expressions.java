package dev.asyncio.conformance;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Evaluates expressions. */
final class Expressions {

  private final Faults faults;
  private final Queries queries;

  Expressions(Faults faults, Queries queries) {
    this.faults = faults;
    this.queries = queries;
  }

  @Nullable Object evaluate(Term term, Activation self) {
    return switch (term) {
      case Term.Literal(var value) -> value;
      case Term.Name(var name) -> self.get(name);
      case Term.Call call -> apply(call, self);
      case Term.Sequence _ -> throw new BadProgram("no expression: " + Labels.of(term));
    };
  }

  List<@Nullable Object> evaluateAll(List<Term> terms, Activation self) {
    var values = new ArrayList<@Nullable Object>(terms.size());
    for (Term term : terms) {
      values.add(evaluate(term, self));
    }
    return values;
  }

  boolean isTrue(Term term, Activation self) {
    return Values.isTrue(evaluate(term, self));
  }

  /** The exception that a term names or makes. */
  Throwable exception(Term term, Activation self) {
    return switch (term) {
      case Term.Name(var name) when self.get(name) instanceof Throwable held -> held;
      case Term.Name(var name) ->
          throw new ProgramException(Kind.TYPE_ERROR, name + " is no exception");
      case Term.Call call -> makeException(call, self);
      case Term.Literal _, Term.Sequence _ ->
          throw new BadProgram("no exception: " + Labels.of(term));
    };
  }

  private Throwable makeException(Term.Call call, Activation self) {
    var members = new ArrayList<Throwable>();
    if (call.size() > 1) {
      for (Term member : call.arg(1).items()) {
        members.add(exception(member, self));
      }
    }
    return faults.make(Kind.named(call.op()), call.size() > 0 ? call.name(0) : "", members);
  }

  private @Nullable Object apply(Term.Call call, Activation self) {
    return switch (call.op()) {
      case "str" -> call.name(0);
      case "list" -> evaluateAll(call.args(), self);
      case "not" -> !isTrue(call.arg(0), self);
      case "and" -> {
        Object first = evaluate(call.arg(0), self);
        yield Values.isTrue(first) ? evaluate(call.arg(1), self) : first;
      }
      case "or" -> {
        Object first = evaluate(call.arg(0), self);
        yield Values.isTrue(first) ? first : evaluate(call.arg(1), self);
      }
      case "+", "-", "*", "%", "==", "!=", "<", "<=", ">", ">=" -> {
        Object first = evaluate(call.arg(0), self);
        yield combine(call.op(), first, evaluate(call.arg(1), self));
      }
      default -> queries.answer(call, self);
    };
  }

  private static Object combine(String operator, @Nullable Object a, @Nullable Object b) {
    return switch (operator) {
      case "==" -> Values.areEqual(a, b);
      case "!=" -> !Values.areEqual(a, b);
      default -> combine(operator, Values.number(a), Values.number(b));
    };
  }

  private static Object combine(String operator, double a, double b) {
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "%" -> a - b * Math.floor(a / b);
      case "<" -> a < b;
      case "<=" -> a <= b;
      case ">" -> a > b;
      case ">=" -> a >= b;
      default -> throw new BadProgram("no operator " + operator);
    };
  }
}
