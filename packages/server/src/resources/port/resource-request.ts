// What a port tells of its QoS: the policy of its network, and what the compute service reserves for it in Placement
// because of minimum rules (Networking API: port-resource-request-groups).

import { createHash } from 'node:crypto';
import type { PortRecord } from '@neutronium/model/resources/port';
import type { QosRuleRecord } from '@neutronium/model/resources/qos-rules';
import type { Reader } from '../../store/store.ts';
import { policiesOfNetworks } from '../qos-policy/policies-of-networks.ts';
import { rulesOfPolicies } from '../qos-policy/rules-of-policies.ts';
import { physicalNetworks } from '../qos-policy/supported-rules.ts';

/** Something that is reserved together, at one resource provider. */
interface RequestGroup {
  readonly id: string;
  /** Traits that the provider must have. */
  readonly required: readonly string[];
  readonly resources: Readonly<Record<string, number>>;
}

export interface PortQos {
  readonly qos_network_policy_id: string | null;
  readonly resource_request: {
    readonly request_groups: readonly RequestGroup[];
    readonly same_subtree: readonly string[];
  } | null;
}

/** One entry for each port, in order, with a number of statements that does not grow with theirs. */
export async function qosOfPorts(store: Reader, ports: readonly PortRecord[]): Promise<readonly PortQos[]> {
  const policies = await policiesOfNetworks(store, networksOf(ports));
  const governed = ports.map((port) => {
    const qos_network_policy_id = policies.get(port.network_id) ?? null;
    return { port, qos_network_policy_id, policyId: port.qos_policy_id ?? qos_network_policy_id };
  });
  const rules = await rulesOfPolicies(
    store,
    governed.flatMap(({ policyId }) => (policyId === null ? [] : [policyId])),
    ['minimum_bandwidth', 'minimum_packet_rate'],
  );
  const physical = rules.size === 0 ? new Map<string, string>() : await physicalNetworks(store, networksOf(ports));
  return governed.map(({ port, qos_network_policy_id, policyId }) => ({
    qos_network_policy_id,
    resource_request: resourceRequest(port, rules.get(policyId ?? '') ?? [], physical.get(port.network_id)),
  }));
}

function networksOf(ports: readonly PortRecord[]): readonly string[] {
  return ports.map(({ network_id }) => network_id);
}

const bandwidthClasses = { ingress: 'NET_BW_IGR_KILOBIT_PER_SEC', egress: 'NET_BW_EGR_KILOBIT_PER_SEC' } as const;
const packetRateClasses = {
  any: 'NET_PACKET_RATE_KILOPACKET_PER_SEC',
  ingress: 'NET_PACKET_RATE_IGR_KILOPACKET_PER_SEC',
  egress: 'NET_PACKET_RATE_EGR_KILOPACKET_PER_SEC',
} as const;

function resourceRequest(
  { id, 'binding:vnic_type': vnicType }: PortRecord,
  rules: readonly QosRuleRecord[],
  physicalNetwork: string | undefined,
): PortQos['resource_request'] {
  const vnicTrait = traitOf('VNIC_TYPE', vnicType);
  const bandwidths = rules.filter((rule) => rule.type === 'minimum_bandwidth');
  const packetRates = rules.filter((rule) => rule.type === 'minimum_packet_rate');
  const request_groups: RequestGroup[] = [];
  if (bandwidths.length > 0 && physicalNetwork !== undefined) {
    request_groups.push({
      id: groupId(id, bandwidths),
      required: [traitOf('PHYSNET', physicalNetwork), vnicTrait],
      resources: Object.fromEntries(bandwidths.map((rule) => [bandwidthClasses[rule.direction], rule.min_kbps])),
    });
  }
  if (packetRates.length > 0) {
    request_groups.push({
      id: groupId(id, packetRates),
      required: [vnicTrait],
      resources: Object.fromEntries(packetRates.map((rule) => [packetRateClasses[rule.direction], rule.min_kpps])),
    });
  }
  if (request_groups.length === 0) return null;
  return { request_groups, same_subtree: request_groups.map((group) => group.id) };
}

/** A custom trait of Placement: capitals, digits and underscores. */
function traitOf(sort: string, name: string): string {
  return `CUSTOM_${sort}_${name.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_')}`;
}

/** The same for the same rules of the same port: a UUID of version 5 (RFC 9562 section 5.5) in the port's name space. */
function groupId(portId: string, rules: readonly QosRuleRecord[]): string {
  const names = rules.map(({ id }) => id).join(',');
  const hash = createHash('sha1')
    .update(Buffer.from(portId.replaceAll('-', ''), 'hex'))
    .update(names)
    .digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
