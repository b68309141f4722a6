// A broadcast hub on Socket.IO: to all clients, or to the room in the query.
'use strict';

const { Server } = require('socket.io');
const http = require('http');

const server = http.createServer();
const io = new Server(server, { transports: ['websocket'], serveClient: false });

io.on('connection', (socket) => {
  const room = socket.handshake.query.room;
  if (room) socket.join(room);
  const audience = room ? io.to(room) : io;
  socket.on('m', (message) => audience.emit('m', message));
});
server.listen(Number(process.argv[2]), '127.0.0.1');
