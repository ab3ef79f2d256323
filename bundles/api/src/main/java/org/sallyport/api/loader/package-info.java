/**
 * What puts a guest into memory and says where its first instruction is.
 */
@Export
@Version("1.1.0")
package org.sallyport.api.loader;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
