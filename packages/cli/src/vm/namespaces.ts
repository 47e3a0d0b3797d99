// The network namespaces on this machine that are ours: of the instances that `vm add` made, and of the agent.

import { ownershipAlias } from '@neutronium/agent/targets/namespaces/read-namespaces';
import { run } from '../command.ts';
import { parseMark, parsePortMark } from './mark.ts';
import type { InstanceMark } from './mark.ts';

export type OwnedNamespace =
  | { readonly owner: 'vm'; readonly namespace: string; readonly name: string; readonly mark: InstanceMark }
  | { readonly owner: 'agent'; readonly namespace: string };

/** Every namespace that carries one of our marks, in order of name. */
export async function listOwnedNamespaces(): Promise<readonly OwnedNamespace[]> {
  const names = (await run('ip', ['netns', 'list'])).split('\n').map((line) => line.split(' ')[0] ?? '');
  const owned: OwnedNamespace[] = [];
  for (const namespace of names.filter((name) => name !== '').toSorted()) {
    const aliases = await aliasesIn(namespace);
    const alias = aliases.get('lo') ?? '';
    const uuid = parseMark(alias);
    if (alias === ownershipAlias) owned.push({ owner: 'agent', namespace });
    if (uuid === null) continue;
    const ports = [...aliases.values()].flatMap((each) => parsePortMark(each) ?? []);
    owned.push({ owner: 'vm', namespace, name: namespace.replace(/^vm-/, ''), mark: { uuid, ports } });
  }
  return owned;
}

/** The instance of that name. Throws when there is none. */
export async function findInstance(name: string): Promise<Extract<OwnedNamespace, { owner: 'vm' }>> {
  for (const owned of await listOwnedNamespaces()) if (owned.owner === 'vm' && owned.name === name) return owned;
  throw new Error(`there is no instance ${name} on this machine; \`neutronium vm list\` shows those that there are`);
}

/** The aliases of the devices there, by their names, in the order in which they were made. */
async function aliasesIn(namespace: string): Promise<ReadonlyMap<string, string>> {
  // The namespace may go while we look.
  const links: readonly unknown[] = JSON.parse(
    await run('ip', ['-n', namespace, '-j', 'link', 'show']).catch(() => '[]'),
  );
  return new Map(
    links.flatMap((link) => {
      if (typeof link !== 'object' || link === null) return [];
      const [name, alias]: readonly unknown[] = [Reflect.get(link, 'ifname'), Reflect.get(link, 'ifalias')];
      return typeof name === 'string' && typeof alias === 'string' ? [[name, alias] as const] : [];
    }),
  );
}
