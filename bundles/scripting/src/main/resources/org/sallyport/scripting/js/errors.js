// The classes of errors; the exit status of a script that ends with one depends on its name.

/** A machine, its image or its description is at fault. Status 1. */
export class MachineError extends Error {}

/** Something did not come in time. Status 3. */
export class TimeoutError extends Error {}

/** The script was called with wrong arguments. Status 2. */
export class UsageError extends Error {}

/** What a test claims is not so. Status 1. */
export class AssertionError extends Error {}

for (const type of [MachineError, TimeoutError, UsageError, AssertionError]) {
  Object.defineProperty(type.prototype, 'name', { value: type.name, configurable: true, writable: true });
}

const TYPES = { MachineError, TimeoutError, UsageError, AssertionError, RangeError, TypeError };

/** For Java: an error by the name of its class. */
export const makeError = (type, message) => new (TYPES[type] ?? Error)(message);
