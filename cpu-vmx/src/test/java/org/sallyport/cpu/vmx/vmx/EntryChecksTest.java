package org.sallyport.cpu.vmx.vmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class EntryChecksTest {
  private static Vmcs injecting(int type, int vector, boolean error) {
    Vmcs v = new Vmcs();
    v.write(VmcsField.GUEST_CR0, 1);
    v.write(VmcsField.VM_ENTRY_INTERRUPTION_INFORMATION,
        Vmcs.INFO_VALID | (error ? Vmcs.INFO_ERROR_CODE : 0) | type << 8 | vector);
    return v;
  }

  @Test
  void eventsThatMayBeInjected() {
    assertNull(EntryChecks.injection(injecting(0, 0x41, false)));
    assertNull(EntryChecks.injection(injecting(2, 2, false)));
    assertNull(EntryChecks.injection(injecting(3, 14, true)));
    assertNull(EntryChecks.injection(injecting(4, 0x80, false)));
  }

  @Test
  void eventsThatMayNot() {
    assertEquals("vector 3 of the event to be injected", EntryChecks.injection(injecting(2, 3, false)));
    assertEquals("vector 32 of the event to be injected", EntryChecks.injection(injecting(3, 32, false)));
    assertEquals("error code of the event to be injected", EntryChecks.injection(injecting(3, 14, false)));
    assertEquals("error code of the event to be injected", EntryChecks.injection(injecting(0, 14, true)));
    assertEquals("reserved type or bits of the VM-entry interruption information",
        EntryChecks.injection(injecting(1, 0, false)));
  }

  @Test
  void controlsHaveFixedBits() {
    Vmcs v = new Vmcs();
    assertEquals("reserved bits of the pin-based controls", EntryChecks.controls(v));
    v.write(VmcsField.PIN_BASED_CONTROLS, Capabilities.PIN_FIXED);
    assertEquals("reserved bits of the primary processor-based controls", EntryChecks.controls(v));
    v.write(VmcsField.PRIMARY_CONTROLS, Capabilities.PRIMARY_FIXED);
    assertNull(EntryChecks.controls(v));
    v.write(VmcsField.PIN_BASED_CONTROLS, Capabilities.PIN_FIXED | Vmcs.VIRTUAL_NMIS);
    assertEquals("virtual NMIs without NMI exiting", EntryChecks.controls(v));
  }

  @Test
  void encodingsAreUnique() {
    for (VmcsField f : VmcsField.values()) {
      assertEquals(f, VmcsField.of(f.encoding()));
    }
  }
}
