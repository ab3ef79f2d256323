package org.sallyport.api.cpu;

/**
 * One answer of the CPUID instruction (SDM volume 2, CPUID).
 *
 * @param leaf value of EAX
 * @param subleaf value of ECX, or {@link #ANY_SUBLEAF} where ECX does not matter
 */
public record CpuidLeaf(int leaf, int subleaf, int eax, int ebx, int ecx, int edx) {
  /** For leaves that have no sub-leaves. */
  public static final int ANY_SUBLEAF = -1;
}
