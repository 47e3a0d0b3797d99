// Asks two servers the same things and says where their answers part.

import { attributesOf, type AnyResource } from '@neutronium/model/resource';
import { addressGroup } from '@neutronium/model/resources/address-group';
import { addressScope } from '@neutronium/model/resources/address-scope';
import { conntrackHelper } from '@neutronium/model/resources/conntrack-helper';
import { floatingip } from '@neutronium/model/resources/floatingip';
import { agent } from '@neutronium/model/resources/agent';
import { availabilityZone } from '@neutronium/model/resources/availability-zone';
import { flavor } from '@neutronium/model/resources/flavor';
import { floatingipPool } from '@neutronium/model/resources/floatingip-pool';
import { ndpProxy } from '@neutronium/model/resources/ndp-proxy';
import { serviceProfile } from '@neutronium/model/resources/service-profile';
import { log } from '@neutronium/model/resources/log';
import { loggableResource } from '@neutronium/model/resources/loggable-resource';
import { meteringLabel } from '@neutronium/model/resources/metering-label';
import { meteringLabelRule } from '@neutronium/model/resources/metering-label-rule';
import { network } from '@neutronium/model/resources/network';
import { networkIpAvailability } from '@neutronium/model/resources/network-ip-availability';
import { networkSegmentRange } from '@neutronium/model/resources/network-segment-range';
import { port } from '@neutronium/model/resources/port';
import { portBinding } from '@neutronium/model/resources/port-binding';
import { portForwarding } from '@neutronium/model/resources/port-forwarding';
import { rbacPolicy } from '@neutronium/model/resources/rbac-policy';
import { qosPolicy } from '@neutronium/model/resources/qos-policy';
import { qosRuleAliases, qosRules } from '@neutronium/model/resources/qos-rules';
import { qosRuleType } from '@neutronium/model/resources/qos-rule-type';
import { router } from '@neutronium/model/resources/router';
import { securityGroup } from '@neutronium/model/resources/security-group';
import { securityGroupRule } from '@neutronium/model/resources/security-group-rule';
import { segment } from '@neutronium/model/resources/segment';
import { subnet } from '@neutronium/model/resources/subnet';
import { subnetpool } from '@neutronium/model/resources/subnetpool';
import { localIp } from '@neutronium/model/resources/local-ip';
import { localIpAssociation } from '@neutronium/model/resources/local-ip-association';
import { trunk } from '@neutronium/model/resources/trunk';
import { accountingDifferences } from './accounting-differences.ts';
import { agreedDifferences, type Difference } from './differences.ts';
import { hostLayoutDifferences } from './host-layout-differences.ts';
import { qosDifferences } from './qos-differences.ts';
import { rareDifferences } from './rare-differences.ts';
import { type KnownAttributes, normalise } from './normalise.ts';
import type { Answer, Side, Step } from './step.ts';

/**
 * Extensions of later releases; and that of `is_default`, which Neutron 21 shows of networks that are not external when
 * they are created, and never again.
 */
const later = new Set([
  'subnet-external-network',
  'security-groups-rules-belongs-to-default-sg',
  'auto-allocated-topology',
  'network-ip-availability-details',
  'qos-fip-network-policy',
  'external-gateway-multihoming',
  'enable-default-route-ecmp',
  'port-hints',
  'port-hardware-offload-type',
  'port-trusted-vif',
]);

/** What these have in later releases only; Neutron 21 takes a rule's description and does not show it. */
const laterOf: Readonly<Record<string, readonly string[]>> = {
  address_group: ['created_at', 'updated_at', 'revision_number'],
  security_group_rule: ['description'],
};

const compared: readonly AnyResource[] = [
  network,
  subnet,
  port,
  subnetpool,
  securityGroup,
  securityGroupRule,
  addressGroup,
  rbacPolicy,
  networkIpAvailability,
  segment,
  networkSegmentRange,
  agent,
  availabilityZone,
  portBinding,
  router,
  floatingip,
  portForwarding,
  conntrackHelper,
  addressScope,
  meteringLabel,
  meteringLabelRule,
  log,
  loggableResource,
  qosPolicy,
  qosRuleType,
  ...Object.values(qosRules),
  ...Object.values(qosRuleAliases),
  trunk,
  localIp,
  localIpAssociation,
  ndpProxy,
  flavor,
  serviceProfile,
  floatingipPool,
  agent,
];

/** The attributes that both have: the reference has more extensions. Of quotas, we count only what can be created. */
const known: KnownAttributes = new Map([
  ...compared.flatMap((resource) => {
    const attributes = attributesOf(resource).filter(
      ([name, { extension }]) => !later.has(extension ?? '') && laterOf[resource.name]?.includes(name) !== true,
    );
    const names = new Set(attributes.map(([name]) => name));
    return [
      [resource.name, names],
      [resource.plural, names],
    ] as const;
  }),
  ['subnet_ip_availability', new Set(['subnet_id', 'subnet_name', 'ip_version', 'cidr', 'total_ips', 'used_ips'])],
  ['quota', new Set(['network', 'subnet', 'port', 'subnetpool'])],
  // What stands in the way we alone say.
  ['NeutronError', new Set(['type', 'message', 'detail'])],
]);

const allDifferences: readonly Difference[] = [
  ...agreedDifferences,
  ...hostLayoutDifferences,
  ...qosDifferences,
  ...accountingDifferences,
  ...rareDifferences,
];

export interface Comparison {
  /** Answers that differ without agreement, each as text that a person can act on. */
  readonly found: readonly string[];
  /** The agreements that were met. */
  readonly agreed: ReadonlySet<Difference>;
  /** How many requests each of them was sent. */
  readonly sent: number;
}

/** Sends the steps to both, one after the other, until the two no longer have the same objects. */
export async function compare(steps: readonly Step[], ours: Side, theirs: Side): Promise<Comparison> {
  const found: string[] = [];
  const agreed = new Set<Difference>();
  let sent = 0;
  for (const step of steps) {
    sent += 1;
    const [mine, yours] = await Promise.all([ours.send(step), theirs.send(step)]);
    if (step.creates !== undefined && mine.status === 201 && yours.status === 201) {
      ours.remember(step.creates, mine);
      theirs.remember(step.creates, yours);
    }
    if (step.names !== undefined && mine.status === 200 && yours.status === 200) {
      ours.remember(step.names, mine);
      theirs.remember(step.names, yours);
    }
    const left = normalise(ours, step, mine, known);
    const right = normalise(theirs, step, yours, known);
    if (JSON.stringify(left) === JSON.stringify(right)) continue;
    const agreement = allDifferences.find((difference) => difference.applies(step, left, right));
    if (agreement === undefined) found.push([JSON.stringify(step), ...differences(left, right)].join('\n  '));
    else agreed.add(agreement);
    if (isSuccess(mine) === isSuccess(yours)) continue;
    // From here on the two have different objects, and every later difference would only repeat this one.
    if (step.creates === undefined) break;
    if (isSuccess(mine)) await ours.undo(step, mine);
    else await theirs.undo(step, yours);
  }
  return { found, agreed, sent };
}

function isSuccess({ status }: Answer): boolean {
  return status < 300;
}

/** One line for each place in which the two answers differ. */
function differences(ours: unknown, theirs: unknown, path = ''): string[] {
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return [];
  if (isRecord(ours) && isRecord(theirs)) {
    const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
    return [...keys].flatMap((key) => differences(ours[key], theirs[key], `${path}/${key}`));
  }
  return [`${path}: ours ${JSON.stringify(ours)}, theirs ${JSON.stringify(theirs)}`];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
