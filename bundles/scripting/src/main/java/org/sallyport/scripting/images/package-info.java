/** Images for guests: files out of Debian's packages, and RAM disks, both kept in a cache. */
package org.sallyport.scripting.images;
