/**
 * How guest code runs: backends, virtual CPUs, VM entry and VM exit, and the state that every backend can take over.
 */
@Export
@Version("1.1.0")
package org.sallyport.api.cpu;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
