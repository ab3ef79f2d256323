// Values as text, for console.log, assertions and the console.

const WIDTH = 100;
const DEEPEST = 4;
const LONGEST = 100;

/** A value as a programmer would write it. */
export function inspect(value, depth = 0, seen = []) {
  switch (typeof value) {
    case 'string': return quote(value);
    case 'bigint': return `${value}n`;
    case 'symbol': return value.toString();
    case 'function': {
      const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'function';
      return `[${kind} ${value.name || '(anonymous)'}]`;
    }
    case 'object': return value === null ? 'null' : compound(value, depth, seen);
    default: return Object.is(value, -0) ? '-0' : String(value);
  }
}

const quote = (text) => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

function compound(value, depth, seen) {
  if (seen.includes(value)) {
    return '[circular]';
  }
  if (value instanceof Error) {
    return `${value.name}: ${value.message}`;
  }
  if (value instanceof Date || value instanceof RegExp) {
    return String(value);
  }
  if (value instanceof Promise) {
    return 'Promise';
  }
  const name = Object.getPrototypeOf(value)?.constructor?.name ?? '';
  if (depth >= DEEPEST) {
    return Array.isArray(value) ? '[...]' : `${name === 'Object' ? '' : name}{...}`;
  }
  const inner = (each) => inspect(each, depth + 1, [...seen, value]);
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return list(`${name}(${value.length}) `, '[]', limited(value, (byte) => String(byte)), depth);
  }
  if (Array.isArray(value)) {
    return list('', '[]', limited(value, inner), depth);
  }
  if (value instanceof Map) {
    return list(`Map(${value.size}) `, '{}', limited([...value], ([key, each]) => `${inner(key)} => ${inner(each)}`), depth);
  }
  if (value instanceof Set) {
    return list(`Set(${value.size}) `, '{}', limited([...value], inner), depth);
  }
  if (name !== 'Object' && name !== '' && value.toString !== Object.prototype.toString) {
    return String(value);
  }
  const entries = Object.keys(value).map((key) => `${/^[\w$]+$/.test(key) ? key : quote(key)}: ${inner(value[key])}`);
  return list(name === 'Object' || name === '' ? '' : `${name} `, '{}', entries, depth);
}

function limited(values, each) {
  const shown = Array.from(values.slice(0, LONGEST), each);
  return values.length > LONGEST ? [...shown, `... ${values.length - LONGEST} more`] : shown;
}

function list(prefix, brackets, entries, depth) {
  if (entries.length === 0) {
    return prefix + brackets;
  }
  const pad = brackets === '{}' ? ' ' : '';
  const line = `${prefix}${brackets[0]}${pad}${entries.join(', ')}${pad}${brackets[1]}`;
  if (line.length + 2 * depth <= WIDTH && !line.includes('\n')) {
    return line;
  }
  const indent = '  '.repeat(depth + 1);
  return `${prefix}${brackets[0]}\n${entries.map((entry) => indent + entry).join(',\n')}\n${indent.slice(2)}${brackets[1]}`;
}

/** What console.log prints: text as it is, everything else inspected; %s, %d, %i, %f, %o and %% as elsewhere. */
export function format(...values) {
  let rest = values;
  let start = [];
  if (typeof values[0] === 'string' && /%[sdifoO%]/.test(values[0])) {
    rest = values.slice(1);
    start = [values[0].replace(/%[sdifoO%]/g, (mark) => {
      if (mark === '%%') return '%';
      if (rest.length === 0) return mark;
      const value = rest.shift();
      switch (mark) {
        case '%s': return typeof value === 'string' ? value : inspect(value);
        case '%d': return typeof value === 'bigint' ? String(value) : String(Number(value));
        case '%i': return typeof value === 'bigint' ? String(value) : String(Math.trunc(Number(value)));
        case '%f': return String(Number(value));
        default: return inspect(value);
      }
    })];
  }
  return [...start, ...rest.map((value) => typeof value === 'string' ? value : inspect(value))].join(' ');
}
