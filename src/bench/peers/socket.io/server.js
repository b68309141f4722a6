// A broadcast hub on Socket.IO: everybody, or everybody in the room that the query names.
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
