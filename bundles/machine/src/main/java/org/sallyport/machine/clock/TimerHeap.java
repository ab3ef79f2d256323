package org.sallyport.machine.clock;

import java.util.Arrays;

/**
 * Armed timers, the earliest first: a binary heap that knows where each timer is. Arming allocates nothing once it has
 * grown.
 */
final class TimerHeap {
  private HostTimer[] heap = new HostTimer[32];
  private int size;

  /** The timer with the earliest deadline, or null. */
  HostTimer first() {
    return size == 0 ? null : heap[0];
  }

  /** Puts a timer in, or where it belongs now if it is in already. */
  void put(HostTimer timer, long deadline) {
    timer.deadline = deadline;
    if (timer.index < 0) {
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, 2 * size);
      }
      place(timer, size++);
    }
    if (!up(timer)) {
      down(timer);
    }
  }

  void remove(HostTimer timer) {
    int hole = timer.index;
    timer.deadline = Long.MAX_VALUE;
    if (hole < 0) {
      return;
    }
    timer.index = -1;
    HostTimer last = heap[--size];
    heap[size] = null;
    if (last != timer) {
      place(last, hole);
      if (!up(last)) {
        down(last);
      }
    }
  }

  private boolean up(HostTimer timer) {
    int at = timer.index;
    int start = at;
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      if (heap[parent].deadline <= timer.deadline) {
        break;
      }
      place(heap[parent], at);
      at = parent;
    }
    place(timer, at);
    return at != start;
  }

  private void down(HostTimer timer) {
    int at = timer.index;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && heap[child + 1].deadline < heap[child].deadline) {
        child++;
      }
      if (heap[child].deadline >= timer.deadline) {
        break;
      }
      place(heap[child], at);
      at = child;
    }
    place(timer, at);
  }

  private void place(HostTimer timer, int index) {
    heap[index] = timer;
    timer.index = index;
  }
}
