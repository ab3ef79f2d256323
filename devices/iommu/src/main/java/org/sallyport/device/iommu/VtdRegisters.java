package org.sallyport.device.iommu;

/** The register page under the names of the specification (chapter "Register Descriptions"); offsets from its start. */
final class VtdRegisters {
  // @formatter:off
  static final int PAGE          = 0x1000;

  static final int VER           = 0x00;
  static final int CAP           = 0x08;      // 64 bits
  static final int ECAP          = 0x10;      // 64 bits
  static final int GCMD          = 0x18;      // write-only
  static final int GSTS          = 0x1c;
  static final int RTADDR        = 0x20;      // 64 bits
  static final int CCMD          = 0x28;      // 64 bits
  static final int FSTS          = 0x34;
  static final int FECTL         = 0x38;      // fault event: control, data, address, upper address
  static final int IQH           = 0x80;      // 64 bits
  static final int IQT           = 0x88;      // 64 bits
  static final int IQA           = 0x90;      // 64 bits
  static final int ICS           = 0x9c;
  static final int IECTL         = 0xa0;      // invalidation event, likewise
  static final int IRTA          = 0xb8;      // 64 bits
  static final int IVA           = 0xf0;      // 64 bits; write-only
  static final int IOTLB         = 0xf8;      // 64 bits
  static final int FRCD          = 0x220;     // fault recording registers of 128 bits

  /** Version 1.0: the legacy mode. */
  static final int VERSION       = 0x10;

  static final int FAULTS        = 4;         // fault recording registers

  // CAP. Caching mode (bit 7) is 0: what is not present is remembered nowhere, and nor is anything else.
  static final int LARGEST_WIDTH = 48;
  static final long CAPABILITIES = 6L                               // ND: 65536 domains
                                 | 0b00110L << 8                    // SAGAW: 39 and 48 bits, 3 and 4 levels
                                 | (LARGEST_WIDTH - 1L) << 16       // MGAW
                                 | FRCD / 16L << 24                 // FRO
                                 | 0b0011L << 34                    // SLLPS: pages of 2 MiB and 1 GiB
                                 | 1L << 39                         // PSI: invalidation of pages
                                 | (FAULTS - 1L) << 40              // NFR
                                 | 18L << 48                        // MAMV: at most 2^18 of them at a time
                                 | 1L << 54 | 1L << 55;             // DWD, DRD: writes and reads are drained

  // ECAP
  static final long EXTENDED     = 1L                               // C: its accesses to tables are coherent
                                 | 1L << 1                          // QI: queued invalidation
                                 | 1L << 6                          // PT: pass-through
                                 | 1L << 7                          // SC: DMA is always coherent
                                 | IVA / 16L << 8;                  // IRO
  static final long ECAP_IR      = 1L << 3 | 15L << 20;             // IR, MHMV
  static final long ECAP_EIM     = 1L << 4;

  // GCMD and GSTS
  static final int TE            = 1 << 31;   // translation
  static final int SRTP          = 1 << 30;   // set the root table pointer: one shot
  static final int QIE           = 1 << 26;   // queued invalidation
  static final int IRE           = 1 << 25;   // interrupt remapping
  static final int SIRTP         = 1 << 24;   // set the interrupt table pointer: one shot
  static final int CFI           = 1 << 23;   // compatibility format interrupts pass
  static final int STATUS_BITS   = TE | SRTP | QIE | IRE | SIRTP | CFI;

  // CCMD and IOTLB: what is to be invalidated goes 61:60 (62:61), what was, comes 58:57 (60:59)
  static final long ICC          = 1L << 63;
  static final long CCMD_BITS    = 0x6000_0003_ffff_ffffL;
  static final long CIRG         = 3L << 61;
  static final int CIRG_TO_CAIG  = 2;
  static final long IVT          = 1L << 63;
  static final long IOTLB_BITS   = 0x3003_ffff_0000_0000L;
  static final long IIRG         = 3L << 60;
  static final int IIRG_TO_IAIG  = 3;

  // IRTA
  static final long EIME         = 1L << 11;
  static final long IRTA_BITS    = ~0xfffL | EIME | 0xf;
  static final long TABLE        = ~0xfffL;   // the address in RTADDR, IRTA and IQA
  // @formatter:on

  private VtdRegisters() {}
}
