import { CommandFailed, type Exec } from './exec.ts';

/**
 * Runs lines of `ip` commands (without the word `ip`; ip(8) -batch) in one process, up to the first that fails. The
 * error names that line. With `netns`, all lines run in that named network namespace.
 */
export async function ipBatch(
  exec: Exec,
  lines: readonly string[],
  { netns, signal }: { readonly netns?: string; readonly signal?: AbortSignal } = {},
): Promise<void> {
  if (lines.length === 0) return;
  const argv = ['ip', ...(netns === undefined ? [] : ['-n', netns]), '-batch', '-'];
  try {
    await exec.run(argv, { stdin: lines.join('\n'), ...(signal && { signal }) });
  } catch (cause) {
    if (!(cause instanceof CommandFailed)) throw cause;
    // iproute2 says `Command failed -:N`, N counting from one.
    const failed = lines[Number(/Command failed -:(\d+)/.exec(cause.stderr)?.[1]) - 1];
    throw failed === undefined
      ? cause
      : new CommandFailed({
          argv: ['ip', ...argv.slice(1, -2), failed],
          exitCode: cause.exitCode,
          stderr: cause.stderr,
          cause,
        });
  }
}
