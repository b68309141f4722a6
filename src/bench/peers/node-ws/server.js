// A broadcast hub on Node's "ws", as in its README, with one set of clients for each path.
'use strict';

const { WebSocket, WebSocketServer } = require('ws');

const rooms = new Map();
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) });

server.on('connection', (client, request) => {
  const name = request.url;
  if (!rooms.has(name)) rooms.set(name, new Set());
  const room = rooms.get(name);
  room.add(client);
  client.on('error', () => {});
  client.on('close', () => {
    room.delete(client);
    if (room.size === 0) rooms.delete(name);
  });
  client.on('message', (data, binary) => {
    for (const member of room) {
      if (member.readyState === WebSocket.OPEN) member.send(data, { binary });
    }
  });
});
