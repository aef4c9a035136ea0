package dev.asyncio.child;

import dev.asyncio.SubprocessOptions;
import dev.asyncio.SubprocessOptions.Redirect;
import java.util.List;

/**
 * What to start.
 *
 * @param words the program and its arguments
 */
record Command(List<String> words, SubprocessOptions options) {
  Command {
    words = List.copyOf(words);
    if (words.isEmpty() || words.getFirst().isEmpty()) {
      throw new IllegalArgumentException("there is no program to start: the command is " + words);
    }
    for (String word : words) {
      if (word.indexOf('\0') >= 0) {
        throw new IllegalArgumentException(
            "embedded null character in \""
                + word.replace('\0', '␀')
                + "\": none can be passed on");
      }
    }
  }

  String program() {
    return words.getFirst();
  }

  boolean isPipe(int fd) {
    return redirect(fd) == SubprocessOptions.PIPE;
  }

  Redirect redirect(int fd) {
    return switch (fd) {
      case 0 -> options.stdin();
      case 1 -> options.stdout();
      default -> options.stderr();
    };
  }
}
