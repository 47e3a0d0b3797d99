import { blockersOf } from '@neutronium/model/api-error';
import {
  ExternalNetworkInUse,
  InvalidInput,
  InvalidSharedSetting,
  NetworkMTUSubnetConflict,
} from '@neutronium/model/errors';
import { network, type NetworkRecord, type NetworkUpdate } from '@neutronium/model/resources/network';
import { rbacPolicy } from '@neutronium/model/resources/rbac-policy';
import { subnet } from '@neutronium/model/resources/subnet';
import type { Reader, Writer } from '../../store/store.ts';
import { requireEnforceableOnNetwork } from '../qos-policy/supported-rules.ts';
import { exchangeWire } from '../segment-allocation/allocate-segment.ts';
import type { Wire } from '../segment-allocation/type-driver.ts';
import type { NetworkParts } from './create-networks.ts';
import { requireNoOtherDefault } from './default-network.ts';
import { networkMtu } from './network-mtu.ts';

/** Owners of ports that use a network as the way out, whoever they belong to. */
const outsideOwners = ['network:router_gateway', 'network:floatingip'];

export async function updateNetwork(
  store: Writer,
  current: NetworkRecord,
  changes: NetworkUpdate,
  parts: NetworkParts,
): Promise<NetworkRecord> {
  const {
    'provider:network_type': _type,
    'provider:physical_network': _physical,
    'provider:segmentation_id': _id,
    // Segments are given at creation; what an update says of them is passed over, as it is by Neutron.
    segments: _segments,
    mtu: requestedMtu,
    ...plain
  } = changes;
  if (plain.is_default === true) await requireNoOtherDefault(store, current.id);
  if (plain.shared === false && current.shared) await requireUnsharable(store, current);
  if (plain['router:external'] === false && current['router:external']) {
    await requireNoWayOut(store, current.id);
    await endSharingAsExternal(store, current.id);
  }
  const segments = await renumber(store, current, changes, parts);
  const mtu = requestedMtu === undefined ? {} : { mtu: await newMtu(store, current, requestedMtu, parts) };
  const external = plain['router:external'] ?? current['router:external'];
  const is_default = external && (plain.is_default ?? current.is_default);
  const updated = await store.update(network, current.id, {
    ...plain,
    is_default,
    ...mtu,
    ...(segments === undefined ? {} : { segments }),
  });
  if (updated.qos_policy_id !== current.qos_policy_id) await requireEnforceableOnNetwork(store, updated);
  return updated;
}

/** The segments with another VLAN id, if the changes ask for one and it was free; undefined when nothing changes. */
async function renumber(
  store: Writer,
  { id, project_id, segments }: NetworkRecord,
  changes: NetworkUpdate,
  { drivers, random }: NetworkParts,
): Promise<NetworkRecord['segments'] | undefined> {
  const {
    'provider:network_type': type,
    'provider:physical_network': physical,
    'provider:segmentation_id': wantedId,
  } = changes;
  if (type === undefined && physical === undefined && wantedId === undefined) return undefined;
  const [from, ...others] = segments;
  if (from === undefined || others.length > 0) {
    throw new InvalidInput({
      error_message: 'Provider network attributes can be updated only in provider networks with a single segment.',
    });
  }
  if (
    (type ?? from.network_type) !== from.network_type ||
    (physical ?? from.physical_network) !== from.physical_network
  ) {
    throw new InvalidInput({
      error_message:
        'Plugin does not support updating the following provider network attributes: ' +
        'provider:network_type, provider:physical_network',
    });
  }
  if (wantedId === undefined || wantedId === from.segmentation_id) return undefined;
  if (from.network_type !== 'vlan') {
    throw new InvalidInput({ error_message: 'Only VLAN type networks can be updated.' });
  }
  const to: Wire = {
    network_type: from.network_type,
    physical_network: from.physical_network,
    segmentation_id: wantedId,
  };
  await exchangeWire({ store, networkId: id, projectId: project_id, random }, drivers.get(from.network_type), {
    from,
    to,
  });
  return [{ id: from.id, ...to }];
}

/** Least size of the largest IP packet: RFC 791 section 3.1 (Total Length), RFC 8200 section 5. */
const leastMtu = { 4: 68, 6: 1280 } as const;

async function newMtu(
  store: Reader,
  { id, segments }: NetworkRecord,
  requested: number,
  { drivers }: NetworkParts,
): Promise<number> {
  const mtu = networkMtu(requested, segments, drivers);
  if (mtu === 0 || mtu >= leastMtu[6]) return mtu;
  const subnets = await store.list(subnet, {
    where: [{ op: 'equals', attribute: 'network_id', values: [id] }],
  });
  const needed = Math.max(0, ...subnets.map(({ ip_version }) => leastMtu[ip_version === 6 ? 6 : 4]));
  if (mtu < needed) throw new NetworkMTUSubnetConflict({ net_id: id, mtu: needed });
  return mtu;
}

async function requireUnsharable({ db }: Reader, { id, name, project_id }: NetworkRecord): Promise<void> {
  const foreign = await db
    .selectFrom('ports')
    .select('id')
    .where('network_id', '=', id)
    .where('project_id', 'not in', [project_id, ''])
    .where('project_id', 'not in', (own) =>
      own
        .selectFrom('rbac_policies')
        .select('target_tenant')
        .where('object_id', '=', id)
        .where('action', '=', 'access_as_shared'),
    )
    .where('device_owner', 'not in', outsideOwners)
    .limit(1)
    .executeTakeFirst();
  if (foreign !== undefined) throw new InvalidSharedSetting({ network: name });
}

/** What is external for nobody in general is so for no single project either. */
async function endSharingAsExternal(store: Writer, networkId: string): Promise<void> {
  const policies = await store.list(rbacPolicy, {
    where: [
      { op: 'equals', attribute: 'object_id', values: [networkId] },
      { op: 'equals', attribute: 'action', values: ['access_as_external'] },
    ],
  });
  for (const { id } of policies) await store.remove(rbacPolicy, id);
}

async function requireNoWayOut({ db }: Reader, networkId: string): Promise<void> {
  const users = await db
    .selectFrom('ports')
    .select('id')
    .where('network_id', '=', networkId)
    .where('device_owner', 'in', outsideOwners)
    .execute();
  const blockers = blockersOf(
    'port',
    users.map(({ id }) => id),
  );
  if (users.length > 0) throw new ExternalNetworkInUse({ net_id: networkId, blockers });
}
