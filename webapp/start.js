import { showAccount, tokenSource, whoAmI } from './account.js';
import { offerCopies } from './copy.js';
import { $ } from './dom.js';
import { documents } from './pages.js';
import { Tutti } from './tutti.js';
import { colorOf, newRoom, roomOf, secret } from './visitor.js';

for (const id of ['documents', 'guide']) $(id).hidden = !documents; // one build makes both

// ---- Open a room ---------------------------------------------------------------------------------------------

const input = $('room');
input.value = newRoom();
$('another').onclick = () => {
  input.value = newRoom();
  input.select();
};
$('enter').onsubmit = event => {
  event.preventDefault();
  const name = roomOf(input.value);
  if (name) location.href = `room.html#${name}`;
  else {
    $('room-hint').textContent = 'A name has up to 100 letters and digits of any language and . _ ~ @ - and does not start with a dot.';
    $('room-hint').className = 'wrong';
    input.setAttribute('aria-invalid', 'true');
    input.focus();
  }
};

// ---- The staff: notes of all visitors, in the room's order -----------------------------------------------------

const NOTES = ['C', 'D', 'E', 'F', 'G', 'A', 'B', 'C'];
const HERTZ = [261.63, 293.66, 329.63, 349.23, 392, 440, 493.88, 523.25];
const SHOWN = 20;
const SVG = 'http://www.w3.org/2000/svg';
const STATES = { connecting: 'Connecting', waiting: 'Reconnecting', offline: 'Offline', closed: 'Connection closed' };

const tutti = new Tutti('connect', { guest: secret, token: tokenSource() });
const room = tutti.room('~start');
/** {pitch, user}, oldest first. */
let played = [];
let asked = 0;

function showState() {
  $('state').dataset.state = tutti.state;
  const others = room.count - 1;
  const text = STATES[tutti.state] ?? (others < 1 ? 'You are the first' : others === 1 ? '1 other here' : `${others} others here`);
  if ($('state-label').textContent !== text) $('state-label').textContent = text;
}

const svg = (name, attributes) => {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

function draw() {
  $('played').replaceChildren(...played.map(({ pitch, user }, i) => {
    const [x, y] = [32 + i * 26.5, 135 - pitch * 10];
    const note = svg('g', {});
    note.style.setProperty('--player', colorOf(user));
    if (pitch === 0) note.append(svg('path', { class: 'ledger', d: `M${x - 15} 145h30` }));
    const [cx, cy] = [x, y + 10];
    note.append(svg('ellipse', { cx, cy, rx: 10.5, ry: 8, transform: `rotate(-18 ${cx} ${cy})` }));
    note.append(pitch < 6
      ? svg('line', { x1: cx + 9.5, y1: cy - 3, x2: cx + 9.5, y2: cy - 52 })
      : svg('line', { x1: cx - 9.5, y1: cy + 3, x2: cx - 9.5, y2: cy + 52 }));
    return note;
  }));
  $('staff').setAttribute('aria-label', played.length ? `The last notes: ${played.map(({ pitch }) => NOTES[pitch]).join(' ')}` : 'No notes yet');
}

function add(messages) {
  for (const { data, from } of messages) {
    if (Number.isInteger(data?.pitch) && data.pitch >= 0 && data.pitch < NOTES.length) played.push({ pitch: data.pitch, user: from?.user });
  }
  played = played.slice(-SHOWN);
  draw();
}

room.addEventListener('joined', async ({ recovered }) => {
  if (recovered) return;
  const { epoch, offset } = room.position;
  const meanwhile = played = [];
  try {
    const { messages } = await room.history({ before: { epoch, offset: offset + 1 }, limit: SHOWN });
    const after = played === meanwhile ? [] : played;
    played = [];
    add(messages);
    played = [...played, ...after].slice(-SHOWN);
    draw();
  } catch { /* The state below the title shows that the room is not available. */ }
});
room.addEventListener('message', ({ message }) => {
  add([message]);
  if (message.from?.client === tutti.client && asked) {
    $('back').textContent = `Your note went to the server and was back in ${Math.max(1, Math.round(performance.now() - asked))} ms.`;
    asked = 0;
  }
  sound(message.data?.pitch);
});
room.addEventListener('members', showState);
tutti.addEventListener('state', showState);

function play(pitch) {
  asked = performance.now();
  room.publish({ pitch });
  if (tutti.state !== 'open') $('back').textContent = 'Your note is sent as soon as you are connected.';
}

[...$('keys').children].forEach((key, pitch) => { key.onclick = () => play(pitch); });

// ---- Sound, off by default -------------------------------------------------------------------------------------

let audio;

$('sound').onclick = () => {
  const on = $('sound').getAttribute('aria-checked') !== 'true';
  $('sound').setAttribute('aria-checked', on);
  if (on) audio = new AudioContext();
  else audio.close();
};

function sound(pitch) {
  if (audio?.state !== 'running' || HERTZ[pitch] === undefined) return;
  const [tone, volume, now] = [audio.createOscillator(), audio.createGain(), audio.currentTime];
  tone.type = 'triangle';
  tone.frequency.value = HERTZ[pitch];
  volume.gain.setValueAtTime(.25, now);
  volume.gain.exponentialRampToValueAtTime(.001, now + .8);
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(now + .8);
}

// ---- For developers ------------------------------------------------------------------------------------------

const base = new URL('./', document.baseURI);
for (const element of document.querySelectorAll('.http')) element.textContent = base;
for (const element of document.querySelectorAll('.ws')) element.textContent = String(base).replace('http', 'ws');

offerCopies();
showAccount(await whoAmI());
