package org.sallyport.cpu.vmx.vmx;

import java.util.Locale;
import java.util.Set;

/** The fields of a VMCS with the SDM's encodings (volume 3, appendix B). */
public enum VmcsField {
  // @formatter:off
  VPID                                  (0x0000),
  POSTED_INTERRUPT_NOTIFICATION_VECTOR  (0x0002),
  GUEST_ES_SELECTOR                     (0x0800),
  GUEST_CS_SELECTOR                     (0x0802),
  GUEST_SS_SELECTOR                     (0x0804),
  GUEST_DS_SELECTOR                     (0x0806),
  GUEST_FS_SELECTOR                     (0x0808),
  GUEST_GS_SELECTOR                     (0x080a),
  GUEST_LDTR_SELECTOR                   (0x080c),
  GUEST_TR_SELECTOR                     (0x080e),
  GUEST_INTERRUPT_STATUS                (0x0810),
  HOST_ES_SELECTOR                      (0x0c00),
  HOST_CS_SELECTOR                      (0x0c02),
  HOST_SS_SELECTOR                      (0x0c04),
  HOST_DS_SELECTOR                      (0x0c06),
  HOST_FS_SELECTOR                      (0x0c08),
  HOST_GS_SELECTOR                      (0x0c0a),
  HOST_TR_SELECTOR                      (0x0c0c),
  IO_BITMAP_A                           (0x2000),
  IO_BITMAP_B                           (0x2002),
  MSR_BITMAP                            (0x2004),
  VM_EXIT_MSR_STORE_ADDRESS             (0x2006),
  VM_EXIT_MSR_LOAD_ADDRESS              (0x2008),
  VM_ENTRY_MSR_LOAD_ADDRESS             (0x200a),
  EXECUTIVE_VMCS_POINTER                (0x200c),
  TSC_OFFSET                            (0x2010),
  VIRTUAL_APIC_ADDRESS                  (0x2012),
  APIC_ACCESS_ADDRESS                   (0x2014),
  EPT_POINTER                           (0x201a),
  GUEST_PHYSICAL_ADDRESS                (0x2400),
  VMCS_LINK_POINTER                     (0x2800),
  GUEST_IA32_DEBUGCTL                   (0x2802),
  GUEST_IA32_PAT                        (0x2804),
  GUEST_IA32_EFER                       (0x2806),
  GUEST_PDPTE0                          (0x280a),
  GUEST_PDPTE1                          (0x280c),
  GUEST_PDPTE2                          (0x280e),
  GUEST_PDPTE3                          (0x2810),
  GUEST_IA32_PKRS                       (0x2818),
  HOST_IA32_PAT                         (0x2c00),
  HOST_IA32_EFER                        (0x2c02),
  HOST_IA32_PKRS                        (0x2c06),
  PIN_BASED_CONTROLS                    (0x4000),
  PRIMARY_CONTROLS                      (0x4002),
  EXCEPTION_BITMAP                      (0x4004),
  PAGE_FAULT_ERROR_CODE_MASK            (0x4006),
  PAGE_FAULT_ERROR_CODE_MATCH           (0x4008),
  CR3_TARGET_COUNT                      (0x400a),
  VM_EXIT_CONTROLS                      (0x400c),
  VM_EXIT_MSR_STORE_COUNT               (0x400e),
  VM_EXIT_MSR_LOAD_COUNT                (0x4010),
  VM_ENTRY_CONTROLS                     (0x4012),
  VM_ENTRY_MSR_LOAD_COUNT               (0x4014),
  VM_ENTRY_INTERRUPTION_INFORMATION     (0x4016),
  VM_ENTRY_EXCEPTION_ERROR_CODE         (0x4018),
  VM_ENTRY_INSTRUCTION_LENGTH           (0x401a),
  TPR_THRESHOLD                         (0x401c),
  SECONDARY_CONTROLS                    (0x401e),
  PLE_GAP                               (0x4020),
  PLE_WINDOW                            (0x4022),
  VM_INSTRUCTION_ERROR                  (0x4400),
  EXIT_REASON                           (0x4402),
  VM_EXIT_INTERRUPTION_INFORMATION      (0x4404),
  VM_EXIT_INTERRUPTION_ERROR_CODE       (0x4406),
  IDT_VECTORING_INFORMATION             (0x4408),
  IDT_VECTORING_ERROR_CODE              (0x440a),
  VM_EXIT_INSTRUCTION_LENGTH            (0x440c),
  VM_EXIT_INSTRUCTION_INFORMATION       (0x440e),
  GUEST_ES_LIMIT                        (0x4800),
  GUEST_CS_LIMIT                        (0x4802),
  GUEST_SS_LIMIT                        (0x4804),
  GUEST_DS_LIMIT                        (0x4806),
  GUEST_FS_LIMIT                        (0x4808),
  GUEST_GS_LIMIT                        (0x480a),
  GUEST_LDTR_LIMIT                      (0x480c),
  GUEST_TR_LIMIT                        (0x480e),
  GUEST_GDTR_LIMIT                      (0x4810),
  GUEST_IDTR_LIMIT                      (0x4812),
  GUEST_ES_ACCESS_RIGHTS                (0x4814),
  GUEST_CS_ACCESS_RIGHTS                (0x4816),
  GUEST_SS_ACCESS_RIGHTS                (0x4818),
  GUEST_DS_ACCESS_RIGHTS                (0x481a),
  GUEST_FS_ACCESS_RIGHTS                (0x481c),
  GUEST_GS_ACCESS_RIGHTS                (0x481e),
  GUEST_LDTR_ACCESS_RIGHTS              (0x4820),
  GUEST_TR_ACCESS_RIGHTS                (0x4822),
  GUEST_INTERRUPTIBILITY_STATE          (0x4824),
  GUEST_ACTIVITY_STATE                  (0x4826),
  GUEST_SMBASE                          (0x4828),
  GUEST_IA32_SYSENTER_CS                (0x482a),
  VMX_PREEMPTION_TIMER_VALUE            (0x482e),
  HOST_IA32_SYSENTER_CS                 (0x4c00),
  CR0_GUEST_HOST_MASK                   (0x6000),
  CR4_GUEST_HOST_MASK                   (0x6002),
  CR0_READ_SHADOW                       (0x6004),
  CR4_READ_SHADOW                       (0x6006),
  CR3_TARGET_VALUE0                     (0x6008),
  CR3_TARGET_VALUE1                     (0x600a),
  CR3_TARGET_VALUE2                     (0x600c),
  CR3_TARGET_VALUE3                     (0x600e),
  EXIT_QUALIFICATION                    (0x6400),
  IO_RCX                                (0x6402),
  IO_RSI                                (0x6404),
  IO_RDI                                (0x6406),
  IO_RIP                                (0x6408),
  GUEST_LINEAR_ADDRESS                  (0x640a),
  GUEST_CR0                             (0x6800),
  GUEST_CR3                             (0x6802),
  GUEST_CR4                             (0x6804),
  GUEST_ES_BASE                         (0x6806),
  GUEST_CS_BASE                         (0x6808),
  GUEST_SS_BASE                         (0x680a),
  GUEST_DS_BASE                         (0x680c),
  GUEST_FS_BASE                         (0x680e),
  GUEST_GS_BASE                         (0x6810),
  GUEST_LDTR_BASE                       (0x6812),
  GUEST_TR_BASE                         (0x6814),
  GUEST_GDTR_BASE                       (0x6816),
  GUEST_IDTR_BASE                       (0x6818),
  GUEST_DR7                             (0x681a),
  GUEST_RSP                             (0x681c),
  GUEST_RIP                             (0x681e),
  GUEST_RFLAGS                          (0x6820),
  GUEST_PENDING_DEBUG_EXCEPTIONS        (0x6822),
  GUEST_IA32_SYSENTER_ESP               (0x6824),
  GUEST_IA32_SYSENTER_EIP               (0x6826),
  GUEST_IA32_S_CET                      (0x6828),
  GUEST_SSP                             (0x682a),
  GUEST_INTERRUPT_SSP_TABLE_ADDR        (0x682c),
  HOST_CR0                              (0x6c00),
  HOST_CR3                              (0x6c02),
  HOST_CR4                              (0x6c04),
  HOST_FS_BASE                          (0x6c06),
  HOST_GS_BASE                          (0x6c08),
  HOST_TR_BASE                          (0x6c0a),
  HOST_GDTR_BASE                        (0x6c0c),
  HOST_IDTR_BASE                        (0x6c0e),
  HOST_IA32_SYSENTER_ESP                (0x6c10),
  HOST_IA32_SYSENTER_EIP                (0x6c12),
  HOST_RSP                              (0x6c14),
  HOST_RIP                              (0x6c16),
  HOST_IA32_S_CET                       (0x6c18),
  HOST_SSP                              (0x6c1a),
  HOST_INTERRUPT_SSP_TABLE_ADDR         (0x6c1c);
  // @formatter:on

