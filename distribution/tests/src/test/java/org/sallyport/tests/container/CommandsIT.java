package org.sallyport.tests.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import javax.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;

/** The commands as services: what the console's own tests, which make the objects themselves, cannot see. */
@ExtendWith(Container.class)
@ExamReactorStrategy(PerClass.class)
public class CommandsIT {
  @Inject CommandProcessor processor;

  @Configuration
  public Option[] configuration() {
    return new Option[]{Distribution.withoutShell()};
  }

  @Test
  public void variablesOfEvalStay() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (CommandSession session = processor.createSession(new ByteArrayInputStream(new byte[0]), out, out)) {
      assertEquals("1", session.execute("js:eval 'var first = 1; first'"));
      assertEquals("2", session.execute("js:eval 'first + 1'"), () -> out.toString(StandardCharsets.UTF_8));
    }
  }

  @Test
  public void aMachineIsMadeAndEnds() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (CommandSession session = processor.createSession(new ByteArrayInputStream(new byte[0]), out, out)) {
      session.execute("vm:create name=demo memory=16M");
      Object why = session.execute("vm:why demo");
      session.execute("vm:close demo");
      assertTrue(String.valueOf(why).contains("there is nothing to boot")
          || out.toString(StandardCharsets.UTF_8).contains("there is nothing to boot"),
          () -> why + "\n" + out.toString(StandardCharsets.UTF_8));
    }
  }
}
