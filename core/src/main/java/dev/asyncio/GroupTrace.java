package dev.asyncio;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * The printed trace of an {@link ExceptionGroup}: its own frames, then each member with its whole
 * trace beside a bar, so that one sees what belongs to whom at any depth.
 */
final class GroupTrace {
  private static final String EOL = System.lineSeparator();

  // Groups printed so far: a member's cause may lead back to the group that holds it.
  private final Set<ExceptionGroup> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private GroupTrace() {}

  static String of(ExceptionGroup group) {
    return new GroupTrace().text(group);
  }

  private String text(Throwable failure) {
    if (failure instanceof ExceptionGroup group) {
      return seen.add(group) ? groupText(group) : "[shown above: " + group + "]" + EOL;
    }
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private String groupText(ExceptionGroup group) {
    StringBuilder out = new StringBuilder().append(group).append(EOL);
    for (StackTraceElement frame : group.getStackTrace()) {
      out.append("\tat ").append(frame).append(EOL);
    }
    List<Throwable> members = group.exceptions();
    for (int i = 0; i < members.size(); i++) {
      String bar = i + 1 < members.size() ? "  |  " : "     ";
      String head = "  +- " + (i + 1) + " of " + members.size() + ": ";
      indent(out, head, bar, text(members.get(i)));
    }
    for (Throwable extra : group.extras()) {
      indent(out, "\tSuppressed: ", "\t", text(extra));
    }
    if (group.getCause() != null) {
      indent(out, "Caused by: ", "", text(group.getCause()));
    }
    return out.toString();
  }

  private static void indent(StringBuilder out, String head, String bar, String text) {
    Iterator<String> lines = text.lines().iterator();
    out.append(head).append(lines.next()).append(EOL);
    lines.forEachRemaining(line -> out.append(bar).append(line).append(EOL));
  }
}
