package org.sallyport.api.cpu;

import java.util.Set;

/**
 * A way to run guest code. Each backend bundle registers one service of this type with the property {@value #PROPERTY}.
 *
 * <p>Obligations: {@link #probe()} never throws and costs little; {@link #open} either returns a working cluster or
 * throws and leaves nothing behind. All methods may be called from any thread.
 */
public interface CpuBackend {
  /** Service property that holds {@link #name()}. */
  String PROPERTY = "cpu.backend";

  /** Short name that descriptions use: {@code vmx}, {@code kvm}. */
  String name();

  /** Whether this backend can run guests on this host, and if not, why, in one sentence. */
  Availability probe();

  /** The features this backend can show a guest; a machine's CPU model is a subset of it. */
  Set<CpuFeature> features();

  /** The widest guest-physical addresses that its processors can have, 32 to 52 bits. */
  default int physicalAddressBits() {
    return 52;
  }

  /**
   * Makes the processors of one machine, each in the state {@link VcpuState#powerOn}.
   *
   * @throws CpuException when the backend cannot serve this specification; the message is for people
   */
  CpuCluster open(CpuClusterSpec spec) throws CpuException;
}
