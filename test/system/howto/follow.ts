// An operator who does what a document says and compares what is seen with what it shows.

import type { OperatorShell } from '@neutronium/testkit/lab/operator-shell';
import { isShown, type Step } from '../../howto/document.ts';

/** Types the commands of the steps. What changes something is done once and must succeed; a look is taken until it shows what it should. */
export async function follow(shell: OperatorShell, steps: readonly Step[]): Promise<void> {
  for (const { commands, shows } of steps) {
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
}
