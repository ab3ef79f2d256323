package org.sallyport.machine.vcpu;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.FutureTask;

/** Things to be done on a processor's thread. From any thread. */
final class TaskQueue {
  private final ConcurrentLinkedQueue<FutureTask<?>> queue = new ConcurrentLinkedQueue<>();

  void add(FutureTask<?> task) {
    queue.add(task);
  }

  /** Does all that wait; the exceptions go to those who asked. */
  void runAll() {
    for (FutureTask<?> task = queue.poll(); task != null; task = queue.poll()) {
      task.run();
    }
  }
}
