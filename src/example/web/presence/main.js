import { Tutti } from 'tutti-client';

const tutti = new Tutti('http://localhost:8000/connect');
const name = document.getElementById('name');
const own = { name: name.value };
const room = tutti.room('garden', { state: own });
const cursors = new Map(); // elements by client

function change(fields) {
  room.setState(Object.assign(own, fields)); // sent at most 60 times a second
}

name.addEventListener('input', () => change({ name: name.value }));
addEventListener('pointermove', ({ clientX, clientY }) => change({ x: clientX / innerWidth, y: clientY / innerHeight }));

room.addEventListener('members', () => {
  document.getElementById('people').textContent = `${room.count} here`;
  for (const [client, element] of cursors) {
    if (room.members.has(client)) continue;
    element.remove();
    cursors.delete(client);
  }
  for (const { client, state } of room.members.values()) {
    if (client !== tutti.client && state?.x !== undefined) place(client, state);
  }
});

function place(client, { name, x, y }) {
  const element = cursors.get(client) ?? Object.assign(document.createElement('div'), { className: 'cursor' });
  cursors.set(client, element);
  element.textContent = `↖ ${name}`;
  element.style.left = `${x * 100}%`;
  element.style.top = `${y * 100}%`;
  document.body.append(element);
}
