// Does what docs/howto/from-node-to-node.md says, command by command, and sees what it shows.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTopology } from '@neutronium/cli/lab/topology';
import { LabShell } from '@neutronium/testkit/lab/lab-shell';
import { afterAll, beforeAll, it } from 'vitest';
import { isShown, sectionsOf } from '../../howto/document.ts';

const document = readFileSync(join(import.meta.dirname, '../../../docs/howto/from-node-to-node.md'), 'utf8');
const [, ...sections] = sectionsOf(document);

let shell: LabShell;

beforeAll(async () => {
  const topology = parseTopology(/^```yaml\n(?<file>[\s\S]*?)^```/m.exec(document)?.groups?.['file'] ?? '');
  if (!topology.ok) throw new Error(topology.reason);
  shell = await LabShell.start(topology.value);
});
afterAll(async () => {
  await shell?.[Symbol.asyncDispose]();
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
    await shell.lab.until('what the document shows', look, 30_000).catch((cause: unknown) => {
      throw new Error(`${commands}\nshould show\n${shows}\nbut shows\n${seen}`, { cause });
    });
  }
});
