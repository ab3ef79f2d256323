/**
 * The console: Gogo commands {@code vm:...} for machines and {@code js:...} for scripts, and the program that runs one
 * script when Sallyport is started with arguments.
 *
 * <p>Commands return their output as text, so that it can be piped, and tell what went wrong in one line. They know
 * machines and scripts through the API only.
 */
package org.sallyport.console;
