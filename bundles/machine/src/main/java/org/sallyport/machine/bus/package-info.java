/** Port and memory buses: who answers an address, found in sorted tables that are replaced as a whole. */
package org.sallyport.machine.bus;
