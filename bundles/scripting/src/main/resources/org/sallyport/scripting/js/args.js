// The script's name=value arguments.
import { UsageError } from './errors.js';
import { directory, outputDirectory, outputFile } from './files.js';
import { host } from './host.js';
import { bytes, millis } from './time.js';

const given = new Map(JSON.parse(host.arguments()));

/** The arguments as they were given, all of them text. */
export const args = Object.freeze(Object.fromEntries([...given].filter(([name]) => name !== '--help')));

const TYPES = {
  string: { label: 'TEXT', read: (text) => text },
  number: { label: 'NUMBER', read: number },
  boolean: { label: 'on|off', read: flag },
  size: { label: 'SIZE', read: bytes },
  duration: { label: 'DURATION', read: (value) => millis(typeof value === 'number' ? value : String(value)) },
  regexp: { label: 'REGEX', read: (text) => text instanceof RegExp ? text : new RegExp(text, 'm') },
  file: { label: 'FILE', read: file },
  // These give a script access to files, which is for its caller to give: they have no defaults.
  'directory': { label: 'DIR', read: directory, granted: true },
  'output': { label: 'FILE', read: outputFile, granted: true },
  'output-directory': { label: 'DIR', read: outputDirectory, granted: true },
};

const TIMEOUT = { type: 'duration', help: 'ends the script with status 3 when it takes longer' };

/**
 * Says which arguments the script takes; returns their values. What was not given has its default. An argument that the script does not
 * know, or a value that makes no sense, ends it with status 2; `--help` prints the arguments and ends it with status 0.
 */
export function defineArgs(definitions) {
  const known = { ...definitions };
  known.timeout = { ...TIMEOUT, ...definitions.timeout };
  if (given.has('--help')) {
    console.log(usage(known));
    host.exit(0);
  }
  for (const name of given.keys()) {
    if (!Object.hasOwn(known, name)) {
      throw new UsageError(`unknown argument '${name}'; the arguments are\n${table(known)}`);
    }
  }
  const result = {};
  for (const [name, definition] of Object.entries(known)) {
    result[name] = value(name, definition);
  }
  if (result.timeout !== undefined) {
    host.limit(result.timeout);
  }
  return Object.freeze(result);
}

function value(name, definition) {
  const type = typeOf(definition);
  if (type.granted && definition.default !== undefined) {
    throw new TypeError(`defineArgs: ${name} gives access to files, so that only who calls the script can say which: no default`);
  }
  if (!given.has(name)) {
    if (definition.required) {
      throw new UsageError(`the argument ${name}=${label(definition)} is missing: ${definition.help ?? ''}`);
    }
    return definition.default === undefined ? undefined : type.read(definition.default);
  }
  const text = given.get(name);
  if (definition.choices && !definition.choices.includes(text)) {
    throw new UsageError(`${name}=${text}: choose one of ${definition.choices.join(', ')}`);
  }
  try {
    return type.read(text);
  } catch (error) {
    throw new UsageError(`${name}=${text}: ${error.message}`);
  }
}

function typeOf(definition) {
  const name = definition.type ?? (TYPES[typeof definition.default] ? typeof definition.default : 'string');
  if (!TYPES[name]) {
    throw new TypeError(`defineArgs: there is no type '${name}'; the types are ${Object.keys(TYPES).join(', ')}`);
  }
  return TYPES[name];
}

const label = (definition) => definition.label ?? definition.choices?.join('|') ?? typeOf(definition).label;

function usage(known) {
  const header = host.header();
  return `${header === '' ? '' : `${header}\n\n`}Arguments of ${host.scriptName()}:\n${table(known)}`;
}

function table(known) {
  const rows = Object.entries(known).map(([name, definition]) => [`${name}=${label(definition)}`, definition]);
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, { help = '', default: otherwise, required }]) => {
    const note = required ? ' (required)' : otherwise === undefined || otherwise === '' ? '' : ` (default: ${shown(otherwise)})`;
    return `  ${left.padEnd(width)}  ${help}${note}`;
  }).join('\n');
}

const shown = (value) => typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value);

function number(text) {
  const value = typeof text === 'string' && text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) {
    throw new RangeError('this is no number');
  }
  return value;
}

function flag(value) {
  switch (String(value).toLowerCase()) {
    case 'true': case 'on': case 'yes': case '1': return true;
    case 'false': case 'off': case 'no': case '0': return false;
    default: throw new RangeError('write on or off');
  }
}

function file(name) {
  const path = host.file(name);
  if (path === '') {
    throw new RangeError('there is no such file, or it cannot be read');
  }
  return path;
}
