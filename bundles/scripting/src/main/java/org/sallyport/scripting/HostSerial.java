package org.sallyport.scripting;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.graalvm.polyglot.HostAccess;
import org.graalvm.polyglot.Value;
import org.sallyport.api.machine.SerialConsole;
import org.sallyport.api.machine.StopReason;

/**
 * The far end of a serial port as the built-in module {@code serial.js} sees it: text that grows, a cursor that
 * expectations move, and readers of lines.
 *
 * <p>The machine's threads only put bytes aside; the loop takes them up, several at a time, at most every {@value
 * #PACE_MILLIS} ms. New output is searched with a little of what was there before, never all of it; when the guest is
 * quiet for {@value #QUIET_MILLIS} ms, or an expectation's time is over, what it may match is searched once as a whole.
 */
public final class HostSerial {
  private static final int KEEP = 1 << 20;
  private static final int LONGEST_LINE = 4096;
  private static final int LAST_LINES = 5;
  private static final long PACE_MILLIS = 2;
  private static final long QUIET_MILLIS = 100;

  private final ScriptContext script;
  private final HostMachine machine;
  private final String device;
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder()
      .onMalformedInput(CodingErrorAction.REPLACE).onUnmappableCharacter(CodingErrorAction.REPLACE);
  private final List<Expectation> expectations = new ArrayList<>();
  private final List<LineReader> readers = new ArrayList<>();
  private final Map<Integer, Value> listeners = new LinkedHashMap<>();
  private int listenerNumbers;

  private SerialConsole console;
  private SerialConsole.Subscription subscription;
  private final List<byte[]> unsent = new ArrayList<>();
  private final EchoFilter echoed;
  private boolean echo;

  /** What the machine sent and the loop has not taken up; guarded by itself, as is {@link #posted}. */
  private final ByteArrayOutputStream arrived = new ByteArrayOutputStream();
  private boolean posted;
  private long lastDrain;
  private byte[] undecoded = {};

  /** The text from position {@link #base} on; positions count characters since the port's first byte. */
  private final StringBuilder text = new StringBuilder();
  private long base;
  private long cursor;
  private EventLoop.Timer quiet;

  private final class Expectation {
    final Value find;
    final String what;
    final int lookback;
    final long millis;
    final Value resolve;
    final Value reject;
    EventLoop.Timer timer;
    long scanned;
    boolean scannedWhole;

    Expectation(Value find, String what, int lookback, long millis, Value resolve, Value reject) {
      this.find = find;
      this.what = what;
      this.lookback = lookback;
      this.millis = millis;
      this.resolve = resolve;
      this.reject = reject;
      this.scanned = cursor;
    }
  }

  /** Reads complete lines, one after the other. */
  private static final class LineReader {
    long position;
    Value waiting;
  }

  HostSerial(ScriptContext script, HostMachine machine, String device) {
    this.script = script;
    this.machine = machine;
    this.device = device;
    this.echoed = new EchoFilter(script.out());
    decoder.reset();
  }

  /** Connects to the port as soon as it is there. */
  void attach() {
    if (console == null) {
      machine.machine().serial(device).ifPresent(found -> {
        console = found;
        subscription = found.listen(0, this::received);
        unsent.forEach(found::send);
        unsent.clear();
      });
    }
  }

  /** Ends the listening. */
  void release() {
    if (subscription != null) {
      subscription.close();
      subscription = null;
    }
    byte[] last = take();
    if (echo) {
      echoed.write(last);
      echoed.flush();
    }
  }

  /** On a thread of the machine. */
  private void received(byte[] bytes, int length) {
    synchronized (arrived) {
      arrived.write(bytes, 0, length);
      if (posted) {
        return;
      }
      posted = true;
    }
    script.loop().post(() -> {
      if (System.nanoTime() - lastDrain < PACE_MILLIS * 1_000_000) {
        script.loop().after(PACE_MILLIS, this::drain);
      } else {
        drain();
      }
    });
  }

  private byte[] take() {
    synchronized (arrived) {
      byte[] bytes = arrived.toByteArray();
      arrived.reset();
      posted = false;
      return bytes;
    }
  }

