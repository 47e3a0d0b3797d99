// Debian's openstack client on a lab machine, loaded once (openstack-client.py).

import { join } from 'node:path';
import type { LabHost } from '@neutronium/cli/lab/host';
import { writeProgram } from './shell.ts';

const client = join(import.meta.dirname, 'openstack-client.py');

/** Puts a program `openstack` into `folder`, and returns once it answers. It ends with the machine. */
export async function warmOpenstackClient(host: LabHost, folder: string): Promise<void> {
  const socket = join(host.dir, 'openstack.sock');
  await writeProgram(join(folder, 'openstack'), `exec /usr/bin/python3 -IS ${client} call ${socket} "$@"`);
  const warm = host.spawn(['/usr/bin/python3', client, 'serve', socket]);
  await new Promise<void>((resolve, reject) => {
    warm.stdout?.once('data', () => resolve());
    warm.once('exit', () => reject(new Error('the openstack client did not start')));
  });
}
