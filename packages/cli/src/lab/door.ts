// A way into a lab host for a test outside it: a UNIX socket, whose path is the same on both sides, that leads to a TCP
// port of the host's loopback. Also run as a program inside the host: `node door.ts SOCKET PORT`.

import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LabHost } from './host.ts';

/** Opens a door to `port` and gives the path of its socket. It closes with the host. */
export async function openDoor(host: LabHost, port: number): Promise<string> {
  const path = join(host.dir, `door-${port}.sock`);
  const program = host.spawn([process.execPath, fileURLToPath(import.meta.url), path, String(port)]);
  await new Promise<void>((resolve, reject) => {
    // The socket is there a moment before anybody can connect to it; the program says when that is.
    program.stdout?.once('data', () => resolve());
    program.once('exit', () => reject(new Error(`the door to port ${port} did not open`)));
  });
  return path;
}

if (import.meta.main) {
  const [path = '', port = ''] = process.argv.slice(2);
  createServer((inside) => {
    const outside = connect(Number(port), '127.0.0.1');
    inside.pipe(outside).pipe(inside);
    // Either end closing ends the other; the client sees a closed connection, as it would without a door.
    inside.on('error', () => outside.destroy());
    outside.on('error', () => inside.destroy());
  }).listen(path, () => console.log('open'));
}
