/** Guest RAM and ROM: host memory in slots, and the view that devices and loaders have of it. */
package org.sallyport.machine.memory;
