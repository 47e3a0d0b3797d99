// Does what docs/howto/the-way-out-and-in.md says, command by command, and sees what it shows.

import { join } from 'node:path';
import { OperatorShell } from '@neutronium/testkit/lab/operator-shell';
import { afterAll, beforeAll, it } from 'vitest';
import { readDocument } from '../../howto/document.ts';
import { follow } from './follow.ts';

const [introduction, ...sections] = readDocument(
  join(import.meta.dirname, '../../../docs/howto/the-way-out-and-in.md'),
);

let shell: OperatorShell;

beforeAll(async () => {
  const start = introduction?.steps[0]?.commands ?? '';
  const options = /^sudo script\/up (?<options>.*)$/m.exec(start)?.groups?.['options'] ?? '';
  shell = await OperatorShell.start(options.split(' '));
});
afterAll(async () => {
  await shell[Symbol.asyncDispose]();
});

it.each(sections)('$title', async ({ steps }) => {
  await follow(shell, steps);
});
