package org.sallyport.machine.irq;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.sallyport.api.device.Iommu;
import org.sallyport.api.irq.ApicBus;
import org.sallyport.api.irq.ApicMessage;
import org.sallyport.api.irq.DeliveryMode;
import org.sallyport.api.irq.IoApic;
import org.sallyport.api.irq.IrqLine;
import org.sallyport.api.irq.LocalApic;
import org.sallyport.api.irq.MessageInterrupts;

/**
 * What connects the APICs: finds the local APICs that a message is meant for, arbitrates lowest-priority messages, and
 * passes the PIC's INTR to their LINT0 pins. Used under the device lock.
 *
 * <p>It also remembers which line a vector came from, so that the ledger can book the injection. Vectors are per
 * processor, as a guest may use the same vector for different lines on different processors.
 */
public final class ApicFabric implements MessageInterrupts {
  private static final int X2APIC_ID = 0x802;
  private static final int ANYBODY = 0xff;
  private static final byte NO_LINE = -1;
  private static final int NO_SENDER = -1;
  private static final int MOST_DEFERRED = 4096;

  private final IrqLines lines;
  private final LocalApic[] apics;
  private final byte[][] origin;
  private final ArrayDeque<Deferred> deferred = new ArrayDeque<>();
  private final IrqLine intr = new Intr();
  private final ArrayDeque<Request> held = new ArrayDeque<>();
  private IoApic ioApic;
  private Iommu iommu;
  private boolean holding;
  private int lastChosen;

  /** A write to the interrupt address range that came while the IOMMU was missing. */
  private record Request(int requester, long address, int data, int gsi) {}

  /** A message that came while a local APIC was missing. */
  private record Deferred(ApicMessage message, int gsi, int sender, boolean shorthand, boolean includeSelf) {}

  public ApicFabric(IrqLines lines, int cpus) {
    this.lines = lines;
    apics = new LocalApic[cpus];
    origin = new byte[cpus][256];
    forgetOrigins();
  }

  /** Puts a local APIC in, or takes it out (null). */
  public void localApic(int cpu, LocalApic apic) {
    apics[cpu] = apic;
    if (apic != null) {
      apic.localInterrupt(0, intr.isSet());
      if (isComplete()) {
        for (int i = deferred.size(); i > 0; i--) {
          Deferred late = deferred.remove();
          deliver(late.message, late.gsi, late.sender, late.shorthand, late.includeSelf);
        }
      }
    }
  }

  /** Puts the IO APIC in that hears of ended interrupts, or takes it out (null). */
  public void ioApic(IoApic newIoApic) {
    ioApic = newIoApic;
  }

  /** Puts the unit in that remaps messages, or none (null). */
  public void iommu(Iommu newIommu) {
    iommu = newIommu;
    holding = false;
    for (int i = held.size(); i > 0; i--) {
      Request late = held.remove();
      send(late.requester, late.address, late.data, late.gsi);
    }
  }

  /** The unit that remaps messages was taken out, and a successor will come: until then they are held back. */
  public void awaitIommu() {
    iommu = null;
    holding = true;
  }

  /** The PIC's INTR output: LINT0 of every local APIC. */
  public IrqLine intr() {
    return intr;
  }

  /** The bus as an IO APIC sees it. */
  public ApicBus ioApicPort() {
    return new Port(NO_SENDER);
  }

  /** The bus as the local APIC of a processor sees it. */
  public ApicBus localPort(int cpu) {
    return new Port(cpu);
  }

  @Override
  public void send(long address, int data) {
    deliver(ApicMessage.ofMsi(address, data), NO_LINE, NO_SENDER, false, false);
  }

  /** A message-signalled interrupt of a PCI function. */
  public void send(int requester, long address, int data) {
    send(requester, address, data, NO_LINE);
  }

  private boolean send(int requester, long address, int data, int gsi) {
    if (holding) {
      if (held.size() < MOST_DEFERRED) {
        held.add(new Request(requester, address, data, gsi));
      }
      return true;
    }
    ApicMessage message =
        iommu == null ? ApicMessage.ofMsi(address, data) : iommu.remap(requester, address, data);
    int line = gsi == NO_LINE && requester == Iommu.IO_APIC && message != null ? lineOf(message) : gsi;
    return message != null && deliver(message, line, NO_SENDER, false, false);
  }

  /**
   * An interrupt for the processor with this APIC identifier.
   *
   * @return whether there is one that took it
   */
  public boolean sendTo(int id, DeliveryMode mode, int vector) {
    for (int cpu = 0; cpu < apics.length; cpu++) {
      if (apics[cpu] != null && apics[cpu].id() == id) {
        return accept(cpu, new ApicMessage(id, false, mode, vector, false, true), NO_LINE);
      }
    }
    return false;
  }

