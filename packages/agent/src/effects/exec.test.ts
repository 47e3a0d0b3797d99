import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { CommandFailed, ShellExec } from './exec.ts';

const exec = new ShellExec({ shells: 2 });
afterAll(() => exec.close());

describe('commands through a shell', () => {
  it('gives both outputs and the exit code', async () => {
    const output = await exec.run(['sh', '-c', 'printf out; printf err >&2; exit 3'], { answers: [3] });
    expect(output).toEqual({ exitCode: 3, stdout: 'out', stderr: 'err' });
  });

  it('says which command failed, how, and what it complained about', async () => {
    const failure = exec.run(['sh', '-c', 'echo no such thing >&2; exit 2']);
    await expect(failure).rejects.toThrow(
      new CommandFailed({
        argv: ['sh', '-c', 'echo no such thing >&2; exit 2'],
        exitCode: 2,
        stderr: 'no such thing\n',
      }),
    );
  });

  it('passes any words on as they are', async () => {
    const word = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1 }), async (words) => {
        const { stdout } = await exec.run(['printf', '%s\\n', ...words]);
        expect(stdout).toBe(words.map((text) => `${text}\n`).join(''));
      }),
      { numRuns: 50 },
    );
  });

  it('passes lines on to the command and sets its environment', async () => {
    const { stdout } = await exec.run(['sh', '-c', 'cat; echo "$GREETING"'], {
      stdin: 'one\n$HOME `two`',
      env: { GREETING: "it's" },
    });
    expect(stdout).toBe("one\n$HOME `two`\nit's\n");
  });

  it('gives large outputs whole', async () => {
    const { stdout } = await exec.run(['seq', '200000']);
    expect(stdout.length).toBe(1_288_895);
  });

  it('kills a command that does not end in time, and runs the next', async () => {
    await expect(exec.run(['sleep', '1000'], { timeoutMs: 20 })).rejects.toThrow('did not end');
    expect((await exec.run(['echo', 'next'])).stdout).toBe('next\n');
  });

  it('kills a command whose caller gave up', async () => {
    const caller = new AbortController();
    const sleeping = exec.run(['sleep', '1000'], { signal: caller.signal });
    caller.abort();
    await expect(sleeping).rejects.toThrow();
  });

  it('runs many at once without mixing them up', async () => {
    const outputs = await Promise.all(Array.from({ length: 40 }, (_, i) => exec.run(['echo', String(i)])));
    expect(outputs.map(({ stdout }) => stdout)).toEqual(Array.from({ length: 40 }, (_, i) => `${i}\n`));
  });
});
