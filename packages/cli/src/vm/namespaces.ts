// The network namespaces on this machine that are ours: of the instances that `vm add` made, and of the agent.

import { ownershipAlias } from '@neutronium/agent/targets/namespaces/read-namespaces';
import { run } from '../command.ts';
import { parseMark } from './mark.ts';
import type { InstanceMark } from './mark.ts';

export type OwnedNamespace =
  | { readonly owner: 'vm'; readonly namespace: string; readonly name: string; readonly mark: InstanceMark }
  | { readonly owner: 'agent'; readonly namespace: string };

/** Every namespace that carries one of our marks, in order of name. */
export async function listOwnedNamespaces(): Promise<readonly OwnedNamespace[]> {
  const names = (await run('ip', ['netns', 'list'])).split('\n').map((line) => line.split(' ')[0] ?? '');
  const owned: OwnedNamespace[] = [];
  for (const namespace of names.filter((name) => name !== '').toSorted()) {
    const alias = await loopbackAlias(namespace);
    const mark = parseMark(alias);
    if (alias === ownershipAlias) owned.push({ owner: 'agent', namespace });
    else if (mark !== null) owned.push({ owner: 'vm', namespace, name: namespace.replace(/^vm-/, ''), mark });
  }
  return owned;
}

/** The instance of that name. Throws when there is none. */
export async function findInstance(name: string): Promise<Extract<OwnedNamespace, { owner: 'vm' }>> {
  for (const owned of await listOwnedNamespaces()) if (owned.owner === 'vm' && owned.name === name) return owned;
  throw new Error(`there is no instance ${name} on this machine; \`neutronium vm list\` shows those that there are`);
}

async function loopbackAlias(namespace: string): Promise<string> {
  // The namespace may go while we look.
  const text = await run('ip', ['-n', namespace, '-j', 'link', 'show', 'dev', 'lo']).catch(() => '[]');
  const [link]: readonly unknown[] = JSON.parse(text);
  const alias = typeof link === 'object' && link !== null ? Reflect.get(link, 'ifalias') : undefined;
  return typeof alias === 'string' ? alias : '';
}
