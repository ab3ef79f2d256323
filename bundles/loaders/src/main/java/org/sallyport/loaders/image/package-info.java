/**
 * Making images that guests are started from, as a library for scripts and tests: {@link
 * org.sallyport.loaders.image.Initramfs}.
 */
@Export
@Version("1.0.0")
package org.sallyport.loaders.image;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
