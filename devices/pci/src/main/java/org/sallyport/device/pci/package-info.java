/** PCI: the host bridge with type-1 configuration access and the bus 0 behind it (PCI Local Bus Specification 3.0). */
package org.sallyport.device.pci;
