package org.sallyport.console;

import org.apache.felix.service.command.CommandSession;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.sallyport.api.script.ScriptException;
import org.sallyport.api.script.ScriptRunner;

/** A prompt for JavaScript. Apart from the commands, because JLine need not be there. */
final class JsPrompt {
  private JsPrompt() {}

  /** Reads and evaluates lines until Ctrl-D. */
  static void run(CommandSession session, ScriptRunner.Session script) {
    if (!(session.get(Terminals.VARIABLE) instanceof Terminal terminal)) {
      System.err.println("js:eval: give the source: js:eval '1 + 1'");
      return;
    }
    LineReader reader = LineReaderBuilder.builder().terminal(terminal).appName("js")
        .completer((line, parsed, candidates) -> script.complete(parsed.line().substring(0, parsed.cursor()))
            .forEach(name -> candidates
                .add(new Candidate(name, name, null, null, null, null, false))))
        .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
        .build();
    Terminal.SignalHandler before = terminal.handle(Terminal.Signal.INT, signal -> script.interrupt());
    try {
      for (;;) {
        try {
          String result = script.evaluate(reader.readLine("js> "));
          if (result != null) {
            terminal.writer().println(result);
          }
        } catch (UserInterruptException e) {
          continue; // Ctrl-C empties the line.
        } catch (EndOfFileException e) {
          return;
        } catch (ScriptException e) {
          terminal.writer().println(e.getMessage());
        }
        terminal.writer().flush();
      }
    } finally {
      terminal.handle(Terminal.Signal.INT, before);
    }
  }
}
