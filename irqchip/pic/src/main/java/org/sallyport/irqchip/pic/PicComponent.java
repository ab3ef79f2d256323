package org.sallyport.irqchip.pic;

import org.osgi.service.component.annotations.Component;
import org.sallyport.api.irq.IrqLine;
import org.sallyport.api.irq.Pic;
import org.sallyport.api.irq.PicFactory;

/** Offers the 8259A pair to machines. */
@Component(property = Pic.PROPERTY + "=8259a")
public final class PicComponent implements PicFactory {
  @Override
  public Pic create(IrqLine intr) {
    return new PicPair(intr);
  }
}
