package org.sallyport.loaders;

import org.sallyport.api.loader.BootSource;
import org.sallyport.api.loader.LoadException;

/** Refuses what a format has no use for, so that a setting is never silently ignored. */
final class Extras {
  private Extras() {}

  /** For formats that take neither an initrd nor modules. */
  static void refuse(BootSource source, ImageFile file, String format) throws LoadException {
    if (source.initrd().isPresent()) {
      throw file.problem("is " + format + ", which takes no initrd: leave initrd= out");
    }
    refuseModules(source, file, format);
  }

  static void refuseModules(BootSource source, ImageFile file, String format) throws LoadException {
    if (!source.modules().isEmpty()) {
      throw file.problem("is " + format + ", which takes no modules: leave modules= out");
    }
  }
}
