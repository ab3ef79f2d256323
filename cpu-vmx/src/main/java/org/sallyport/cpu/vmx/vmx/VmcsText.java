package org.sallyport.cpu.vmx.vmx;

import java.util.ArrayList;
import java.util.List;
import org.sallyport.api.cpu.VmcsView;

/** A VMCS for people: fields by name, with exit reasons and interruption information in words. */
final class VmcsText implements VmcsView {
  private static final String[] EVENT_TYPES =
      {"external interrupt", "reserved", "NMI", "hardware exception", "software interrupt",
          "privileged software exception", "software exception", "other event"};
  private final List<Field> fields = new ArrayList<>();

  VmcsText(VmxCpu cpu) {
    if (!cpu.vmcs.guestStateWritten) {
      GuestState.store(cpu.cpu, cpu.vmcs);
    }
    for (VmcsField f : VmcsField.values()) {
      long value = cpu.vmcs.read(f);
      fields.add(new Field(f.label(), f.encoding(), f.bits(), value, meaning(f, value)));
    }
  }

  @Override
  public List<Field> fields() {
    return List.copyOf(fields);
  }

  private static String meaning(VmcsField field, long value) {
    return switch (field) {
      case EXIT_REASON -> ExitCode.name((int) value);
      case VM_ENTRY_INTERRUPTION_INFORMATION, VM_EXIT_INTERRUPTION_INFORMATION, IDT_VECTORING_INFORMATION ->
        (int) value < 0 ? EVENT_TYPES[(int) value >> 8 & 7] + " " + (value & 0xff) : "none";
      case GUEST_ACTIVITY_STATE -> new String[]{"active", "HLT", "shutdown", "wait-for-SIPI"}[(int) value & 3];
      default -> "";
    };
  }
}