  /** A vector from a processor's local APIC was injected: books it on the line that it came from. */
  public void delivered(int cpu, int vector) {
    int gsi = origin[cpu][vector & 0xff];
    if (gsi >= 0) {
      lines.delivered(gsi);
    }
  }

  /** Forgets which line has which vector, after a reset. */
  public void forgetOrigins() {
    for (byte[] vectors : origin) {
      Arrays.fill(vectors, NO_LINE);
    }
    deferred.clear();
    held.clear();
  }

  private boolean isComplete() {
    for (LocalApic apic : apics) {
      if (apic == null) {
        return false;
      }
    }
    return true;
  }

  /**
   * @param gsi the line it came from, or {@link #NO_LINE}
   * @param sender index of the processor that sent it, or {@link #NO_SENDER}
   * @param shorthand to everybody, perhaps without the sender, whatever its destination is
   */
  private boolean deliver(ApicMessage message, int gsi, int sender, boolean shorthand, boolean includeSelf) {
    if (!isComplete()) {
      if (deferred.size() < MOST_DEFERRED) {
        deferred.add(new Deferred(message, gsi, sender, shorthand, includeSelf));
      }
      return true;
    }
    int destination =
        message.destination() == ANYBODY && !isX2apic(sender) ? ApicMessage.BROADCAST : message.destination();
    int skipped = shorthand && !includeSelf ? sender : NO_SENDER;
    if (message.mode() == DeliveryMode.LOWEST_PRIORITY) {
      int chosen = arbitrate(destination, message.logical(), shorthand, skipped);
      return chosen >= 0 && accept(chosen, message, gsi);
    }
    boolean accepted = false;
    for (int cpu = 0; cpu < apics.length; cpu++) {
      if (cpu != skipped && (shorthand || apics[cpu].matches(destination, message.logical()))) {
        accepted |= accept(cpu, message, gsi);
      }
    }
    return accepted;
  }

  /**
   * The processor with the lowest priority among those that are meant; those that come after the last one chosen win a
   * draw.
   */
  private int arbitrate(int destination, boolean logical, boolean shorthand, int skipped) {
    int best = -1;
    int bestPriority = Integer.MAX_VALUE;
    for (int i = 1; i <= apics.length; i++) {
      int cpu = (lastChosen + i) % apics.length;
      if (cpu != skipped && (shorthand || apics[cpu].matches(destination, logical))) {
        int priority = apics[cpu].arbitrationPriority();
        if (priority >= 0 && priority < bestPriority) {
          best = cpu;
          bestPriority = priority;
        }
      }
    }
    if (best >= 0) {
      lastChosen = best;
    }
    return best;
  }

  private boolean accept(int cpu, ApicMessage message, int gsi) {
    DeliveryMode mode = message.mode();
    if (mode == DeliveryMode.FIXED || mode == DeliveryMode.LOWEST_PRIORITY) {
      origin[cpu][message.vector() & 0xff] = (byte) gsi;
    }
    return apics[cpu].accept(message);
  }

  private boolean isX2apic(int sender) {
    return sender != NO_SENDER && apics[sender] != null && apics[sender].ownsMsr(X2APIC_ID);
  }

  /** The line of a message that the IO APIC sends: the one just driven, else the one that this vector had before. */
  private int lineOf(ApicMessage message) {
    int gsi = lines.driving();
    if (gsi >= 0) {
      return gsi;
    }
    for (byte[] vectors : origin) {
      if (vectors[message.vector() & 0xff] != NO_LINE) {
        return vectors[message.vector() & 0xff];
      }
    }
    return NO_LINE;
  }

  private final class Port implements ApicBus {
    private final int sender;

    Port(int sender) {
      this.sender = sender;
    }

    @Override
    public boolean send(ApicMessage message) {
      return deliver(message, sender == NO_SENDER ? lineOf(message) : NO_LINE, sender, false, false);
    }

    @Override
    public boolean send(ApicMessage message, long address, int data) {
      return iommu == null && !holding
          ? send(message)
          : ApicFabric.this.send(Iommu.IO_APIC, address, data, lines.driving());
    }

    @Override
    public boolean broadcast(ApicMessage message, int senderId, boolean includeSelf) {
      return deliver(message, NO_LINE, sender, true, includeSelf);
    }

    @Override
    public void endOfInterrupt(int vector) {
      if (ioApic != null) {
        ioApic.endOfInterrupt(vector);
      }
    }
  }

  private final class Intr implements IrqLine {
    private boolean level;

    @Override
    public void set(boolean asserted) {
      level = asserted;
      for (LocalApic apic : apics) {
        if (apic != null) {
          apic.localInterrupt(0, asserted);
        }
      }
    }

    @Override
    public boolean isSet() {
      return level;
    }
  }
}
