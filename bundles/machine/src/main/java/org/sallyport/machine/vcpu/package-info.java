/** The threads of the processors: VM entry, VM exit, dispatch, event injection, and how they are made to stand. */
package org.sallyport.machine.vcpu;
