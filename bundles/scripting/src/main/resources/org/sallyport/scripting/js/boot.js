// Loaded by Java before every script: sets the globals up and hands over the functions that Java calls.
import { host } from './host.js';
import './globals.js';
import * as images from './images.js';
import { inspect } from './inspect.js';
import * as sallyport from './sallyport.js';

export { makeError } from './errors.js';

Graal.setUnhandledPromiseRejectionHandler((reason) => host.unhandled(reason));
delete globalThis.Graal;

/** For a console: everything without imports. */
export function makeGlobal() {
  Object.assign(globalThis, sallyport, images);
}

/** Waits for a value that may be a promise; hands its text over, or null when it is undefined. */
export function settle(value, done, failed) {
  const show = (result) => done(result === undefined ? null : inspect(result));
  if (value instanceof Promise) {
    value.then(show, failed);
  } else {
    show(value);
  }
}

/** The names that begin like the last part of `a.b.c`; properties are read only along plain names. */
export function complete(prefix) {
  const match = /(?:^|[^\w$.])((?:[\w$]+\.)*)([\w$]*)$/.exec(prefix);
  if (match === null) {
    return [];
  }
  const [, path, start] = match;
  let object = globalThis;
  for (const name of path.split('.').slice(0, -1)) {
    object = object === globalThis ? lookUp(name) : object?.[name];
  }
  if (object === undefined || object === null) {
    return [];
  }
  const names = new Set();
  for (let each = Object(object); each !== null && each !== Object.prototype; each = Object.getPrototypeOf(each)) {
    Object.getOwnPropertyNames(each).forEach((name) => names.add(name));
  }
  names.delete('constructor');
  return [...names].filter((name) => name.startsWith(start) && /^[A-Za-z$_][\w$]*$/.test(name)).sort().map((name) => path + name);
}

/** A global by its name, `const` and `let` included. */
function lookUp(name) {
  try {
    return (0, eval)(name);
  } catch {
    return undefined;
  }
}
