package org.sallyport.cpu.vmx.decode;

import java.util.List;
import org.osgi.service.component.annotations.Component;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.Disassembler;

/** Offers the {@link IntelDisassembler} as a service. */
@Component(service = Disassembler.class)
public final class IntelDisassemblerComponent implements Disassembler {
  private final Disassembler disassembler = new IntelDisassembler();

  @Override
  public List<Line> disassemble(byte[] code, long address, CodeMode mode, int count) {
    return disassembler.disassemble(code, address, mode, count);
  }
}
