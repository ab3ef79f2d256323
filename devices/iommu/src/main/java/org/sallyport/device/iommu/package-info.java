/**
 * An IOMMU: Intel Virtualization Technology for Directed I/O (architecture specification 3.3, order number D51397) in
 * legacy mode, that is DMA remapping by root, context and second-level tables, and interrupt remapping.
 */
package org.sallyport.device.iommu;
