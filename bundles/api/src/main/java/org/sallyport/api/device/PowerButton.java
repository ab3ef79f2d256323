package org.sallyport.api.device;

/** Something with a power button: the ACPI fixed-feature button. A capability of devices. */
public interface PowerButton {
  /** Presses and releases the button; a guest that listens shuts down. */
  void press();
}
