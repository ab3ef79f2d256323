// Durations, sizes, and waiting.
import { host } from './host.js';
import { format } from './inspect.js';

/** Milliseconds of a duration: '500ms', '60s', '5m', '1h'; a number is milliseconds already. */
export function millis(value) {
  return typeof value === 'number' ? value : host.duration(String(value));
}

/** Bytes of a size: '64K', '256M', '1G'; a number is bytes already. */
export function bytes(value) {
  return typeof value === 'number' ? value : host.size(String(value));
}

/** Waits. */
export function sleep(duration) {
  const time = millis(duration);
  return new Promise((resolve) => host.setTimer(() => resolve(), time, false));
}

/** Prints a line on the error stream, with the seconds since the script began. */
export function log(...values) {
  host.print(`[${(host.elapsed() / 1000).toFixed(3).padStart(8)}] ${format(...values)}`, true);
}

/** Ends the script at once with a status; its machines are closed. */
export function exit(status = 0) {
  if (!Number.isInteger(status) || status < 0 || status > 255) {
    throw new RangeError(`exit(${status}): a status is a whole number from 0 to 255`);
  }
  host.exit(status);
}
