/** The CPU model: which features a guest sees, and the CPUID leaves that announce them. */
package org.sallyport.machine.model;
