// The namespace that stands for an instance: one end of a veth pair inside as eth0, the other to be plugged.

import { rm } from 'node:fs/promises';
import { run } from '../command.ts';
import { renderMark } from './mark.ts';
import type { InstanceMark } from './mark.ts';

export interface InstanceDevice {
  readonly namespace: string;
  readonly mark: InstanceMark;
  /** The end in the machine's own namespace. */
  readonly device: string;
  readonly mac: string;
  readonly mtu: number;
}

/** Makes the namespace and the pair. */
export async function makeInstance({ namespace, mark, device, mac, mtu }: InstanceDevice): Promise<void> {
  await run('ip', ['netns', 'add', namespace]);
  await run('ip', ['-n', namespace, 'link', 'set', 'dev', 'lo', 'alias', renderMark(mark), 'up']);
  await run('ip', ['link', 'add', device, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace, 'address', mac]);
  // The userspace datapath forwards frames as they are, and nobody would fill in a checksum that was left to hardware.
  await run('ip', ['netns', 'exec', namespace, 'ethtool', '-K', 'eth0', 'tx', 'off']);
  await run('ip', ['link', 'set', 'dev', device, 'mtu', String(mtu), 'up']);
  await run('ip', ['-n', namespace, 'link', 'set', 'dev', 'eth0', 'mtu', String(mtu), 'up']);
}

/** Removes the namespace with all that is in it, and what is laid over /etc for it. Nothing there is no error. */
export async function removeInstance({
  namespace,
  device,
}: Pick<InstanceDevice, 'namespace' | 'device'>): Promise<void> {
  // By name first: a namespace takes its devices away some time after it has gone itself.
  await run('ip', ['link', 'delete', 'dev', device]).catch(ignoreMissing);
  await run('ip', ['netns', 'delete', namespace]).catch(ignoreMissing);
  await rm(etcFolder(namespace), { recursive: true, force: true });
}

/** What `ip netns exec` lays over /etc (ip-netns(8)). */
export function etcFolder(namespace: string): string {
  return `/etc/netns/${namespace}`;
}

/** For the removal of what may not be there. */
export function ignoreMissing(error: unknown): void {
  const missing = /Cannot find device|No such file or directory/;
  if (!(error instanceof Error && missing.test(error.message))) throw error;
}
