// The globals that the language leaves to its host: console and timers.
import { host } from './host.js';
import { format } from './inspect.js';
import { millis } from './time.js';

const print = (error) => (...values) => { host.print(format(...values), error); };

const timers = new Map();

globalThis.console = {
  log: print(false),
  info: print(false),
  debug: print(false),
  warn: print(true),
  error: print(true),
  assert(condition, ...values) {
    if (!condition) print(true)('Assertion failed:', ...values);
  },
  time(label = 'default') {
    timers.set(label, host.elapsed());
  },
  timeEnd(label = 'default') {
    print(false)(`${label}: ${(host.elapsed() - (timers.get(label) ?? host.elapsed())).toFixed(1)} ms`);
    timers.delete(label);
  },
};

const timer = (again) => (action, delay = 0, ...values) => {
  if (typeof action !== 'function') throw new TypeError('a timer needs a function');
  return host.setTimer(() => { action(...values); }, millis(delay), again);
};
const clear = (id) => { if (typeof id === 'number') host.clearTimer(id); };

Object.assign(globalThis, {
  setTimeout: timer(false),
  setInterval: timer(true),
  clearTimeout: clear,
  clearInterval: clear,
  queueMicrotask: (action) => { Promise.resolve().then(action); },
});
