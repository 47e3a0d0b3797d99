// Does what docs/howto/trunks.md says, command by command, and sees what it shows.

import { join } from 'node:path';
import { OperatorShell } from '@neutronium/testkit/lab/operator-shell';
import { vlanDevicesForShell } from '@neutronium/testkit/lab/vlan-device';
import { afterAll, beforeAll, it } from 'vitest';
import { readDocument } from '../../howto/document.ts';
import { follow } from './follow.ts';

const [, ...sections] = readDocument(join(import.meta.dirname, '../../../docs/howto/trunks.md'));

let shell: OperatorShell;

beforeAll(async () => {
  shell = await OperatorShell.start([]);
  await shell.do(vlanDevicesForShell);
});
afterAll(async () => {
  await shell[Symbol.asyncDispose]();
});

it.each(sections)('$title', async ({ steps }) => {
  await follow(shell, steps);
});
