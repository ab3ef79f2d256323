package org.sallyport.api.irq;

/** Makes {@link Pic}s; registered as a service with the property {@link Pic#PROPERTY}. */
public interface PicFactory {
  /**
   * @param intr the INTR output, wired to the local APICs' LINT0 and the bootstrap processor
   */
  Pic create(IrqLine intr);
}
