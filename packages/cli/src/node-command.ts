// How this machine's Neutronium programs are started under Node.

/**
 * The command that runs the module `file` with `args`. New objects get 4 MiB a half-space instead of Node's 16: the
 * programs of a host take 70 MB less memory for it, and collect garbage more often, a little at a time.
 */
export function nodeCommand(file: string, args: readonly string[] = []): readonly [string, ...string[]] {
  return [process.execPath, '--max-semi-space-size=4', file, ...args];
}
