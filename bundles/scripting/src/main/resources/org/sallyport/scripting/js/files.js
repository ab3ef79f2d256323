// Files of this host that the script's arguments name: what defineArgs() returns for the types `directory`, `output` and
// `output-directory`. Scripts have no other way to files.
import { host } from './host.js';

const files = host.files();

/** A folder to read from. */
export class Directory {
  #host;

  constructor(host) {
    this.#host = host;
  }

  /** Its absolute path. */
  get path() {
    return this.#host.path();
  }

  /** The names in it, or in a folder below it, in order; those of folders end with a slash. */
  list(folder = '') {
    return JSON.parse(this.#host.list(folder));
  }

  /** Whether there is a file of this name. */
  has(file) {
    return this.#host.has(file);
  }

  /** The absolute path of a file, for Machine.create(). */
  file(file) {
    return this.#host.file(file);
  }

  /** The text of a file. */
  read(file) {
    return this.#host.read(file);
  }

  toString() {
    return this.path;
  }
}

/** A folder to write into. */
export class OutputDirectory {
  #host;

  constructor(host) {
    this.#host = host;
  }

  get path() {
    return this.#host.path();
  }

  /** Writes a file, and makes the folders for it; returns its path. */
  write(file, text) {
    return this.#host.write(file, String(text));
  }

  toString() {
    return this.path;
  }
}

/** A file to write. */
export class OutputFile {
  #host;

  constructor(host) {
    this.#host = host;
  }

  get path() {
    return this.#host.path();
  }

  /** Replaces its content. */
  write(text) {
    this.#host.write(String(text));
  }

  toString() {
    return this.path;
  }
}

const opener = (type, open, complaint) => (name) => {
  const granted = open(name);
  if (granted === null) {
    throw new RangeError(complaint);
  }
  return new type(granted);
};

export const directory = opener(Directory, (name) => files.folder(name), 'there is no such folder, or it cannot be read');
export const outputDirectory =
  opener(OutputDirectory, (name) => files.outputFolder(name), 'this is no folder that can be written into');
export const outputFile = opener(OutputFile, (name) => files.outputFile(name), 'this is no file that can be written');
