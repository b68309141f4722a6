// Prints the publications of a room: node listen.mjs garden http://localhost:8000/
import { Tutti } from 'tutti-client';
import WebSocket from 'ws';

const [name = 'garden', server = 'http://localhost:8000/'] = process.argv.slice(2);
const tutti = new Tutti(new URL('connect', server), { WebSocket });
const room = tutti.room(name);
tutti.addEventListener('state', () => console.log(tutti.state, tutti.reason));
room.addEventListener('joined', () => console.log('joined', room.name));
room.addEventListener('message', ({ message }) => console.log(JSON.stringify(message.data)));
