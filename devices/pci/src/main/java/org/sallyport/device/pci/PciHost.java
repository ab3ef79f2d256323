package org.sallyport.device.pci;

import java.util.List;
import java.util.Optional;
import org.sallyport.api.device.Device;
import org.sallyport.api.device.DeviceException;
import org.sallyport.api.device.InvalidState;
import org.sallyport.api.device.MachineControl;
import org.sallyport.api.device.Persistent;
import org.sallyport.api.device.PciBus;
import org.sallyport.api.device.PciFunction;
import org.sallyport.api.device.PortIo;
import org.sallyport.api.device.PortRange;
import org.sallyport.api.device.ResetKind;

/**
 * Configuration mechanism #1: CONFIG_ADDRESS takes accesses of 32 bits only; smaller ones there reach the reset control
 * register at 0xCF9 or nothing. A function that is not there reads as all ones. The lowest two bits of CONFIG_ADDRESS
 * read 0, but count as part of the port's number: some programs put there which byte of a register they mean.
 */
public final class PciHost implements Device, PortIo, PciBus, Persistent<PciState> {
  private static final int FUNCTIONS = 256;

  private final MachineControl control;
  private final HostBridge bridge;
  private final PciFunction[] bus = new PciFunction[FUNCTIONS];
  private int address;
  private int resetControl;

  public PciHost(MachineControl control) {
    this.control = control;
    bridge = new HostBridge(control);
    bus[bridge.deviceFunction()] = bridge;
  }

  // ---- the bus -----------------------------------------------------------------------------------------------------

  @Override
  public void attach(PciFunction function) throws DeviceException {
    int slot = function.deviceFunction() & 0xff;
    if (bus[slot] != null) {
      throw new DeviceException(
          String.format("PCI slot %02x.%d is taken; give one of the devices another", slot >> 3, slot & 7));
    }
    bus[slot] = function;
  }

  @Override
  public void detach(PciFunction function) {
    int slot = function.deviceFunction() & 0xff;
    if (bus[slot] == function) {
      bus[slot] = null;
    }
  }

  // ---- ports -------------------------------------------------------------------------------------------------------

  @Override
  public Optional<PortIo> portIo() {
    return Optional.of(this);
  }

  @Override
  public List<PortRange> portRanges() {
    return List.of(new PortRange(PciRegisters.CONFIG_ADDRESS, 8));
  }

  @Override
  public int readPort(int port, int size) {
    if (port >= PciRegisters.CONFIG_DATA) {
      PciFunction function = selected();
      return function == null ? -1 : function.readConfig(register(port, size), size);
    }
    if (port == PciRegisters.CONFIG_ADDRESS && size == 4) {
      return address & ~PciRegisters.BYTE;
    }
    return port == PciRegisters.RESET_CONTROL && size == 1 ? resetControl : -1;
  }

  @Override
  public void writePort(int port, int size, int value) {
    if (port >= PciRegisters.CONFIG_DATA) {
      PciFunction function = selected();
      if (function != null) {
        function.writeConfig(register(port, size), size, value);
      }
    } else if (port == PciRegisters.CONFIG_ADDRESS && size == 4) {
      address = value & PciRegisters.ADDRESS_BITS;
    } else if (port == PciRegisters.RESET_CONTROL && size == 1) {
      writeResetControl(value);
    }
  }

  private void writeResetControl(int value) {
    boolean pulse = (value & ~resetControl & PciRegisters.RESET_CPU) != 0;
    resetControl = value & PciRegisters.RESET_BITS & ~PciRegisters.RESET_CPU;
    if (pulse) {
      control.reset("reset control register 0xCF9");
    }
  }

  private PciFunction selected() {
    boolean busZero = (address & 0xff0000) == 0;
    return (address & PciRegisters.ENABLE) != 0 && busZero ? bus[address >>> 8 & 0xff] : null;
  }

  /**
   * The register that an access is for; what would reach over the end of its doubleword does not, it begins earlier.
   */
  private int register(int port, int size) {
    int inside = (port | address) & PciRegisters.BYTE;
    return address & PciRegisters.REGISTER | Math.min(inside, 4 - size);
  }

  // ---- state -------------------------------------------------------------------------------------------------------

  @Override
  public void reset(ResetKind kind) {
    address = 0;
    resetControl = 0;
    bridge.reset();
  }

  @Override
  public Optional<Persistent<?>> persistent() {
    return Optional.of(this);
  }

  @Override
  public Class<PciState> type() {
    return PciState.class;
  }

  @Override
  public PciState save() {
    return new PciState(address, resetControl, bridge.command(), bridge.specific().clone());
  }

  @Override
  public void restore(PciState state) throws InvalidState {
    InvalidState.unless((state.address() & ~PciRegisters.ADDRESS_BITS) == 0, "address: reserved bits are set");
    InvalidState.unless((state.resetControl() & ~PciRegisters.RESET_BITS) == 0, "resetControl: reserved bits are set");
    InvalidState.unless(state.specific() != null && state.specific().length == bridge.specific().length,
        "specific: must have " + bridge.specific().length + " bytes");
    address = state.address();
    resetControl = state.resetControl();
    bridge.restore(state.command(), state.specific());
  }
}
