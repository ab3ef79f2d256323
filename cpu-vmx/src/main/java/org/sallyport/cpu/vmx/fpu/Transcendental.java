package org.sallyport.cpu.vmx.fpu;
final class Transcendental extends Rounding {}
