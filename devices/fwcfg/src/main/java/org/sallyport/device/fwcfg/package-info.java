/** The interface by which firmware and guests of QEMU ask what machine they are on: fw_cfg. */
package org.sallyport.device.fwcfg;
