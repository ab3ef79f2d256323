/**
 * Scripts: ECMAScript modules on GraalJS that make machines, talk to them and end with a status.
 *
 * <p>The way of the data: {@link org.sallyport.scripting.Scripts} runs a file on a thread of its own; that thread is
 * the {@link org.sallyport.scripting.EventLoop} of one {@link org.sallyport.scripting.ScriptContext}, and nothing else
 * ever enters the context. What happens elsewhere (serial output, a machine that stops, a download that ends) is posted
 * to the loop. The script's side of the interface is JavaScript ({@code js/*.js}, described by {@code
 * js/sallyport.d.ts}); it rests on the {@code Host...} classes, whose exported methods are all of Java that a script
 * can reach.
 */
package org.sallyport.scripting;
