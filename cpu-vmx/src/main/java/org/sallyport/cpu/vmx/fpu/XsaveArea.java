package org.sallyport.cpu.vmx.fpu;

import org.sallyport.cpu.vmx.interpret.Cpu;

/** The XSAVE area. */
public final class XsaveArea {
  private XsaveArea() {}

  public static byte[] save(Cpu cpu) {
    return new byte[576];
  }

  public static void restore(Cpu cpu, byte[] area) {}
}