  private void drain() {
    byte[] bytes = take();
    lastDrain = System.nanoTime();
    if (bytes.length == 0) {
      return;
    }
    if (echo) {
      echoed.write(bytes);
    }
    String chunk = decode(bytes);
    text.append(chunk);
    List.copyOf(listeners.values()).forEach(listener -> listener.executeVoid(chunk));
    search(false);
    feedReaders();
    trim();
    if (quiet != null) {
      script.loop().cancel(quiet);
      quiet = null;
    }
    if (!expectations.isEmpty()) {
      quiet = script.loop().after(QUIET_MILLIS, () -> {
        quiet = null;
        search(true);
      });
    }
  }

  /** UTF-8 to text; an incomplete character at the end waits for the rest. */
  private String decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.allocate(undecoded.length + bytes.length).put(undecoded).put(bytes).flip();
    CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
    decoder.decode(in, out, false);
    undecoded = new byte[in.remaining()];
    in.get(undecoded);
    return out.flip().toString();
  }

  private long end() {
    return base + text.length();
  }

  private void trim() {
    if (text.length() > 2 * KEEP) {
      text.delete(0, text.length() - KEEP);
      base = end() - KEEP;
    }
  }

  private void search(boolean whole) {
    for (Expectation expectation : List.copyOf(expectations)) {
      if (expectations.contains(expectation) && !(whole && expectation.scannedWhole)) {
        matched(expectation, whole);
      }
    }
  }

  private boolean matched(Expectation expectation, boolean whole) {
    cursor = Math.max(cursor, base);
    long from = whole ? cursor : Math.max(cursor, expectation.scanned - expectation.lookback);
    long windowStart = startOfLine(from);
    Value hit = expectation.find.execute(text.substring((int) (windowStart - base)), (int) (from - windowStart));
    if (hit.isNull()) {
      expectation.scanned = end();
      expectation.scannedWhole = whole;
      return false;
    }
    long start = windowStart + hit.getMember("start").asLong();
    String before = text.substring((int) (cursor - base), (int) (Math.max(start, cursor) - base));
    cursor = windowStart + hit.getMember("end").asLong();
    if (expectation.timer != null) {
      script.loop().cancel(expectation.timer);
    }
    expectations.remove(expectation); // First: the script may come back here before the next line is over.
    expectation.resolve.executeVoid(hit, before);
    return true;
  }

  /** Where the line around a position begins, so that {@code ^} means what it says. */
  private long startOfLine(long position) {
    int index = (int) (position - base);
    int lowest = Math.max(0, index - LONGEST_LINE);
    while (index > lowest && text.charAt(index - 1) != '\n') {
      index--;
    }
    return base + index;
  }

  private void feedReaders() {
    for (LineReader reader : List.copyOf(readers)) {
      if (reader.waiting != null) {
        String line = nextLine(reader);
        if (line != null) {
          Value resolve = reader.waiting;
          reader.waiting = null;
          resolve.executeVoid(line);
        }
      }
    }
  }

  private String nextLine(LineReader reader) {
    reader.position = Math.max(reader.position, base);
    int start = (int) (reader.position - base);
    int newline = text.indexOf("\n", start);
    if (newline < 0) {
      return null;
    }
    reader.position = base + newline + 1;
    int stop = newline > start && text.charAt(newline - 1) == '\r' ? newline - 1 : newline;
    return text.substring(start, stop);
  }

  /** The machine has stopped: nothing more will come. */
  void machineStopped(StopReason reason) {
    drain();
    search(true);
    for (Expectation expectation : List.copyOf(expectations)) {
      if (expectation.timer != null) {
        script.loop().cancel(expectation.timer);
      }
      expectation.reject.executeVoid("MachineError", stopMessage(reason, expectation));
    }
    expectations.clear();
    for (LineReader reader : List.copyOf(readers)) {
      if (reader.waiting != null) {
        Value resolve = reader.waiting;
        reader.waiting = null;
        resolve.executeVoid(lastLine(reader));
      }
    }
  }

  private String stopMessage(StopReason reason, Expectation expectation) {
    return "machine " + machine.name() + " stopped (" + reason.message() + ") before " + expectation.what + " came on "
        + device
        + lastLines();
  }

  /** What a port sent last, for messages; empty when it sent nothing. */
  private String lastLines() {
    String[] lines = text.substring(Math.max(0, text.length() - LONGEST_LINE)).stripTrailing().split("\r?\n");
    StringBuilder result = new StringBuilder();
    for (int i = Math.max(0, lines.length - LAST_LINES); i < lines.length; i++) {
      result.append("\n  | ").append(lines[i].replaceAll("\\p{Cntrl}", ""));
    }
    return text.isEmpty() ? "; it sent nothing" : "; its last lines were" + result;
  }

  /** What the script waits for here, for the message of a script that ran out of time; empty when nothing. */
  String waits() {
    return expectations.isEmpty()
        ? ""
        : "it waited for " + expectations.getFirst().what + " on " + device + lastLines();
  }

  @HostAccess.Export
  public void send(String characters) {
    send(characters.getBytes(StandardCharsets.UTF_8));
  }

  @HostAccess.Export
  public void sendBytes(Value buffer) {
    send(Values.bytes(buffer));
  }

  private void send(byte[] bytes) {
    attach();
    if (console != null) {
      console.send(bytes);
    } else {
      unsent.add(bytes);
    }
  }

  /**
   * Waits for output.
   *
   * @param find gets text and where to begin in it; answers {@code {start, end}} or null
   * @param what what is waited for, in words
   * @param lookback how many characters of what was searched before could belong to a match
   * @param millis how long; endlessly if negative
   * @param resolve called with what {@code find} answered and the text before it, since the previous match
   */
  @HostAccess.Export
  public void expect(Value find, String what, int lookback, double millis, Value resolve, Value reject) {
    attach();
    drain();
    Expectation expectation = new Expectation(find, what, lookback, (long) millis, resolve, reject);
    if (matched(expectation, true)) {
      return;
    }
    if (machine.stopReason() != null) {
      reject.executeVoid("MachineError", stopMessage(machine.stopReason(), expectation));
      return;
    }
    if (millis >= 0) {
      expectation.timer = script.loop().after((long) millis, () -> {
        drain();
        if (expectations.contains(expectation) && !matched(expectation, true)) {
          expectations.remove(expectation);
          reject.executeVoid("TimeoutError",
              "time-out: " + expectation.what + " did not come on " + device + " of machine "
                  + machine.name() + " within " + Quantities.duration(expectation.millis) + lastLines());
        }
      });
    }
    expectations.add(expectation);
  }

  @HostAccess.Export
  public int addListener(Value listener) {
    attach();
    drain();
    listeners.put(++listenerNumbers, listener);
    return listenerNumbers;
  }

  @HostAccess.Export
  public void removeListener(int number) {
    listeners.remove(number);
  }

  /** Begins to read lines at the cursor; the number is for {@link #line}. */
  @HostAccess.Export
  public int openLines() {
    attach();
    drain();
    LineReader reader = new LineReader();
    reader.position = cursor;
    readers.add(reader);
    return readers.size() - 1;
  }

  /** Calls {@code resolve} with the next complete line, or with null when the machine has stopped and there is none. */
  @HostAccess.Export
  public void line(int number, Value resolve) {
    LineReader reader = readers.get(number);
    String line = nextLine(reader);
    if (line == null && machine.stopReason() == null) {
      reader.waiting = resolve;
    } else {
      resolve.executeVoid(line == null ? lastLine(reader) : line);
    }
  }

  /** What stands after the last line's end, once; null when nothing. */
  private String lastLine(LineReader reader) {
    String line = nextLine(reader);
    if (line == null && reader.position < end()) {
      line = text.substring((int) (reader.position - base));
      reader.position = end();
    }
    return line;
  }

  @HostAccess.Export
  public String transcript() {
    attach();
    return console == null ? "" : new String(console.transcript(0), StandardCharsets.UTF_8);
  }

  /** Shows what the guest sends from now on, as it is, on the script's output. */
  @HostAccess.Export
  public void echo(boolean on) {
    attach();
    drain();
    echo = on;
  }
}
