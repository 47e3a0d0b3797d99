// Finding the dnsmasq processes that are ours, however they were started and whatever became of their pid files: their
// command lines name a pid file in our state folder, which nobody else has a reason to do.

import type { DhcpProcess } from './state.ts';

export interface FoundProcess extends DhcpProcess {
  readonly networkId: string;
}

/** A script that prints, for `parseProcesses`, every dnsmasq of the machine and every named network namespace. */
export const readProcessesScript = `
stat -L -c '@namespace %i %n' /run/netns/* 2>/dev/null
for path in /proc/[0-9]*; do
  read -r name 2>/dev/null < "$path/comm" || continue
  [ "$name" = dnsmasq ] || continue
  stat=$(cat "$path/stat" 2>/dev/null) || continue
  set -- \${stat##*) }
  inode=$(stat -L -c %i "$path/ns/net" 2>/dev/null) || continue
  echo "@process \${path#/proc/} \${20} $inode $1"
  tr '\\0' '\\n' < "$path/cmdline" 2>/dev/null
done
echo '@end'
`;

/** The processes that serve from a folder below `folder`, which is the state folder's `dhcp`. */
export function parseProcesses(output: string, folder: string): readonly FoundProcess[] {
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
  return raw.flatMap(({ head: [, pid, startTime = '', inode = '', state], argv }) => {
    const mark = argv.find((arg) => arg.startsWith(`--pid-file=${folder}/`));
    const networkId = mark?.slice(`--pid-file=${folder}/`.length).split('/')[0];
    // A process that has ended and was not yet waited for serves nobody.
    if (networkId === undefined || state === 'Z') return [];
    return [{ networkId, daemon: { pid: Number(pid), startTime, argv }, namespace: namespaces.get(inode) ?? null }];
  });
}
