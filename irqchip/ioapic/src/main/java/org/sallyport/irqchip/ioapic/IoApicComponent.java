package org.sallyport.irqchip.ioapic;

import org.osgi.service.component.annotations.Component;
import org.sallyport.api.irq.ApicBus;
import org.sallyport.api.irq.IoApic;
import org.sallyport.api.irq.IoApicFactory;

/** Offers the 82093AA to machines. */
@Component(property = IoApic.PROPERTY + "=82093aa")
public final class IoApicComponent implements IoApicFactory {
  @Override
  public IoApic create(long base, int id, ApicBus bus) {
    return new IoApic82093(base, id, bus);
  }
}
