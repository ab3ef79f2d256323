package org.sallyport.device.iommu;

import org.sallyport.api.device.DeviceException;

/**
 * What the unit can do and where it is.
 *
 * @param base guest-physical address of its registers, a multiple of 4096
 * @param interruptRemapping whether it remaps interrupts
 * @param extendedInterrupts whether it can name x2APIC destinations (EIM)
 * @param ioApicSourceCheck whether the source of the IO APIC's messages is verified as that of others. Programs that
 *     were written for emulators only may count on its not being so
 */
public record IommuConfiguration(long base, boolean interruptRemapping, boolean extendedInterrupts,
    boolean ioApicSourceCheck) {
  /** Where PCs have it, with everything. */
  public static final IommuConfiguration USUAL = new IommuConfiguration(0xfed90000L, true, true, true);

  void check() throws DeviceException {
    if (base < 0 || base % 4096 != 0 || base > 0xfffff000L) {
      throw new DeviceException(String.format("base 0x%x: it must be a multiple of 4096 below 4 GiB", base));
    }
  }
}
