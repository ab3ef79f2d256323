/** What a guest is told about the machine, and who loads it. */
package org.sallyport.machine.boot;
