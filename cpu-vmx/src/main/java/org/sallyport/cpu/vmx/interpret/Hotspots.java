package org.sallyport.cpu.vmx.interpret;

/** Is told which blocks are executed often. Called by the processor's own thread, between two blocks. */
public interface Hotspots {
  /** How many transitions between blocks lie between two samples. */
  int interval();

  /** In how many samples a block is seen until it is hot. */
  int threshold();

  /** A block is hot. It is told once, unless {@link Block#restore} has made it a plain block again. */
  void hot(Cpu cpu, Block block);
}
