package org.sallyport.tests.container;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.ops4j.pax.exam.TestAddress;
import org.ops4j.pax.exam.TestContainerException;
import org.ops4j.pax.exam.TestDirectory;
import org.ops4j.pax.exam.TestInstantiationInstruction;
import org.ops4j.pax.exam.TestProbeBuilder;
import org.ops4j.pax.exam.spi.ExamReactor;
import org.ops4j.pax.exam.spi.StagedExamReactor;
import org.ops4j.pax.exam.spi.reactors.ReactorManager;

/**
 * Runs the {@code @Test} methods of a Jupiter class inside the container that its {@code @Configuration} describes; Pax
 * Exam itself has no driver for Jupiter.
 *
 * <p>Inside, the class is a new object whose {@code @Inject} fields are services. Of Jupiter's life cycle there is only
 * {@code @Test}: other methods of it are skipped.
 */
public final class Container implements BeforeAllCallback, AfterAllCallback, InvocationInterceptor {
  private final Map<String, TestAddress> addresses = new HashMap<>();
  private StagedExamReactor staged;

  @Override
  public void beforeAll(ExtensionContext context) throws Exception {
    Class<?> type = context.getRequiredTestClass();
    Object instance = type.getDeclaredConstructor().newInstance();
    ReactorManager manager = ReactorManager.getInstance();
    ExamReactor reactor = manager.prepareReactor(type, instance);
    TestProbeBuilder probe = manager.createProbeBuilder(instance);
    for (Method method : type.getMethods()) {
      if (method.isAnnotationPresent(Test.class)) {
        manager.storeTestMethod(probe.addTest(type, method.getName()), method);
      }
    }
    reactor.addProbe(probe);
    staged = manager.stageReactor();
    for (TestAddress address : staged.getTargets()) {
      if (manager.lookupTestMethod(address.root()) instanceof Method method && method.getDeclaringClass() == type) {
        TestDirectory.getInstance().add(address,
            new TestInstantiationInstruction(type.getName() + ";" + method.getName()));
        addresses.put(method.getName(), address);
      }
    }
    manager.beforeClass(staged, type);
  }

  @Override
  public void afterAll(ExtensionContext context) {
    ReactorManager.getInstance().afterClass(staged, context.getRequiredTestClass());
  }

  @Override
  public void interceptTestMethod(Invocation<Void> invocation, ReflectiveInvocationContext<Method> method,
      ExtensionContext context) throws Throwable {
    invocation.skip();
    try {
      staged.invoke(addresses.get(method.getExecutable().getName()));
    } catch (Exception e) {
      Throwable cause = e;
      while (cause.getCause() != null
          && (cause instanceof TestContainerException || cause instanceof InvocationTargetException)) {
        cause = cause.getCause();
      }
      throw cause;
    }
  }

  @Override
  public void interceptBeforeEachMethod(Invocation<Void> invocation, ReflectiveInvocationContext<Method> method,
      ExtensionContext context) {
    invocation.skip();
  }

  @Override
  public void interceptAfterEachMethod(Invocation<Void> invocation, ReflectiveInvocationContext<Method> method,
      ExtensionContext context) {
    invocation.skip();
  }
}
