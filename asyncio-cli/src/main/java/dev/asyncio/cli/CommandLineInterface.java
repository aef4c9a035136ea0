package dev.asyncio.cli;

import dev.asyncio.EngineKind;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The whole command line: subcommands, options, help, and what to say about mistakes. */
@Command(
    name = "asyncio",
    description = "Runs programs written with asyncio for Java.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = CommandLineInterface.Run.class,
    mixinStandardHelpOptions = true,
    versionProvider = CommandLineInterface.Version.class,
    footer = {
      "",
      "Try it:  asyncio run examples/Hello.java",
      "JVM options for the program go into the environment variable JDK_JAVA_OPTIONS."
    })
final class CommandLineInterface {

  /** Does what the arguments say and returns the exit status. */
  static int execute(String[] args) {
    return parser().execute(args);
  }

  static CommandLine parser() {
    return new CommandLine(new CommandLineInterface())
        .setStopAtPositional(true) // options after FILE.java are the program's
        .setParameterExceptionHandler(CommandLineInterface::explain);
  }

  private static int explain(ParameterException mistake, String[] args) {
    var command = mistake.getCommandLine().getCommandSpec();
    String mend =
        args.length > 0 && args[0].endsWith(".java")
            ? "did you mean: asyncio run " + args[0]
            : "see " + command.qualifiedName() + " --help";
    System.err.println("asyncio: " + mistake.getMessage() + "; " + mend);
    return command.exitCodeOnInvalidInput();
  }

  @Command(
      name = "run",
      description = {
        "Runs a program from its source file, as java does, with asyncio on its path.",
        "",
        "Other source files that the program refers to are found by their package and name, from"
            + " the folder that its own package starts in. What was compiled is kept, and compiled"
            + " again when one of these files or the list of those beside them changed, the library"
            + " or the JDK. It is kept in $ASYNCIO_CACHE, else in asyncio/programs below"
            + " $XDG_CACHE_HOME or ~/.cache.",
        "",
        "Exit status: the program's; 1 if it does not compile or ends with an uncaught exception,"
            + " 2 if it cannot be started, 130 if Ctrl-C ended it.",
        ""
      },
      mixinStandardHelpOptions = true,
      versionProvider = Version.class)
  static final class Run implements Callable<Integer> {
    @Option(
        names = "--debug",
        description = "Start every loop in debug mode (as asyncio.debug=true does).")
    private boolean debug;

    @Option(
        names = "--engine",
        paramLabel = "NAME",
        converter = Engines.class,
        description = "Force the engine: carried or portable.")
    private @Nullable EngineKind engine;

    @Option(
        names = "--no-cache",
        description = "Compile the program in any case, and do not keep its classes.")
    private boolean noCache;

    @Parameters(
        index = "0",
        paramLabel = "FILE.java",
        description = "Source file that has the main method.")
    private String file = "";

    @Parameters(
        index = "1..*",
        paramLabel = "ARGUMENT",
        description = "Arguments for the program; options after FILE.java are its own.")
    private List<String> arguments = List.of();

    RunRequest request() {
      return new RunRequest(file, arguments, debug, engine, !noCache);
    }

    @Override
    public Integer call() {
      return ProgramRun.run(request());
    }
  }

  static final class Engines implements ITypeConverter<EngineKind> {
    @Override
    public EngineKind convert(String name) {
      EngineKind engine = RunRequest.engineNamed(name);
      if (engine == null) {
        throw new TypeConversionException("'" + name + "' is neither carried nor portable");
      }
      return engine;
    }
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
      var build = new Properties();
      try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
        build.load(in);
      }
      return new String[] {
        "asyncio " + build.getProperty("version"),
        "Java " + Runtime.version() + " (" + System.getProperty("java.home") + ")"
      };
    }
  }
}
