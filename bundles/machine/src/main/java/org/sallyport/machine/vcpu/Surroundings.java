package org.sallyport.machine.vcpu;

import org.sallyport.machine.DeviceLock;
import org.sallyport.machine.MachineLog;
import org.sallyport.machine.bus.MemoryBus;
import org.sallyport.machine.bus.PortBus;
import org.sallyport.machine.clock.HostClock;
import org.sallyport.machine.irq.ApicFabric;
import org.sallyport.machine.irq.IrqLines;

/** What the processors of a machine have around them. */
public record Surroundings(DeviceLock lock, PortBus ports, MemoryBus memory, IrqLines lines, ApicFabric fabric,
    HostClock clock,
    MachineLog log) {}
