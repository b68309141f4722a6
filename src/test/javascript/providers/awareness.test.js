import assert from 'node:assert/strict';
import { test } from 'node:test';
import { yWebsocket } from './editors.js';
import { SETTINGS, command, pause, random, until, withServer } from './server-control.js';

/** Rounds of each sequence, each in its own document; some run in parallel. */
const ROUNDS = Number(process.env.TUTTI_AWARENESS_ROUNDS ?? 5);
const AT_ONCE = 5;
const EDITORS = 8;

const it = (what, run) => test(`awareness: ${what}`, withServer(yWebsocket, SETTINGS, run));

/** Returns the state of another editor as an editor sees it, or undefined. */
const seen = (editor, other) => editor.awareness.getStates().get(other.doc.clientID);

const allSee = (editors, condition) =>
  editors.every(one => editors.every(other => one === other || condition(seen(one, other), other)));

/** Runs a test for each round; returns the failures by round. */
async function rounds(run) {
  const wrong = [];
  for (let first = 0; first < ROUNDS; first += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, ROUNDS - first) }, (_, i) => first + i);
    await Promise.all(some.map(round => run(round).catch(error => wrong.push(`${round}: ${error.message}`))));
  }
  console.log(`${ROUNDS - wrong.length} of ${ROUNDS} right`);
  return wrong;
}

async function within(millis, condition, what) {
  const took = await until(condition, what);
  if (took > millis) throw new Error(`${took} ms until ${what}`);
}

it('all cursors move after random disconnects', async ({ direct }) => {
  const wrong = await rounds(async round => {
    const next = random(round + 1);
    const editors = Array.from({ length: EDITORS }, (_, i) => direct(`e${i}`, `cut-${round}`));
    const silent = direct('', `cut-${round}`); // has no state, so its first awareness message repeats others
    silent.awareness.setLocalState(null);
    const all = [...editors, silent];
    await until(() => allSee(editors, state => state), 'all see each other');
    for (let i = 0; i < 12; i++) {
      all[next(all.length)].terminate();
      await pause(next(150));
    }
    await until(() => all.every(editor => editor.isConnected()), 'all are back');
    editors.forEach(({ awareness }) => awareness.setLocalStateField('cursor', round));
    await within(2_500, () => allSee(editors, state => state?.cursor === round), 'all see all cursors');
    const [leaver, ...rest] = editors;
    leaver.destroy();
    await within(1_000, () => rest.every(editor => !seen(editor, leaver)), 'the closed editor is gone');
    await pause(500);
    assert.ok(allSee(rest, state => state?.cursor === round), 'the others have stayed');
    all.forEach(editor => editor.destroy());
  });
  assert.deepEqual(wrong, []);
});

it('idle editors see each other soon after a restart', async ({ direct }) => {
  const editors = Array.from({ length: EDITORS }, (_, i) => direct(`e${i}`));
  await until(() => allSee(editors, state => state), 'all see each other');
  await command('stop');
  await until(() => editors.every(editor => !editor.isConnected()), 'all are cut off');
  await command('start');
  await until(() => editors.every(editor => editor.isConnected()), 'all are back');
  await within(2_000, () => allSee(editors, state => state), 'all see each other again');
});
