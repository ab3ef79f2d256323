package org.sallyport.cpu.vmx.decode;

import java.util.Arrays;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.sallyport.api.cpu.CodeMode;
import org.sallyport.api.cpu.Disassembler;

/**
 * Where the disassembler and GNU objdump differ on purpose. objdump is written to show what may have been meant, for
 * processors of all makers; the decoder says what one processor by Intel does. Each quirk is recognised as narrowly as
 * possible, and the tests count how often each is used.
 */
final class ObjdumpQuirks {
  /** Why two texts differ. */
  enum Quirk {
    /** They do not. */
    SAME,
    /** Both say that it is no instruction; objdump shows prefixes or operands nevertheless. */
    BOTH_INVALID,
    /** The same but for prefixes without effect, which objdump finds out in ways of its own. */
    IDLE_PREFIXES,
    /** objdump does not check whether LOCK is allowed (SDM volume 2, LOCK: #UD). */
    LOCK_NOT_CHECKED,
    /** objdump shows REX before another prefix as an instruction; the processor ignores it (volume 2, 2.2.1). */
    REX_BEFORE_PREFIX,
    /** objdump joins FWAIT with the x87 instruction that follows. */
    FWAIT_JOINED,
    /** The decoder knows VEX and EVEX instructions by their length only. */
    VEX,
    /** Instructions of other makers, of the 80386 only, or that the decoder does not have yet. */
    FOREIGN,
    /** Not with this prefix according to the SDM ("NP"). */
    PREFIX_EXCLUDED,
    /** Only in 64-bit mode with Intel. */
    MODE_EXCLUDED,
    /**
     * Executed by processors although objdump knows nothing of it: SALC, aliases of x87 and fences, BSF with F2, WBINVD
     * with 66.
     */
    UNDOCUMENTED,
    /** Control, debug and segment registers that do not exist as an operand. */
    NO_SUCH_REGISTER,
    /** MPX is gone, its opcodes are no-ops; register forms of prefetches are too. */
    NO_OPERATION,
    /**
     * objdump forgets to cut the target of a short branch, or of EIP-relative addresses, to the operand's or the
     * address's size.
     */
    TARGET_NOT_CUT,
    /** With both 66 and REX.W, REX.W counts (volume 2, 2.2.1.2), also for far pointers and MOVSXD. */
    REX_W_OVER_66,
    /** F3 90 with REX.B is XCHG with R8, 90 with REX.W no-op. */
    NOP_OR_XCHG,
    /**
     * DS before an indirect branch means NOTRACK to objdump even if another override follows, which it then leaves out.
     */
    NOTRACK_WITH_SEGMENT,
    /** A sign of displacement or its width where there is no base. */
    DISPLACEMENT_SIGN,
    /** Of the immediate of PCLMULQDQ bits 0 and 4 count; objdump takes 2 and 3 for 10h and 11h. */
    PCLMUL_SELECTOR,
    /** With prefixes that the SDM ignores here, objdump gives registers of another size or kind. */
    OTHER_REGISTERS,
    /** A difference that no quirk explains. */
    NONE
  }

