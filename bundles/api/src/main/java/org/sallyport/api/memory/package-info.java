/**
 * Guest-physical memory: the slots that a CPU backend maps, and the view that devices use for DMA.
 */
@Export
@Version("1.0.0")
package org.sallyport.api.memory;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
