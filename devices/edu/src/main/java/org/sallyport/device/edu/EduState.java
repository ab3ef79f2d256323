package org.sallyport.device.edu;

import static org.sallyport.device.edu.EduRegisters.*;

import org.sallyport.api.device.InvalidState;

/**
 * The state of an {@link Edu}.
 *
 * @param config its configuration space
 * @param liveness what was last written to the liveness register
 * @param factorial what the factorial register reads
 * @param status the status register
 * @param reasons the interrupt status register
 * @param computed when the factorial is to be there, or 0 when none is computed
 * @param dma its DMA engine
 */
public record EduState(ConfigSpace.State config, int liveness, int factorial, int status, int reasons, long computed,
    Dma.State dma) {
  void check() throws InvalidState {
    config.check();
    InvalidState.unless((status & ~(COMPUTING | RAISE)) == 0, "status: reserved bits are set");
    InvalidState.unless(computed >= 0 && (computed != 0) == ((status & COMPUTING) != 0),
        "computed: there is a time while it computes, and none otherwise");
    dma.check();
  }
}
