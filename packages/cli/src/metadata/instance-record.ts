// What is known of an instance and told to nobody but it: one file each, which root alone may read. `vm add` writes it,
// `vm rm` removes it, the metadata program reads it anew for every request.

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface InstanceRecord {
  /** The device_id of its ports. */
  readonly uuid: string;
  readonly name: string;
  readonly project_id: string;
  readonly keys: readonly PublicKey[];
  /** In base64, as it need not be text; null when there is none. */
  readonly user_data: string | null;
  /** In the order of its devices; at least one. */
  readonly ports: readonly InstancePort[];
}

export interface PublicKey {
  readonly name: string;
  /** One line of an authorized_keys file (sshd(8)). */
  readonly key: string;
}

/** A port and the subnets of its addresses, as they were when the instance was made (Networking API). */
export interface InstancePort {
  readonly id: string;
  readonly network_id: string;
  readonly mac_address: string;
  /** Bytes. */
  readonly mtu: number;
  readonly addresses: readonly InstanceAddress[];
}

export interface InstanceAddress {
  readonly ip_address: string;
  readonly cidr: string;
  readonly ip_version: 4 | 6;
  readonly enable_dhcp: boolean;
  readonly ipv6_address_mode: string | null;
  readonly gateway_ip: string | null;
  readonly dns_nameservers: readonly string[];
  readonly host_routes: readonly { readonly destination: string; readonly nexthop: string }[];
}

/** Writes the record into `folder` in one step. */
export async function writeRecord(folder: string, record: InstanceRecord): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = pathOf(folder, record.uuid);
  await writeFile(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** The record of the instance; null when there is none. */
export async function readRecord(folder: string, uuid: string): Promise<InstanceRecord | null> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) return null;
  try {
    // Nobody but `writeRecord` writes there.
    return JSON.parse(await readFile(pathOf(folder, uuid), 'utf8')) as InstanceRecord;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cause;
  }
}

export async function removeRecord(folder: string, uuid: string): Promise<void> {
  await rm(pathOf(folder, uuid), { force: true });
}

function pathOf(folder: string, uuid: string): string {
  return join(folder, `${uuid}.json`);
}
