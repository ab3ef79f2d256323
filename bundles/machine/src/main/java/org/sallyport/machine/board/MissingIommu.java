package org.sallyport.machine.board;

import org.sallyport.api.device.Iommu;
import org.sallyport.api.irq.ApicMessage;

/**
 * In the place of an IOMMU that was taken out. Its tables may forbid or move anything, so that letting requests pass
 * would hand memory to devices that the guest keeps from it: none goes anywhere. (The messages wait in front of it.)
 */
final class MissingIommu implements Iommu {
  static final MissingIommu INSTANCE = new MissingIommu();

  private MissingIommu() {}

  @Override
  public long translate(int requester, long address, boolean write) {
    return BLOCKED;
  }

  @Override
  public ApicMessage remap(int requester, long address, int data) {
    return null;
  }

  @Override
  public Facts facts() {
    throw new IllegalStateException("there is no IOMMU at the moment");
  }
}
