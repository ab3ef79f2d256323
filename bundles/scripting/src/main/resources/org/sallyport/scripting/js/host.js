// The Java side of these modules. Taken off the global object at once: scripts use what 'sallyport' exports.
import { MachineError, TimeoutError } from './errors.js';

export const host = globalThis.__host;
delete globalThis.__host;

/** A promise that Java settles: `begin` gets the two functions to call, the second with an error's class and message. */
export function promised(begin) {
  // Made now, not when it fails, so that the error's place is the line of the script that called.
  const errors = { MachineError: new MachineError(), TimeoutError: new TimeoutError() };
  // What Java has no result for comes as null.
  return new Promise((resolve, reject) => begin((value) => resolve(value ?? undefined), (type, message) => {
    const error = errors[type] ?? errors.MachineError;
    error.message = message;
    reject(error);
  }));
}

/** JSON with hexadecimal text as BigInts. */
export const parse = (json) =>
  JSON.parse(json, (key, value) => typeof value === 'string' && /^0x[0-9a-f]+$/.test(value) ? BigInt(value) : value);
