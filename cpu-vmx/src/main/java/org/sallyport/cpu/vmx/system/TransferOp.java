package org.sallyport.cpu.vmx.system;

import org.sallyport.cpu.vmx.decode.Instruction;
import org.sallyport.cpu.vmx.interpret.Cpu;
import org.sallyport.cpu.vmx.interpret.Op;

/**
 * A system instruction that goes elsewhere: its action finds {@link Cpu#rip} at the instruction and leaves it where
 * to go on.
 */
final class TransferOp extends SystemOp {
  TransferOp(Instruction in, Cpu cpu, Action action) {
    super(in, cpu, action);
  }

  @Override
  public Op execute(Cpu cpu) {
    cpu.rip = rip;
    act(cpu);
    return leaveTo(cpu, cpu.rip);
  }
}
