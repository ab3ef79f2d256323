/**
 * Running JavaScript against machines, as the console and the command line ask for it.
 */
@Export
@Version("1.0.0")
package org.sallyport.api.script;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
