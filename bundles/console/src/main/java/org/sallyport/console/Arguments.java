package org.sallyport.console;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.sallyport.api.machine.Machine;
import org.sallyport.api.machine.MachineManager;

/** The words behind a command, taken one by one. The machine may be left out while there is only one. */
final class Arguments {
  private final MachineManager machines;
  private final Deque<String> words;

  Arguments(MachineManager machines, Object... words) {
    this.machines = machines;
    this.words = new ArrayDeque<>();
    for (Object word : words) {
      this.words.add(String.valueOf(word));
    }
  }

  boolean isEmpty() {
    return words.isEmpty();
  }

  Optional<String> next() {
    return Optional.ofNullable(words.poll());
  }

  /** Whether an option such as {@code -l} is among the words; takes it out. */
  boolean option(String name) {
    return words.remove(name);
  }

  /** The machine that is named, or the only one. */
  Machine machine() throws CommandException {
    List<Machine> all = machines.machines();
    Optional<Machine> named = words.isEmpty() ? Optional.empty() : machines.machine(words.peek());
    if (named.isPresent()) {
      words.remove();
      return named.get();
    }
    if (all.isEmpty()) {
      throw new CommandException("there is no machine; vm:create makes one");
    }
    if (!words.isEmpty() && !Numbers.isNumber(words.peek()) && !Numbers.isRegister(words.peek())
        && !isDevice(all, words.peek())) {
      throw new CommandException("there is no machine '" + words.peek() + "'; there is " + names(all));
    }
    if (all.size() > 1) {
      throw new CommandException("which machine? There are " + names(all));
    }
    return all.getFirst();
  }

  private static boolean isDevice(List<Machine> all, String word) {
    return all.size() == 1
        && all.getFirst().description().devices().stream().anyMatch(device -> device.name().equals(word));
  }

  private static String names(List<Machine> all) {
    return all.stream().map(Machine::name).collect(Collectors.joining(", "));
  }

  /** A whole number in decimal or, with 0x, hexadecimal. */
  long number(String what, long otherwise) throws CommandException {
    return words.isEmpty() ? otherwise : Numbers.parse(what, words.remove());
  }

  /** A processor's index. */
  int cpu(Machine machine) throws CommandException {
    long cpu = number("a processor", 0);
    if (cpu < 0 || cpu >= machine.cpus()) {
      throw new CommandException(
          "machine " + machine.name() + " has no processor " + cpu + "; it has " + machine.cpus());
    }
    return (int) cpu;
  }

  /** Makes sure that nothing is left over. */
  void end() throws CommandException {
    if (!words.isEmpty()) {
      throw new CommandException("what is '" + words.peek() + "'? help says what the command takes");
    }
  }
}
