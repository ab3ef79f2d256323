/**
 * What puts a guest into memory: one {@link org.sallyport.api.loader.GuestLoader} per format (Linux bzImage, multiboot
 * 1, ELF, flat binary).
 *
 * <p>Each loader reads its file ({@code ImageFile}), decides what lies where ({@code Placement}), writes it, and makes
 * the state of the bootstrap processor at the guest's first instruction ({@code EntryState}). Every error is one line
 * that names the file and the remedy.
 */
package org.sallyport.loaders;