  private static final Set<String> ABBREVIATIONS =
      Set.of("A", "ADDR", "APIC", "B", "CET", "CR0", "CR3", "CR4", "CS", "DEBUGCTL", "DR7", "DS", "EFER",
          "EIP", "EPT", "ES", "ESP", "FS", "GDTR", "GS", "IA32", "IDT", "IDTR", "IO", "LDTR", "MSR", "PAT", "PDPTE0",
          "PDPTE1", "PDPTE2", "PDPTE3",
          "PKRS", "PLE", "RCX", "RDI", "RFLAGS", "RIP", "RSI", "RSP", "S", "SMBASE", "SS", "SSP", "SYSENTER", "TPR",
          "TR", "TSC", "VM",
          "VMCS", "VMX", "VPID");

  private static final VmcsField[] BY_INDEX = index();

  private final int encoding;

  VmcsField(int encoding) {
    this.encoding = encoding;
  }

  public int encoding() {
    return encoding;
  }

  /** 16, 32 or 64; natural-width fields have 64. */
  public int bits() {
    return switch (encoding >> 13 & 3) {
      case 0 -> 16;
      case 2 -> 32;
      default -> 64;
    };
  }

  /** Control (0), VM-exit information (1), guest state (2) or host state (3). */
  public int type() {
    return encoding >> 10 & 3;
  }

  public boolean isGuestState() {
    return type() == 2;
  }

  /** The name in words: {@code Guest RIP}. */
  public String label() {
    StringBuilder words = new StringBuilder();
    for (String word : name().split("_")) {
      String text = ABBREVIATIONS.contains(word) ? word : word.toLowerCase(Locale.ROOT);
      words.append(words.isEmpty() ? "" : " ").append(text);
    }
    words.setCharAt(0, Character.toUpperCase(words.charAt(0)));
    return words.toString();
  }

  /** The field with this encoding (of either the full or the high access type), or null. */
  public static VmcsField of(int encoding) {
    int key = encoding & ~1;
    return key < 0 || key >= BY_INDEX.length ? null : BY_INDEX[key];
  }

  private static VmcsField[] index() {
    VmcsField[] all = new VmcsField[0x7000];
    for (VmcsField field : values()) {
      all[field.encoding] = field;
    }
    return all;
  }
}
