import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const COMPILER = fileURLToPath(new URL('bin/tsc', import.meta.resolve('typescript/package.json')));

/** Compiles a project of `types`, and expects no error. */
const compiles = (title, project) => test(title, () => {
  const { stdout, status } = spawnSync(process.execPath, [COMPILER, '--project', fileURLToPath(new URL(`types/${project}.json`, import.meta.url))]);
  assert.equal(String(stdout), '');
  assert.equal(status, 0);
});

compiles('types need no DOM library', 'plain');
compiles('types agree with those of Node.js', 'node');
compiles('types of connections, hooks and documents agree with the DOM library', 'dom');
