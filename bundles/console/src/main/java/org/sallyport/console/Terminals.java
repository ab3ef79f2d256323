package org.sallyport.console;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.IntSupplier;
import org.apache.felix.service.command.CommandSession;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.utils.NonBlockingReader;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineState;
import org.sallyport.api.machine.SerialConsole;

/** A session's terminal as the terminal of a guest. Apart from the commands, because JLine need not be there. */
final class Terminals {
  /** Ctrl-], as of old in telnet. */
  static final int ESCAPE = 0x1d;

  /** Where gogo.jline keeps a session's terminal. */
  static final String VARIABLE = ".terminal";

  private static final long POLL_MILLIS = 100;
  private static final int LONGEST_TAIL = 4096;
  private static final int TAIL_LINES = 10;

  private Terminals() {}

  /** Connects a session's terminal with a serial port until the escape is typed or the machine stops. */
  static void attach(CommandSession session, Machine machine, String port, SerialConsole console)
      throws CommandException {
    if (!(session.get(VARIABLE) instanceof Terminal terminal)) {
      throw new CommandException("this session has no terminal; in a script, use vm.serial('" + port + "')");
    }
    try {
      connect(terminal, machine, port, console);
    } catch (IOException e) {
      throw new CommandException("the terminal fails: " + e.getMessage());
    }
    terminal.writer().println();
    terminal.writer().println(
        machine.state() == MachineState.STOPPED ? "-- the machine has stopped --" : "-- back in the console --");
    terminal.writer().flush();
  }

  private static void connect(Terminal terminal, Machine machine, String port, SerialConsole console)
      throws IOException {
    Attributes before = terminal.enterRawMode();
    Attributes raw = new Attributes(terminal.getAttributes());
    raw.setLocalFlag(Attributes.LocalFlag.ISIG, false); // Ctrl-C and Ctrl-Z are the guest's.
    terminal.setAttributes(raw);
    terminal.writer().println("-- " + port + " of machine " + machine.name() + "; Ctrl-] comes back --");
    terminal.writer().flush();
    OutputStream out = terminal.output();
    try (SerialConsole.Subscription _ =
        console.listen(lastLines(console), (bytes, length) -> show(out, bytes, length))) {
      NonBlockingReader reader = terminal.reader();
      while (machine.state() != MachineState.STOPPED && !Thread.currentThread().isInterrupted()) {
        int typed = reader.read(POLL_MILLIS);
        if (typed == ESCAPE || typed == NonBlockingReader.EOF) {
          return;
        }
        if (typed != NonBlockingReader.READ_EXPIRED) {
          console.send(Character.toString(typed).getBytes(StandardCharsets.UTF_8));
        }
      }
    } finally {
      terminal.setAttributes(before);
    }
  }

  /** Where the last lines begin: whoever connects wants to see the prompt that waits. */
  private static long lastLines(SerialConsole console) {
    long start = Math.max(0, console.position() - LONGEST_TAIL);
    byte[] tail = console.transcript(start);
    int lines = 0;
    for (int i = tail.length - 1; i >= 0; i--) {
      if (tail[i] == '\n' && lines++ == TAIL_LINES) {
        return start + i + 1;
      }
    }
    return start;
  }

  /** Does something while Ctrl-C interrupts the thread that does it, and not the shell. */
  static int interruptible(CommandSession session, IntSupplier work) {
    if (!(session.get(VARIABLE) instanceof Terminal terminal)) {
      return work.getAsInt();
    }
    Thread worker = Thread.currentThread();
    Terminal.SignalHandler before = terminal.handle(Terminal.Signal.INT, _ -> worker.interrupt());
    try {
      return work.getAsInt();
    } finally {
      terminal.handle(Terminal.Signal.INT, before);
    }
  }

  private static void show(OutputStream out, byte[] bytes, int length) {
    try {
      out.write(bytes, 0, length);
      out.flush();
    } catch (IOException e) {
      // A terminal that is gone: reading from it ends the connection.
    }
  }
}
