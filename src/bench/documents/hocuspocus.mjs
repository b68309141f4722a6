// Hocuspocus's server. It keeps documents in memory, or in SQLite if DATABASE names a file.
import { Server } from '@hocuspocus/server';

const extensions = [];
if (process.env.DATABASE) {
  const { SQLite } = await import('@hocuspocus/extension-sqlite');
  extensions.push(new SQLite({ database: process.env.DATABASE }));
}
await new Server({ port: Number(process.env.PORT), address: '127.0.0.1', quiet: true, extensions }).listen();
