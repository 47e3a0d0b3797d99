// Loaded before any program of a test run by tools/uncovered.ts: writes down what the program's tests, or the program,
// make use of, each once, as soon as it is seen. A program that is killed has then said all that it had to say.

import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';

const folder = process.env['NEUTRONIUM_WITNESS'];
if (folder !== undefined) {
  const file = join(folder, `${process.pid}-${threadId}`);
  const seen = new Set<string>();
  Reflect.set(globalThis, Symbol.for('neutronium.witness'), (sight: string, name: string): void => {
    const line = `${sight}\t${name}\n`;
    if (seen.has(line)) return;
    seen.add(line);
    appendFileSync(file, line);
  });
}
