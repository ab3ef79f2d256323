package org.sallyport.irqchip.lapic;

import org.osgi.service.component.annotations.Component;
import org.sallyport.api.clock.VmClock;
import org.sallyport.api.irq.ApicBus;
import org.sallyport.api.irq.LocalApic;
import org.sallyport.api.irq.LocalApicFactory;
import org.sallyport.api.irq.ProcessorSignals;

/** Offers local APICs with xAPIC and x2APIC mode to machines. */
@Component(property = LocalApic.PROPERTY + "=xapic")
public final class XApicComponent implements LocalApicFactory {
  @Override
  public LocalApic create(int id, Features features, VmClock clock, ApicBus bus, ProcessorSignals processor) {
    return new XApic(id, features, clock, bus, processor);
  }
}
