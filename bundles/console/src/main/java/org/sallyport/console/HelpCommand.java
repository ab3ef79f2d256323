package org.sallyport.console;

import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.Descriptor;

/** The console's help: the commands of Sallyport, and where to find the others. */
public class HelpCommand {
  private static final List<Class<?>> COMMANDS = List.of(VmCommands.class, JsCommands.class);

  @Descriptor("lists the commands, or tells about one")
  public String help(@Descriptor("[command]") String... words) {
    if (words.length > 0) {
      return find(words[0]).map(HelpCommand::describe)
          .orElse("there is no command " + words[0] + " among Sallyport's; gogo:help " + words[0] + " looks elsewhere");
    }
    Table table = new Table("command", "what it does");
    COMMANDS.stream().flatMap(type -> commands(type).stream())
        .forEach(method -> table.row(name(method), description(method)));
    return table
        + "\n\nhelp COMMAND tells what a command takes; gogo:help lists the framework's own commands; Tab completes."
        + "\nWith one machine only, its name can be left out.";
  }

  private static List<Method> commands(Class<?> type) {
    return Arrays.stream(type.getDeclaredMethods()).filter(method -> method.isAnnotationPresent(Descriptor.class))
        .sorted(Comparator.comparing(Method::getName)).toList();
  }

  private static Optional<Method> find(String word) {
    return COMMANDS.stream().flatMap(type -> commands(type).stream())
        .filter(method -> name(method).equals(word) || method.getName().equals(word)).findFirst();
  }

  private static String name(Method method) {
    return (method.getDeclaringClass() == VmCommands.class ? "vm:" : "js:") + method.getName();
  }

  private static String description(Method method) {
    return method.getAnnotation(Descriptor.class).value();
  }

  private static String describe(Method method) {
    StringBuilder out = new StringBuilder(name(method));
    for (Parameter parameter : method.getParameters()) {
      if (parameter.isAnnotationPresent(Descriptor.class)) {
        out.append(' ').append(parameter.getAnnotation(Descriptor.class).value());
      }
    }
    return out.append("\n  ").append(description(method)).toString();
  }
}
