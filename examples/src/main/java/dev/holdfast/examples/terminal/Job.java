package dev.holdfast.examples.terminal;

import dev.holdfast.error.ErrorCode;
import dev.holdfast.error.HoldfastException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * Runs a picocli command and turns whatever ends it into an exit code and, when it is a person's to answer, one line on standard error:
 * 2 for input that cannot be used, 1 for a job that failed. Only a defect of the job itself shows a stack trace. Stateless.
 */
public final class Job {

  /** The job did what it was asked to do. */
  public static final int DONE = 0;

  /** The job failed, or found that something is not as it should be. */
  public static final int FAILED = 1;

  /** The options or files cannot be used. */
  public static final int BAD_INPUT = 2;

  private Job() {}

  /** Runs a command as this process's only job and ends the process with its exit code. */
  public static void main(Object command, Terminal terminal, String... arguments) {
    AtomicBoolean ended = new AtomicBoolean();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stopped(ended, terminal)));
    int code = run(command, terminal, arguments);
    ended.set(true);
    System.exit(code);
  }

  /** A server of our own stops at the same time as the job; what is logged of lost connections then tells nobody anything, and progress is over. */
  private static void stopped(AtomicBoolean ended, Terminal terminal) {
    if (!ended.get()) {
      System.setErr(
          new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8));
      terminal.err().println();
      terminal.err().println("stopped; what was written is kept");
      terminal.out().close();
      terminal.err().close();
    }
  }

  /** The exit code of a command. */
  public static int run(Object command, Terminal terminal, String... arguments) {
    CommandLine line = new CommandLine(command)
        .setUsageHelpWidth(Math.min(100, terminal.columns()))
        .setExecutionExceptionHandler((e, failed, parsed) -> failure(terminal.err(), failed, e))
        .setParameterExceptionHandler((e, given) -> misuse(terminal.err(), e));
    line.getCommandSpec()
        .addOption(OptionSpec.builder("-h", "--help")
            .usageHelp(true)
            .description("This text.")
            .build());
    line.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
    return line.execute(arguments);
  }

  private static int misuse(PrintStream err, ParameterException e) {
    String name = e.getCommandLine().getCommandName();
    say(err, name, e.getMessage() + " (" + name + " --help shows the options)");
    return BAD_INPUT;
  }

  private static int failure(PrintStream err, CommandLine command, Exception e) {
    if (e instanceof InputException) {
      say(err, command.getCommandName(), String.valueOf(e.getMessage()));
      return BAD_INPUT;
    }
    if (e instanceof HoldfastException known) {
      say(err, command.getCommandName(), String.valueOf(e.getMessage()));
      return known.code() == ErrorCode.CONFIGURATION ? BAD_INPUT : FAILED;
    }
    say(err, command.getCommandName(), "a defect of this example: " + e);
    e.printStackTrace(err);
    return FAILED;
  }

  private static void say(PrintStream err, String job, String message) {
    err.println(job + ": " + Text.clean(message));
  }
}
