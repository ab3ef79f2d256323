/** From plain data to checked descriptions and to the configuration records of devices. */
package org.sallyport.machine.description;
