/** The slots of a machine and the chips in them, which may be exchanged while the guest runs. */
package org.sallyport.machine.board;
