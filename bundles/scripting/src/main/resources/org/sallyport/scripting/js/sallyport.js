// Module 'sallyport': what scripts import. Described by sallyport.d.ts.
export { args, defineArgs } from './args.js';
export { assert } from './assert.js';
export { AssertionError, MachineError, TimeoutError, UsageError } from './errors.js';
export { format, inspect } from './inspect.js';
export { Machine } from './machine.js';
export { Serial } from './serial.js';
export { bytes, exit, log, millis, sleep } from './time.js';
