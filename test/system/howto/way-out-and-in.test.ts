// Does what docs/howto/the-way-out-and-in.md says, command by command, and sees what it shows.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorShell } from '@neutronium/testkit/lab/operator-shell';
import { afterAll, beforeAll, it } from 'vitest';
import { isShown, sectionsOf } from '../../howto/document.ts';

const document = readFileSync(join(import.meta.dirname, '../../../docs/howto/the-way-out-and-in.md'), 'utf8');
const [introduction, ...sections] = sectionsOf(document);

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
  for (const { commands, shows } of steps) {
    // What changes something is done once and must succeed; a look is taken until it shows what it should.
    if (shows === null) {
      await shell.do(commands);
      continue;
    }
    let seen = '';
    const look = async (): Promise<boolean> => {
      seen = (await shell.type(commands)).output;
      return isShown(shows, seen);
    };
    await shell.embedded.until('what the document shows', look).catch((cause: unknown) => {
      throw new Error(`${commands}\nshould show\n${shows}\nbut shows\n${seen}`, { cause });
    });
  }
});
