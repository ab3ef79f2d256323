package org.sallyport.device.iommu;

import static org.sallyport.device.iommu.VtdRegisters.*;

import org.sallyport.api.device.InvalidState;

/**
 * The state of an {@link IntelIommu}.
 *
 * @param status GSTS
 * @param rootRegister RTADDR as written
 * @param root the root table in use
 * @param interruptRegister IRTA as written
 * @param interruptTable what it was when the table in use was set
 * @param contextCommand CCMD
 * @param iotlb the IOTLB invalidate register
 * @param faults what is logged
 * @param faultEvent how it interrupts for faults
 * @param queue the invalidation queue
 * @param queueEvent how it interrupts for waits
 */
public record IommuState(int status, long rootRegister, long root, long interruptRegister, long interruptTable,
    long contextCommand, long iotlb, FaultLog.State faults, EventRegisters.State faultEvent,
    InvalidationQueue.State queue, EventRegisters.State queueEvent) {
  void check() throws InvalidState {
    InvalidState.unless((status & ~STATUS_BITS) == 0, "status: reserved bits are set");
    InvalidState.unless((rootRegister & ~TABLE) == 0, "rootRegister: reserved bits are set");
    InvalidState.unless((root & ~TABLE) == 0, "root: no multiple of 4096");
    InvalidState.unless((interruptRegister & ~IRTA_BITS) == 0, "interruptRegister: reserved bits are set");
    InvalidState.unless((interruptTable & ~IRTA_BITS) == 0, "interruptTable: reserved bits are set");
    InvalidState.unless((contextCommand & ICC) == 0, "contextCommand: an invalidation is under way");
    InvalidState.unless((iotlb & IVT) == 0, "iotlb: an invalidation is under way");
    faults.check();
    faultEvent.check("faultEvent");
    queue.check();
    queueEvent.check("queueEvent");
  }
}
