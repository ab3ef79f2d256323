package org.sallyport.console;

import org.osgi.service.component.annotations.Component;

/** {@link HelpCommand} as a service that Gogo finds. */
@Component(service = HelpCommandComponent.class, property = {"osgi.command.scope=vm", "osgi.command.function=help"})
public final class HelpCommandComponent extends HelpCommand {}
