// The far end of a machine's serial port.
import { promised } from './host.js';
import { millis } from './time.js';

/** What a match of a regular expression may reach back into text that was searched before, while more is coming. */
const LOOKBACK = 2048;

export class Serial {
  #host;
  #name;

  /** Machine.serial() makes these. */
  constructor(host, name) {
    this.#host = host;
    this.#name = name;
  }

  get name() {
    return this.#name;
  }

  /** Sends text (in UTF-8) or bytes to the guest; they wait until it takes them. */
  send(data) {
    if (typeof data === 'string') {
      this.#host.send(data);
    } else {
      this.#host.sendBytes(Uint8Array.from(data).buffer);
    }
  }

  /** Sends text and what the Enter key of a terminal sends. */
  sendLine(text = '') {
    this.send(`${text}\r`);
  }

  /**
   * Waits until the guest has sent what matches: a regular expression (`^` and `$` are the ends of a line) or a string, or one of
   * several of these. Searches from behind the previous match on.
   */
  expect(pattern, { timeout = '60s' } = {}) {
    const patterns = Array.isArray(pattern) ? pattern : [pattern];
    const finders = patterns.map(finder);
    const find = (text, from) => {
      let first = null;
      finders.forEach((finder, index) => {
        const hit = finder(text, from);
        if (hit !== null && (first === null || hit.start < first.start)) {
          first = { ...hit, index };
        }
      });
      return first;
    };
    const what = patterns.map((each) => typeof each === 'string' ? JSON.stringify(each) : String(each)).join(' or ');
    const lookback = Math.max(...patterns.map((each) => typeof each === 'string' ? each.length : LOOKBACK));
    const time = millis(timeout);
    return promised((resolve, reject) => this.#host.expect(find, what, lookback, Number.isFinite(time) ? time : -1,
      (hit, before) => resolve({ text: hit.text, groups: hit.groups, index: hit.index, before }), reject));
  }

  /** Calls a function with each piece of text that comes from now on; returns a function that ends it. */
  onData(listener) {
    const number = this.#host.addListener((text) => { listener(text); });
    return () => this.#host.removeListener(number);
  }

  /** Everything that the guest has sent. */
  transcript() {
    return this.#host.transcript();
  }

  /** The lines that come from here on, without their ends, until the machine stops. */
  async *lines() {
    const reader = this.#host.openLines();
    for (;;) {
      const line = await new Promise((resolve) => this.#host.line(reader, resolve));
      if (line === null) {
        return;
      }
      yield line;
    }
  }

  /** Shows what the guest sends on the script's output, from now on, or no longer. */
  echo(on = true) {
    this.#host.echo(Boolean(on));
  }

  toString() {
    return `Serial ${this.#name}`;
  }
}

/** A function that finds a pattern's first match in a text from an index on: {start, end, text, groups} or null. */
function finder(pattern) {
  if (typeof pattern === 'string') {
    return (text, from) => {
      const start = text.indexOf(pattern, from);
      return start < 0 ? null : { start, end: start + pattern.length, text: pattern, groups: [] };
    };
  }
  if (!(pattern instanceof RegExp)) {
    throw new TypeError('expect() needs a string or a regular expression');
  }
  const expression = new RegExp(pattern.source, [...new Set(`${pattern.flags.replace('y', '')}gm`)].join(''));
  return (text, from) => {
    expression.lastIndex = from;
    const match = expression.exec(text);
    return match === null ? null : { start: match.index, end: match.index + match[0].length, text: match[0], groups: match.slice(1) };
  };
}
