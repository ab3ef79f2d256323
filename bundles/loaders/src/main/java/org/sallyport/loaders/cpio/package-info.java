/** Archives in the cpio format, which Linux takes as its initial RAM file system. */
package org.sallyport.loaders.cpio;
