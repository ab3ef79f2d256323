/**
 * Machines as their users see them: described by plain data, created, run, watched and stopped.
 */
@Export
@Version("1.1.0")
package org.sallyport.api.machine;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
