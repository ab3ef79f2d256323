/**
 * The machine's time and the timers that devices set on it.
 */
@Export
@Version("1.0.0")
package org.sallyport.api.clock;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
