// The rules of QoS policies, of five types. Each type is a resource of its own, whose objects are parts of a policy; by
// another resource the same objects are reached without naming the policy. The change log has the records of the former.

import { computed, optional, required, updatable } from '../attribute.ts';
import { choice } from '../kinds/choice.ts';
import { dscpMark } from '../kinds/dscp-mark.ts';
import { integer } from '../kinds/integer.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Attributes, type Resource, type Stored } from '../resource.ts';

/** The largest number of the API's ranges: kilobits, or thousands of packets, in each second. */
export const largestRate = 2_147_483_647;

export const ruleDirections = ['ingress', 'egress'] as const;
export const minimumPacketRateDirections = ['any', ...ruleDirections] as const;

const rate = integer({ min: 0, max: largestRate });
const searched = { filter: true, sort: true } as const;
const direction = choice(ruleDirections);
const anyDirection = choice(minimumPacketRateDirections);
const docs = {
  direction: 'What the instance sends (egress), or what it gets (ingress).',
  max_kbps: 'The limit, in 1000 bits in each second.',
  max_burst_kbps: 'How much may come at once, in 1000 bits; 0 leaves it to the server.',
  max_kpps: 'The limit, in 1000 packets in each second.',
  max_burst_kpps: 'How many may come at once, in 1000 packets; 0 leaves it to the server.',
  min_kbps: 'What Placement is asked to reserve, in 1000 bits in each second.',
  min_kpps: 'What Placement is asked to reserve, in 1000 packets in each second.',
  dscp_mark: 'The codepoint that packets of the instance get (RFC 2474 section 3).',
} as const;

const id = 'Names the object for as long as it exists.';
const part = {
  id: computed(uuid, id, searched),
  qos_policy_id: computed(uuid, 'The policy.', { internal: true, references: 'policies', index: true }),
} as const;

const ofPolicy = {
  prefix: 'qos',
  parent: { name: 'policy', plural: 'policies', attribute: 'qos_policy_id' },
  operations: ['create', 'list', 'show', 'update', 'delete'],
} as const;

const byIdAlone = { prefix: 'qos', operations: ['show', 'update', 'delete'] } as const;

export const bandwidthLimitRule = resource({
  ...ofPolicy,
  name: 'bandwidth_limit_rule',
  plural: 'bandwidth_limit_rules',
  doc: 'The most that goes through in one direction.',
  extension: 'qos',
  attributes: {
    ...part,
    max_kbps: required(rate, docs.max_kbps, searched),
    max_burst_kbps: optional(rate, docs.max_burst_kbps, { ...searched, default: 0 }),
    direction: optional(direction, docs.direction, {
      ...searched,
      default: 'egress',
      extension: 'qos-bw-limit-direction',
    }),
  },
});

export const dscpMarkingRule = resource({
  ...ofPolicy,
  name: 'dscp_marking_rule',
  plural: 'dscp_marking_rules',
  doc: 'How packets are marked that an instance sends.',
  extension: 'qos',
  attributes: { ...part, dscp_mark: required(dscpMark, docs.dscp_mark, searched) },
});

export const minimumBandwidthRule = resource({
  ...ofPolicy,
  name: 'minimum_bandwidth_rule',
  plural: 'minimum_bandwidth_rules',
  doc: 'What is reserved in one direction.',
  extension: 'qos',
  attributes: {
    ...part,
    min_kbps: required(rate, docs.min_kbps, searched),
    direction: optional(direction, docs.direction, {
      ...searched,
      default: 'egress',
      extension: 'qos-bw-minimum-ingress',
    }),
  },
});

export const minimumPacketRateRule = resource({
  ...ofPolicy,
  name: 'minimum_packet_rate_rule',
  plural: 'minimum_packet_rate_rules',
  doc: 'Packets that are reserved, in one direction or in both together.',
  extension: 'qos-pps-minimum',
  attributes: {
    ...part,
    min_kpps: required(rate, docs.min_kpps, searched),
    direction: optional(anyDirection, docs.direction, { ...searched, default: 'egress' }),
  },
});

export const packetRateLimitRule = resource({
  ...ofPolicy,
  name: 'packet_rate_limit_rule',
  plural: 'packet_rate_limit_rules',
  doc: 'The most packets that go through in one direction.',
  extension: 'qos-pps',
  attributes: {
    ...part,
    max_kpps: required(rate, docs.max_kpps, searched),
    max_burst_kpps: optional(rate, docs.max_burst_kpps, { ...searched, default: 0 }),
    direction: optional(direction, docs.direction, { ...searched, default: 'egress' }),
  },
});

/** By the type that a policy's `rules` show. */
export const qosRules = {
  bandwidth_limit: bandwidthLimitRule,
  dscp_marking: dscpMarkingRule,
  minimum_bandwidth: minimumBandwidthRule,
  minimum_packet_rate: minimumPacketRateRule,
  packet_rate_limit: packetRateLimitRule,
} as const;

export type QosRuleType = keyof typeof qosRules;

export const qosRuleTypes: readonly QosRuleType[] = [
  'bandwidth_limit',
  'dscp_marking',
  'minimum_bandwidth',
  'minimum_packet_rate',
  'packet_rate_limit',
];

/** A rule as the store keeps it. */
export type QosRuleRecord = {
  readonly [T in QosRuleType]: { readonly type: T } & Stored<(typeof qosRules)[T]>;
}[QosRuleType];

/** The same rules under /v2.0/qos/alias_bandwidth_limit_rules and so on, with the policy that rules about them ask for. */
function aliasOf<const A extends Attributes>(rule: Resource, extension: string, attributes: A) {
  return resource({
    ...byIdAlone,
    name: `alias_${rule.name}`,
    plural: `alias_${rule.plural}`,
    doc: `${rule.doc} Reached by its id alone.`,
    extension,
    attributes: {
      id: computed(uuid, id, { derived: true }),
      ...attributes,
      ext_parent_policy_id: computed(uuid, 'The policy that the rule is a part of.', { derived: true, hidden: true }),
    },
  });
}

export const qosRuleAliases = {
  bandwidth_limit: aliasOf(bandwidthLimitRule, 'qos-rules-alias', {
    max_kbps: updatable(rate, docs.max_kbps, { derived: true }),
    max_burst_kbps: updatable(rate, docs.max_burst_kbps, { derived: true }),
    direction: updatable(direction, docs.direction, { derived: true }),
  }),
  dscp_marking: aliasOf(dscpMarkingRule, 'qos-rules-alias', {
    dscp_mark: updatable(dscpMark, docs.dscp_mark, { derived: true }),
  }),
  minimum_bandwidth: aliasOf(minimumBandwidthRule, 'qos-rules-alias', {
    min_kbps: updatable(rate, docs.min_kbps, { derived: true }),
    direction: updatable(direction, docs.direction, { derived: true }),
  }),
  minimum_packet_rate: aliasOf(minimumPacketRateRule, 'qos-pps-minimum-rule-alias', {
    min_kpps: updatable(rate, docs.min_kpps, { derived: true }),
    direction: updatable(anyDirection, docs.direction, { derived: true }),
  }),
} as const;