  private static final Pattern PREFIXES =
      Pattern
          .compile("\\b((data|addr)(16|32)|[c-gs]s|rex(\\.[WRXB]+)?|rep(z|nz)?|bnd|notrack|xacquire|xrelease)( +|$)");
  private static final Pattern TARGET = Pattern.compile("0x([0-9a-f]+)$");
  private static final Pattern NO_REGISTER =
      Pattern.compile("mov +(cs,.*|.*\\b(cr([15679]|1\\d)|tr\\d|dr(8|9|1\\d)))\\b.*");
  private static final Pattern MPX =
      Pattern.compile("bnd(ldx|stx|mov|cl|cu|cn|mk) .*|prefetchit[01] .*|prefetch(w|wt1)? .*\\(bad\\).*");
  private static final Pattern FOREIGN =
      Pattern.compile(
          // 3DNow!
          "femms|pf(acc|add|cmp(eq|ge|gt)|max|min|mul|p?nacc|rcp(it1|it2)?|rsqi?t1|rsqrt|subr?)|pf2i[wd]|pi2f[wd]"
              + "|pavgusb|pmulhrw|pswapd"
              // SVM
              + "|vm(mcall|gexit|run|load|save)|clgi|stgi|skinit|invlpga|invlpgb|tlbsync|psmash|pvalidate"
              + "|rmp\\w+|mcommit"
              // SSE4a, XOP, TBM, LWP and others of AMD
              + "|extrq|insertq|movnts[sd]|clzero|rdpru|monitorx|mwaitx"
              + "|vp(mac|mad|com|hadd|hsub|perm|rot|sh[al])\\w+|vpcmov|vfrcz\\w+|bl(s|c)\\w+|bextr|tzmsk|t1mskc"
              + "|llwpcb|slwpcb|lwp\\w+"
              // VIA; the 80287 and 80386; IA-64
              + "|xcrypt-\\w+|montmul|xsha\\w+|xstore-rng|frstpm\\(287|jmpe"
              // Intel's, not there yet
              + "|a(add|and|or|xor)|aes(enc|dec)(wide)?(128|256)kl|encodekey(128|256)|loadiwkey|(rd|wr)msrlist"
              + "|tdcall|seam(ret|ops|call)|lkgs");
  /** SDM volume 2, LOCK: the instructions that it is allowed for, if the destination is memory. */
  private static final Pattern LOCKABLE =
      Pattern.compile(
          "(adc|add|and|bt[crs]|cmpxchg|cmpxchg8b|cmpxchg16b|dec|inc|neg|not|or|sbb|sub|xadd|xchg|xor) \\w+ PTR .*");
  private static final Set<String> UNDOCUMENTED =
      Set.of("salc", "fstp", "fcom", "fcomp", "fxch", "bsf", "bsr", "wbinvd", "lfence", "mfence", "sfence", "nop");
  private static final Set<String> REGISTERS_VARY =
      Set.of("umwait", "tpause", "movq2dq", "movdq2q", "rdfsbase", "rdgsbase", "wrfsbase", "wrgsbase", "ptwrite",
          "rdpid");
  private static final Set<String> ONLY_64 =
      Set.of("syscall", "sysret", "swapgs", "rdfsbase", "rdgsbase", "wrfsbase", "wrgsbase",
          "clui", "stui", "testui", "uiret", "senduipi");
  private static final Set<String> WITHOUT_PREFIX =
      Set.of("getsec", "fxsave", "fxsave64", "fxrstor", "fxrstor64", "ldmxcsr", "stmxcsr",
          "vmptrst", "vmptrld", "xrstors", "xrstors64", "xsaves", "xsaves64", "xsavec", "xsavec64", "xsetbv", "xgetbv",
          "vmfunc", "xend",
          "xtest", "clac", "stac", "encls", "enclu", "enclv", "pconfig", "pmovmskb", "rdpkru", "wrpkru", "serialize",
          "wrmsrns",
          "cldemote", "vmread", "vmwrite", "lfence", "mfence", "sfence");

  private ObjdumpQuirks() {}

  /**
   * Why two disassemblies of one instruction differ.
   *
   * @param code bytes from the instruction's start on
   */
  static Quirk explain(Objdump.Line theirs, Disassembler.Line ours, byte[] code, CodeMode mode) {
    String text = theirs.text();
    boolean bad = ours.text().equals("(bad)");
    if (theirs.length() == ours.length() && text.equals(ours.text())) {
      // objdump is no judge of LOCK.
      int lock = text.lastIndexOf("lock ");
      return lock < 0 || LOCKABLE.matcher(core(text.substring(lock + 5))).matches() ? Quirk.SAME : Quirk.NONE;
    }
    if (bad && (text.contains("(bad)") || text.contains("?"))) {
      return Quirk.BOTH_INVALID;
    }
    String core = core(text);
    String ourCore = core(ours.text());
    String name = core.split(" ")[0];
    if (core.replace("lock ", "").isEmpty() && text.contains("rex")) {
      return Quirk.REX_BEFORE_PREFIX;
    }
    if (ourCore.equals("fwait")) {
      return Quirk.FWAIT_JOINED;
    }
    if (bad) {
      return explainInvalid(theirs, ours, core, name, code, mode);
    }
    if (text.contains("(bad)")) {
      return MPX.matcher(core).matches()
          ? Quirk.NO_OPERATION
          : UNDOCUMENTED.contains(ourCore.split(" ")[0]) ? Quirk.UNDOCUMENTED : Quirk.NONE;
    }
    if (theirs.length() != ours.length()) {
      return Quirk.NONE;
    }
    return core.equals(ourCore) ? Quirk.IDLE_PREFIXES : explainText(core, ourCore, name, code, mode);
  }

  /** A text without prefixes and with single spaces; LOCK stays. */
  private static String core(String text) {
    return PREFIXES.matcher(text).replaceAll("").replaceAll(" +", " ");
  }

  private static Quirk explainInvalid(
      Objdump.Line theirs, Disassembler.Line ours, String core, String name, byte[] code, CodeMode mode) {
    int prefixes = 0;
    while (prefixes < code.length - 1 && Decoder.isPrefix(code[prefixes] & 0xFF, mode)) {
      prefixes++;
    }
    if (prefixes >= theirs.length() && theirs.length() == 14) { // more prefixes than fit
      return Quirk.BOTH_INVALID;
    }
    int first = code[prefixes] & 0xFF;
    if (theirs.length() == ours.length() && (first == 0xC4 || first == 0xC5 || first == 0x62)) {
      return Quirk.VEX;
    }
    if (first == 0x9B) {
      return Quirk.FWAIT_JOINED;
    }
    if (core.startsWith("lock ")) {
      if (core.equals("lock pause") || core.equals("lock xchg rax,rax")) {
        return Quirk.NOP_OR_XCHG;
      }
      return isSameWithoutLock(core.substring(5), code, prefixes, mode)
          ? Quirk.LOCK_NOT_CHECKED
          : explainInvalid(theirs, ours, core.substring(5), (core + " ").split(" ", 3)[1], code, mode);
    }
    if (NO_REGISTER.matcher(core).matches() || mode != CodeMode.BITS64 && core.contains("cr8")) {
      return Quirk.NO_SUCH_REGISTER;
    }
    if (mode != CodeMode.BITS64 && ONLY_64.contains(name)) {
      return Quirk.MODE_EXCLUDED;
    }
    boolean prefixed = false;
    for (int i = 0; i < prefixes; i++) {
      prefixed |= code[i] == 0x66 || code[i] == (byte) 0xF2 || code[i] == (byte) 0xF3;
    }
    if (prefixed && WITHOUT_PREFIX.contains(name)) {
      return Quirk.PREFIX_EXCLUDED;
    }
    return FOREIGN.matcher(name).matches() ? Quirk.FOREIGN : Quirk.NONE;
  }

