/**
 * What a device is, what it offers (ports, memory windows, state) and what it is given (lines, clock, memory, a far
 * end).
 */
@Export
@Version("1.1.0")
package org.sallyport.api.device;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
