// Compiled without the DOM library, without Node's types, and with each of them.
import { Tutti, TuttiError, type Message, type Position } from 'tutti-client';

interface Line { text: string }

const tutti = new Tutti('ws://localhost:8000/connect', { WebSocket: class {}, token: async () => 'token' });
const room = tutti.room<Line, { name: string }>('garden', { state: { name: 'Ada' } });
const show = ({ text }: Line): string => text;

tutti.addEventListener('state', event => show({ text: event.type + tutti.reason }));
tutti.addEventListener('subscribed', ({ room: { name } }) => name.length);
room.addEventListener('message', ({ message }: { message: Message<Line> }) => show(message.data), { once: true });
room.addEventListener('members', () => [...room.members.values()].map(({ state }) => state?.name));
room.addEventListener('error', ({ error }) => error instanceof TuttiError && error.code);
room.removeEventListener('custom', { handleEvent: () => {} });

const position: Promise<Position> = room.publish({ text: 'hello' }, { key: '1' });
position.then(({ offset }) => offset + 1);

// @ts-expect-error the data of this room are lines
room.publish('hello');
// @ts-expect-error there is no such method
tutti.disconnect();
