// Assertions. One that does not hold ends the script with status 1 unless the script catches it.
import { AssertionError } from './errors.js';
import { inspect } from './inspect.js';

/** Claims that a value is true. */
export function assert(value, message = 'what should be true is not') {
  if (value === false) {
    throw new AssertionError(`assertion failed: ${message}`); // It says nothing that one does not know.
  }
  if (!value) {
    throw failure(message, 'a true value', inspect(value));
  }
}

/** Claims that two values are the same, or built alike of the same values. */
assert.equal = (actual, expected, message = 'the values differ') => {
  if (!same(actual, expected)) {
    throw failure(message, inspect(expected), inspect(actual));
  }
};

/** Claims that two values are not the same. */
assert.notEqual = (actual, unexpected, message = 'the values are the same') => {
  if (same(actual, unexpected)) {
    throw failure(message, `anything but ${inspect(unexpected)}`, inspect(actual));
  }
};

/** Claims that text matches a regular expression or contains a string; returns the match. */
assert.match = (text, pattern, message = 'the text does not match') => {
  const match = typeof text !== 'string' ? null
    : typeof pattern === 'string' ? (text.includes(pattern) ? [pattern] : null) : text.match(pattern);
  if (match === null) {
    throw failure(message, typeof pattern === 'string' ? inspect(pattern) : String(pattern), inspect(text));
  }
  return match;
};

/** Claims that a function throws, or that a promise is rejected, with a message that matches; returns the error. */
assert.throws = (action, pattern = /(?:)/, message = 'nothing was thrown') => {
  let error;
  try {
    action();
  } catch (thrown) {
    error = thrown;
  }
  return checkThrown(error, pattern, message);
};

assert.rejects = async (promise, pattern = /(?:)/, message = 'nothing was rejected') => {
  const thrown = await Promise.resolve(typeof promise === 'function' ? promise() : promise).then(() => undefined, (error) => error);
  return checkThrown(thrown, pattern, message);
};

/** Fails. */
assert.fail = (message = 'the script failed') => {
  throw new AssertionError(message);
};

function checkThrown(error, pattern, message) {
  if (error === undefined) {
    throw failure(message, `an error like ${pattern}`, 'none');
  }
  const text = String(error?.message ?? error);
  if (!(typeof pattern === 'string' ? text.includes(pattern) : pattern.test(text))) {
    throw failure('the error is another one', String(pattern), inspect(text));
  }
  return error;
}

function failure(message, expected, actual) {
  const error = new AssertionError(`assertion failed: ${message}\n  expected: ${expected}\n  actual:   ${actual}`);
  error.expected = expected;
  error.actual = actual;
  return error;
}

function same(a, b) {
  if (Object.is(a, b)) {
    return true;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null
      || Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) {
    return false;
  }
  if (a instanceof Date || a instanceof RegExp) {
    return String(a) === String(b);
  }
  if (a instanceof Map || a instanceof Set) {
    return same([...a], [...b]);
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}
