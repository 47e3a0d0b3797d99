// The namespace that stands for an instance: one end of a veth pair inside for each port, as eth0, eth1 and so on, the
// other to be plugged.

import { rm } from 'node:fs/promises';
import { run } from '../command.ts';
import { renderMark, renderPortMark } from './mark.ts';
import type { PortMark } from './mark.ts';

export interface InstanceDevice {
  readonly namespace: string;
  readonly mark: PortMark;
  /** Inside, as `nicName` gives it. */
  readonly inside: string;
  /** The end in the machine's own namespace. */
  readonly outside: string;
  readonly mac: string;
  readonly mtu: number;
}

/** The name of a device inside the instance; the first is 0. */
export function nicName(index: number): string {
  return `eth${index}`;
}

/** Makes the namespace, without devices. */
export async function makeInstance({ namespace, uuid }: { namespace: string; uuid: string }): Promise<void> {
  await run('ip', ['netns', 'add', namespace]);
  await run('ip', ['-n', namespace, 'link', 'set', 'dev', 'lo', 'alias', renderMark(uuid), 'up']);
}

/** Makes the pair of a port. */
export async function makeDevice({ namespace, mark, inside, outside, mac, mtu }: InstanceDevice): Promise<void> {
  const peer = ['peer', 'name', inside, 'netns', namespace, 'address', mac];
  await run('ip', ['link', 'add', outside, 'type', 'veth', ...peer]);
  // The userspace datapath forwards frames as they are, and nobody would fill in a checksum that was left to hardware.
  await run('ip', ['netns', 'exec', namespace, 'ethtool', '-K', inside, 'tx', 'off']);
  await run('ip', ['link', 'set', 'dev', outside, 'mtu', String(mtu), 'up']);
  const alias = ['alias', renderPortMark(mark)];
  await run('ip', ['-n', namespace, 'link', 'set', 'dev', inside, ...alias, 'mtu', String(mtu), 'up']);
}

/** Removes the device of a port from the machine, and with it the one inside. Nothing there is no error. */
export async function removeDevice(outside: string): Promise<void> {
  await run('ip', ['link', 'delete', 'dev', outside]).catch(ignoreMissing);
}

/**
 * Removes the namespace with all that is in it, and what is laid over /etc for it. Nothing there is no error. A namespace
 * takes its devices away some time after it has gone itself, so those go before.
 */
export async function removeInstance(namespace: string): Promise<void> {
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
