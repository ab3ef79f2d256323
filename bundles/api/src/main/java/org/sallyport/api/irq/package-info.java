/**
 * Interrupts from a device's line through PIC or IO APIC to a local APIC, where they wait for event injection.
 */
@Export
@Version("1.1.0")
package org.sallyport.api.irq;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
