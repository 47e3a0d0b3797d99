// Which processes of some programs run on the machine, and in which network namespace each does. Targets find by it what
// an earlier agent has started, however that was done and whatever became of the pid files.

import type { DaemonProcess } from './processes.ts';

export interface ListedProcess {
  readonly daemon: DaemonProcess;
  /** Pid of the process that made it; 1 for a daemon. */
  readonly parent: number;
  /** The named namespace that it is in; null when that namespace has gone, or its name is now another's. */
  readonly namespace: string | null;
}

/**
 * A script that prints, for `parseProcessList`, every process of these programs and every named network namespace.
 * Starting processes is what takes the time, so it starts one a process that it finds.
 */
export function processListScript(programs: readonly string[]): string {
  return `
stat -L -c '@namespace %i %n' /run/netns/* 2>/dev/null
set --
for path in /proc/[0-9]*; do
  read -r name 2>/dev/null < "$path/comm" || continue
  case "$name" in ${programs.join('|')}) set -- "$@" "$path/ns/net" ;; esac
done
[ $# = 0 ] || stat -L -c '%n %i' "$@" 2>/dev/null | while read -r link inode; do
  path=\${link%/ns/net}
  read -r stat 2>/dev/null < "$path/stat" || continue
  set -- \${stat##*) }
  echo "@process \${path#/proc/} \${20} $inode $1 $2"
  tr '\\0' '\\n' 2>/dev/null < "$path/cmdline"
done
echo '@end'
`;
}

/** The processes that the script has printed. Throws when its output was cut short. */
export function parseProcessList(output: string): readonly ListedProcess[] {
  const lines = output.split('\n');
  if (!lines.includes('@end')) throw new Error('the list of processes was cut short');
  const namespaces = new Map<string, string>();
  const raw: { readonly head: readonly string[]; readonly argv: string[] }[] = [];
  for (const line of lines) {
    const words = line.split(' ');
    if (words[0] === '@namespace') namespaces.set(words[1] ?? '', (words[2] ?? '').slice('/run/netns/'.length));
    else if (words[0] === '@process') raw.push({ head: words, argv: [] });
    else if (words[0] === '@end') break;
    else raw.at(-1)?.argv.push(line);
  }
  return raw.flatMap(({ head: [, pid, startTime = '', inode = '', state, parent], argv }) => {
    // A process that has ended and was not yet waited for serves nobody.
    if (state === 'Z') return [];
    const daemon = { pid: Number(pid), startTime, argv };
    return [{ daemon, parent: Number(parent), namespace: namespaces.get(inode) ?? null }];
  });
}
