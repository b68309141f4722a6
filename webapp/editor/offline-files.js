import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/* Fills the list of the files that the pages need without a network into sw.js, and their version. */

const SOURCES = '..';
const FOLDERS = ['', 'icons/', 'editor/'];
const KEPT = /\.(html|css|js|svg|png|webmanifest)$/;
/** Pages that are useless without the server, and the worker itself. */
const NOT_KEPT = /^(admin|broadcast|line-chart|signed-in|sw\.)|^editor\/licenses/;

const digest = (algorithm, bytes, encoding) => createHash(algorithm).update(bytes).digest(encoding);

/** Returns {path: integrity} of the pages in a directory, which come before those in the sources. */
function filesOf(directory) {
  const files = {};
  for (const root of [SOURCES, directory]) {
    for (const folder of FOLDERS.filter(each => root !== SOURCES || each !== 'editor/')) {
      if (!existsSync(join(root, folder))) continue;
      for (const name of readdirSync(join(root, folder))) {
        const path = folder + name;
        if (KEPT.test(path) && !NOT_KEPT.test(path)) files[path] = `sha256-${digest('sha256', readFileSync(join(root, path)), 'base64')}`;
      }
    }
  }
  return Object.fromEntries(Object.entries(files).sort());
}

/** Replaces exactly one constant. */
function fillIn(text, constant, value) {
  const parts = text.split(`const ${constant};`);
  if (parts.length !== 2) throw new Error(`sw.js has not one "const ${constant};"`);
  return parts.join(`const ${constant.split(' = ')[0]} = ${JSON.stringify(value)};`);
}

/** A plugin of Vite that writes sw.js into the directory of the build. */
export const offlineFiles = {
  name: 'offline-files',
  writeBundle({ dir }) {
    const worker = fillIn(readFileSync(join(SOURCES, 'sw.js'), 'utf8'), 'FILES = {}', filesOf(dir));
    writeFileSync(join(dir, 'sw.js'), fillIn(worker, "VERSION = ''", digest('sha256', worker, 'hex').slice(0, 16)));
  },
};
