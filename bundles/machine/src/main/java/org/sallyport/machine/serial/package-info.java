/** The far ends of character devices. */
package org.sallyport.machine.serial;