  /** Whether an instruction that LOCK is not allowed for is the same for both without it. */
  private static boolean isSameWithoutLock(String core, byte[] code, int prefixes, CodeMode mode) {
    if (LOCKABLE.matcher(core).matches()) {
      return false;
    }
    byte[] without = code.clone();
    int length = 0;
    for (int i = 0; i < code.length; i++) {
      if (i >= prefixes || code[i] != (byte) 0xF0) {
        without[length++] = code[i];
      }
    }
    var lines = new IntelDisassembler().disassemble(Arrays.copyOf(without, length), 0, mode, 1);
    if (lines.isEmpty()) {
      return false;
    }
    String ours = core(lines.getFirst().text());
    String name = ours.split(" ")[0];
    String theirs = core.split(" ")[0];
    return name.equals(theirs) || theirs.equals(name + "w") || name.equals("nop") && MPX.matcher(core).matches();
  }

  private static Quirk explainText(String core, String ours, String name, byte[] code, CodeMode mode) {
    boolean sameName = name.equals(ours.split(" ")[0]);
    if (MPX.matcher(core).matches() && ours.startsWith("nop")) {
      return Quirk.NO_OPERATION;
    }
    if ((name.equals("pause") || core.equals("xchg rax,rax")) && (ours.startsWith("xchg") || ours.equals("nop"))) {
      return Quirk.NOP_OR_XCHG;
    }
    if (sameName && core.contains("[eip") && withoutComment(core).equals(withoutComment(ours))) {
      return Quirk.TARGET_NOT_CUT;
    }
    if (sameName && (name.startsWith("j") || name.startsWith("loop")) && sameLowTarget(core, ours)) {
      return Quirk.TARGET_NOT_CUT;
    }
    if (sameName && core.contains("*") && eraseDisplacement(core).equals(eraseDisplacement(ours))) {
      return Quirk.DISPLACEMENT_SIGN;
    }
    if (sameName && ours.matches("(jmp|call) .*[c-gs]s:.*") && withoutSegment(core).equals(withoutSegment(ours))) {
      return Quirk.NOTRACK_WITH_SEGMENT;
    }
    if (ours.matches("pclmulqdq .*,0x[23]") && name.matches("pclmul[lh]q[lh]qdq")) {
      return Quirk.PCLMUL_SELECTOR;
    }
    boolean wide = mode == CodeMode.BITS64 && contains66(code, mode);
    if (sameName && REGISTERS_VARY.contains(name)) {
      return Quirk.OTHER_REGISTERS;
    }
    if (wide && (name.equals("movsxd") && sameName || name.equals(ours.split(" ")[0] + "w"))) {
      return Quirk.REX_W_OVER_66;
    }
    if (sameName && wide && withoutPointer(core).equals(withoutPointer(ours))) {
      return Quirk.REX_W_OVER_66;
    }
    return Quirk.NONE;
  }

  private static String withoutComment(String text) {
    int at = text.indexOf('#');
    return at < 0 ? text : text.substring(0, at).strip();
  }

  private static String withoutPointer(String text) {
    return text.replaceAll("\\w+ PTR ", "");
  }

  private static String withoutSegment(String text) {
    return text.replaceAll("[c-gs]s:", "");
  }

  private static String eraseDisplacement(String text) {
    return text.replaceAll("[+-]0x[0-9a-f]+\\]", "]");
  }

  private static boolean contains66(byte[] code, CodeMode mode) {
    boolean found = false;
    boolean rexW = false;
    for (int i = 0; Decoder.isPrefix(code[i] & 0xFF, mode); i++) {
      found |= code[i] == 0x66;
      rexW = (code[i] & 0xF8) == 0x48;
    }
    return found && rexW;
  }

  private static boolean sameLowTarget(String a, String b) {
    Matcher first = TARGET.matcher(a);
    Matcher second = TARGET.matcher(b);
    return first.find() && second.find()
        && (Long.parseUnsignedLong(first.group(1), 16) & 0xFFFF) == (Long.parseUnsignedLong(second.group(1), 16)
            & 0xFFFF);
  }
}
