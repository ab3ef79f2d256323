/**
 * The tables by which a guest learns what machine it is on: ACPI ({@code AcpiTables}, {@code Dsdt} with the small AML
 * builder {@code Aml}) and the MultiProcessor Specification's ({@code MpTable}). All of them are made from a {@link
 * org.sallyport.api.loader.Platform} alone.
 */
package org.sallyport.loaders.tables;
