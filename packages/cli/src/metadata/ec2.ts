// Metadata in the form of Amazon's EC2, which cloud-init, cirros and many scripts ask for (EC2: instance metadata
// categories).

import type { InstanceRecord } from './instance-record.ts';
import { branch, bytesLeaf, textLeaf } from './tree.ts';
import type { Branch, Tree } from './tree.ts';

/** The versions that Nova lists. All have the same content here. */
export const ec2Versions = [
  '1.0',
  '2007-01-19',
  '2007-03-01',
  '2007-08-29',
  '2007-10-10',
  '2007-12-15',
  '2008-02-01',
  '2008-09-01',
  '2009-04-04',
  'latest',
] as const;

/** What is below each version. */
export function ec2Tree(record: InstanceRecord): Branch {
  const userData: readonly [string, Tree][] =
    record.user_data === null ? [] : [['user-data', bytesLeaf(record.user_data)]];
  return branch([['meta-data', metaData(record)], ...userData]);
}

function metaData({ uuid, name, keys, ports }: InstanceRecord): Branch {
  const addresses = ports.flatMap((port) => port.addresses);
  const local = addresses.find((address) => address.ip_version === 4)?.ip_address ?? '';
  const publicKeys = keys.map(({ name: keyName, key }, index): [string, Tree] => [
    String(index),
    branch([['openssh-key', textLeaf(key)]], `${index}=${keyName}`),
  ]);
  return branch([
    ['ami-launch-index', textLeaf('0')],
    ['hostname', textLeaf(name)],
    ['instance-action', textLeaf('none')],
    // EC2's ids have eight digits; the whole of it is in the OpenStack form.
    ['instance-id', textLeaf(`i-${uuid.slice(0, 8)}`)],
    ['local-hostname', textLeaf(name)],
    ['local-ipv4', textLeaf(local)],
    ['mac', textLeaf(ports[0]?.mac_address ?? '')],
    ['placement', branch([['availability-zone', textLeaf('nova')]])],
    ['public-hostname', textLeaf(name)],
    ...(keys.length === 0 ? [] : [['public-keys', branch(publicKeys)] as const]),
    ['reservation-id', textLeaf(`r-${uuid.slice(0, 8)}`)],
  ]);
}
