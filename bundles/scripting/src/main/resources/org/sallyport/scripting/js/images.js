// Module 'sallyport/images': what guests are started from.
import { MachineError } from './errors.js';
import { host, promised } from './host.js';

const images = host.images();

/** Builds a RAM disk for Linux (cpio, compressed); returns the path of its file. */
export function initramfs({ entries }) {
  const plain = Object.create(null);
  for (const [path, entry] of Object.entries(entries)) {
    plain[path] = typeof entry === 'string' ? { text: entry }
      : entry.bytes === undefined ? { ...entry } : { mode: entry.mode, buffer: Uint8Array.from(entry.bytes).buffer };
  }
  return promised((resolve, reject) => images.initramfs(plain, resolve, reject));
}

/** Fetches a file of a Debian package, or finds it in the cache; returns its path. */
export function debianPackage(name, file) {
  return promised((resolve, reject) => images.debianPackage(name, file, resolve, reject));
}

/** A file with this content (text or bytes), for what takes files: a multiboot module, a disk. Returns its path. */
export function dataFile(content) {
  const plain = typeof content === 'string' ? content : Uint8Array.from(content).buffer;
  return promised((resolve, reject) => images.dataFile(plain, resolve, reject));
}

/** The absolute path of a file; with a module's import.meta.url, the name is relative to that module. */
export function hostFile(name, module = undefined) {
  let wanted = name;
  if (module !== undefined && !name.startsWith('/')) {
    const folder = decodeURIComponent(String(module).replace(/^file:\/\//, '')).replace(/[^/]*$/, '');
    wanted = folder + name;
  }
  const path = host.file(wanted);
  if (path === '') {
    throw new MachineError(`there is no file ${wanted}, or it cannot be read`);
  }
  return path;
}
