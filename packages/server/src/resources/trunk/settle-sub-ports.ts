// From the ports that a request names to those that a trunk can have.

import { blockersOf } from '@neutronium/model/api-error';
import { InvalidInput, PortInUse, PortNotFound } from '@neutronium/model/errors';
import { readInteger } from '@neutronium/model/kinds/integer';
import { missingSegmentation, type RequestedSubPort, type SubPort } from '@neutronium/model/kinds/sub-ports';
import { pythonText } from '@neutronium/model/python-text';
import { network, type NetworkRecord } from '@neutronium/model/resources/network';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { ParentPortInUse, SubPortMtuGreaterThanTrunkPortMtu, TrunkPortInUse } from '@neutronium/model/trunk-errors';
import { lastVlanId } from '@neutronium/net/vlan';
import { visibility } from '../../context.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { deviceOfPort } from '../port/device-of-port.ts';
import { trunksOfPorts, type TrunkMembership } from './trunk-membership.ts';

/**
 * The ports with their tags, in the order of the request. Throws when one is not to be had, is in a trunk or in other
 * use, could not send packets as large as its network's by the parent's device, or has no tag.
 */
export async function settleSubPorts(
  call: Call<Reader>,
  parent: PortRecord,
  requested: readonly RequestedSubPort[],
): Promise<readonly SubPort[]> {
  if (requested.length === 0) return [];
  const { store, context } = call;
  const ids = requested.map(({ port_id }) => port_id);
  const visible = await store.list(port, {
    where: [{ op: 'equals', attribute: 'id', values: ids }],
    ...visibility(context),
  });
  const ports = new Map(visible.map((record) => [record.id, record]));
  const networkIds = new Set([parent, ...visible].map(({ network_id }) => network_id));
  const networks = new Map((await store.getMany(network, [...networkIds])).map((record) => [record.id, record]));
  const memberships = await trunksOfPorts(store, ids);
  return requested.map((request) => {
    const { port_id } = request;
    if (port_id === parent.id) throw new ParentPortInUse({ port_id, blockers: [] });
    const record = ports.get(port_id);
    const ofPort = networks.get(record?.network_id ?? '');
    requireRoom(parent, networks.get(parent.network_id), { port_id, mtu: ofPort?.mtu ?? 0 });
    const tag = readTag(request, ofPort);
    if (record === undefined) throw new PortNotFound({ port_id });
    requireFree(record, memberships.get(port_id));
    return { port_id, ...tag };
  });
}

/** An MTU of 0 says nothing about how large packets may be. */
function requireRoom(
  parent: PortRecord,
  ofParent: NetworkRecord | undefined,
  { port_id, mtu }: { readonly port_id: string; readonly mtu: number },
): void {
  const trunk_mtu = ofParent?.mtu ?? 0;
  if (trunk_mtu === 0 || mtu <= trunk_mtu) return;
  throw new SubPortMtuGreaterThanTrunkPortMtu({ port_id, port_mtu: mtu, trunk_id: parent.id, trunk_mtu });
}

/** The tag that the request gives, or the one of the port's network where it is to be inherited. */
function readTag(request: RequestedSubPort, ofPort: NetworkRecord | undefined): Omit<SubPort, 'port_id'> {
  const given = request.segmentation_type === 'inherit' && ofPort !== undefined ? tagOfNetwork(ofPort) : { ...request };
  if (!('segmentation_type' in given && 'segmentation_id' in given)) {
    throw new InvalidInput({ error_message: missingSegmentation(request) });
  }
  const { segmentation_type, segmentation_id } = given;
  const id = readInteger(segmentation_id);
  if (!id.ok) refuse(`Invalid subport details: segmentation_id '${pythonText(segmentation_id)}' is not an integer`);
  if (segmentation_type !== 'vlan') refuse(`Unknown segmentation_type '${pythonText(segmentation_type)}'`);
  if (id.value < 1 || id.value > lastVlanId) refuse(`Segmentation ID '${id.value}' is not in range`);
  return { segmentation_type, segmentation_id: id.value };
}

/** A network of several segments has no single tag. */
function tagOfNetwork({ segments }: NetworkRecord): Pick<RequestedSubPort, 'segmentation_type' | 'segmentation_id'> {
  const [only] = segments.length === 1 ? segments : [];
  return { segmentation_type: only?.network_type ?? null, segmentation_id: only?.segmentation_id ?? null };
}

/** Throws when the port is in a trunk or in other use. */
function requireFree(
  { id: port_id, network_id, device_id, device_owner }: PortRecord,
  membership: TrunkMembership | undefined,
): void {
  const blockers = blockersOf('trunk', membership === undefined ? [] : [membership.trunk_id]);
  if (membership?.role === 'subport') throw new TrunkPortInUse({ port_id, blockers });
  if (membership?.role === 'parent') throw new ParentPortInUse({ port_id, blockers });
  if (device_id !== '') {
    const device = deviceOfPort({ device_id, device_owner });
    throw new PortInUse({ net_id: network_id, port_id, device_id, blockers: device });
  }
}

function refuse(error_message: string): never {
  throw new InvalidInput({ error_message });
}
