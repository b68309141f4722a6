import { Tutti } from './tutti.js';

/* Changes go to the server by REST. They come back, with those of the others, as messages of the team's room. */

const account = await rest('GET', 'account');
const team = new URLSearchParams(location.search).get('team') ?? account.teams[0];

/** By id; of two versions the newer one. */
const tasks = new Map();

const tutti = new Tutti('connect'); // the browser adds the cookie of the session
const room = tutti.room(`${team}-tasks`);

// The state by REST, then the changes by messages: both after each connection from which messages may be missing.
room.addEventListener('joined', async ({ first, recovered }) => {
  if (first || !recovered) {
    tasks.clear(); // messages that arrive meanwhile are newer than the answer, or the same
    (await rest('GET', `teams/${team}/tasks`)).forEach(keep);
    showTasks();
  }
});
room.addEventListener('message', ({ message }) => {
  keep(message.data);
  showTasks();
});
room.addEventListener('members', showPeople);
room.addEventListener('error', ({ error }) => showProblem(error.message));
tutti.addEventListener('state', () => showProblem(tutti.reason));

function keep(task) {
  if (!(tasks.get(task.id)?.version >= task.version)) tasks.set(task.id, task);
}

/** Sends a request, and returns the answer. Without a session the server answers with the sign-in page: goes there. */
async function rest(method, path, body) {
  const response = await fetch(`rest/${path}`, {
    method,
    headers: { 'Accept': 'application/json', 'Content-Type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`The server refused this (${response.status}).`);
  if (response.status === 204) return undefined;
  if (response.headers.get('Content-Type')?.startsWith('application/json')) return response.json();
  location.reload();
  return new Promise(() => {});
}

/** Sends a change; says so if it was not done. */
async function change(method, path, body) {
  try {
    await rest(method, path, body);
    showProblem('');
  } catch (error) {
    showProblem(error.message);
    showTasks();
  }
}

// ---- What the page shows ----

const element = id => document.getElementById(id);
const make = (name, properties, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};

function showProblem(text) {
  element('problem').textContent = text;
  element('problem').hidden = !text;
}

function showTasks() {
  element('tasks').replaceChildren(...[...tasks.values()].sort((a, b) => a.id - b.id).map(({ id, title, done }) => {
    const box = make('input', { type: 'checkbox', checked: done });
    box.onchange = () => change('PUT', `teams/${team}/tasks/${id}`, { title, done: box.checked });
    return make('li', {}, make('label', {}, box, title));
  }));
}

/** Shows all members: first those who are here, by the room; then the others, with the time that the server's observer has noted. */
async function showPeople() {
  const members = await rest('GET', `teams/${team}/members`);
  const here = new Set([...room.members.values()].map(({ user }) => user));
  const line = ({ user, lastSeen }) => make(
    'li', { className: here.has(user) ? 'here' : '' }, user,
    here.has(user) || !lastSeen ? '' : make('small', {}, `seen ${new Date(lastSeen).toLocaleTimeString()}`),
  );
  element('people').replaceChildren(...members.sort((a, b) => here.has(b.user) - here.has(a.user)).map(line));
}

element('teams').append(...account.teams.map(name => {
  const link = make('a', { href: `?team=${name}` }, name);
  if (name === team) link.setAttribute('aria-current', 'page');
  return link;
}));
element('user').textContent = account.name;
element('note').href = `document.html#${team}-note`; // Tutti's editor
element('new-task').onsubmit = async event => {
  event.preventDefault();
  const { title } = event.target.elements;
  await change('POST', `teams/${team}/tasks`, { title: title.value, done: false });
  title.value = '';
};
element('sign-out').onclick = async () => {
  await rest('DELETE', 'account');
  location.reload();
};
