// Who may do what, measured on a running server, beside what Neutron's own rules say: golden/neutron.txt has the decision
// of oslo.policy on each rule of the current release for an administrator, a member, a reader and a service (columns),
// each about what is their project's, another's, and another's that is shared with them (characters). A rule about an
// attribute is asked together with that of its operation.

import { readFileSync } from 'node:fs';
import { catalogue } from '@neutronium/model/catalogue';
import { policyDefaults } from '@neutronium/model/policy-defaults';
import { policyName } from '@neutronium/model/policy-rules';
import { beforeAll, expect, it } from 'vitest';
import { startFuzzedApi } from '../fuzzer/fuzzed-api.ts';
import { measure, shareAll } from './measure.ts';
import { Owners } from './owners.ts';

const shownToSharers = 'A shared policy is shown with its rules: clients show what a project may choose.';
const taggedByMembers = 'Clients of Neutron 21, which has no rules for tags, have members tag policies.';
const unasked = 'Nothing asks for the rule, in Neutron either.';

/** Where the server decides otherwise, and why. */
const agreed: Readonly<Record<string, readonly [cells: string, reason: string]>> = {
  'create_network:ha': ['YY- ..- ..- ..-', 'The networks of highly available routers are the own of this server.'],
  'create_policy:tags': ['YYY Y.Y ... ..-', taggedByMembers],
  'create_subnet:service_types': ['YY- Y.- ..- ..-', unasked],
  'delete_policy:tags': ['YYY Y.Y ... ..-', taggedByMembers],
  get_alias_bandwidth_limit_rule: ['YYY Y.Y Y.Y ..-', shownToSharers],
  get_alias_dscp_marking_rule: ['YYY Y.Y Y.Y ..-', shownToSharers],
  get_alias_minimum_bandwidth_rule: ['YYY Y.Y Y.Y ..-', shownToSharers],
  get_alias_minimum_packet_rate_rule: ['YYY Y.Y Y.Y ..-', shownToSharers],
  get_policy_bandwidth_limit_rule: ['YYY Y.Y Y.Y ..-', shownToSharers],
  get_policy_dscp_marking_rule: ['YYY Y.Y Y.Y ..-', shownToSharers],
  get_policy_minimum_bandwidth_rule: ['YYY Y.Y Y.Y ..-', shownToSharers],
  get_policy_minimum_packet_rate_rule: ['YYY Y.Y Y.Y ..-', shownToSharers],
  get_policy_packet_rate_limit_rule: ['YYY Y.Y Y.Y ..-', shownToSharers],
  get_quota: ['YY- Y.- Y.- ..-', 'A project sees its own limits whatever the rules say, in Neutron too.'],
  get_rule_type: [
    'YYY ... ... ..-',
    'A single type is shown with what enforces it, which Neutron shows administrators whatever the rule says.',
  ],
  'update_policy:tags': ['YYY Y.Y ... ..-', taggedByMembers],
  'update_subnet:service_types': ['YYY Y.. ... ..-', unasked],
  update_port_binding: ['Y-- .-- .-- Y--', 'Neutron asks no rule of its own where an inactive binding is changed.'],
};

/** Rules of operations that no request here comes to. */
const beyond: Readonly<Record<string, string>> = {
  delete_agent: 'There is one agent of a kind on a host, whose removal would take it from the others.',
  delete_alias_bandwidth_limit_rule: 'An alias is removed as the rule that it is another name of.',
  delete_alias_dscp_marking_rule: 'An alias is removed as the rule that it is another name of.',
  delete_alias_minimum_bandwidth_rule: 'An alias is removed as the rule that it is another name of.',
  delete_alias_minimum_packet_rate_rule: 'An alias is removed as the rule that it is another name of.',
  delete_floatingip_port_forwarding: 'It has no revision, and another needs another floating IP and port.',
  delete_ndp_proxy: 'It needs a router and an external network that are in one IPv6 address scope.',
  delete_local_ip_port_association: 'It needs a port of a host in the network of the local IP.',
  get_local_ip_port_association: 'It needs a port of a host in the network of the local IP.',
  delete_port_binding: 'It has no revision, and another needs another host.',
  delete_quota: 'It would reset what limits the other requests.',
  delete_security_groups_default_statefulness: 'It has no revision, and a project has one alone.',
  delete_service_profile: 'It needs a driver, of which none is configured.',
  get_floatingip_pool: 'A pool has no id.',
  get_ndp_proxy: 'It needs a router and an external network that are in one IPv6 address scope.',
  get_service_profile: 'It needs a driver, of which none is configured.',
  update_ndp_proxy: 'It needs a router and an external network that are in one IPv6 address scope.',
  update_service_profile: 'It needs a driver, of which none is configured.',
};

const neutron = new Map(
  readFileSync(new URL('golden/neutron.txt', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const at = line.lastIndexOf(': ');
      return [line.slice(0, at), line.slice(at + 2)] as const;
    }),
);

const measured = new Map<string, string>();

beforeAll(async () => {
  await using api = await startFuzzedApi();
  const owners = await Owners.make(api);
  await shareAll(api, owners);
  for (const { name, operations } of policyDefaults) {
    if (operations.length === 0) continue;
    const cells = await measure(api, owners, name);
    if (/[Y.]/.test(cells)) measured.set(name, cells);
  }
});

it('is decided as Neutron decides, but for what is agreed', () => {
  const otherwise = [...measured].filter(([rule, cells]) => !agrees(cells, neutron.get(rule)));
  const expected = Object.entries(agreed).map(([rule, [cells]]) => [rule, cells]);
  expect(Object.fromEntries(otherwise)).toEqual(Object.fromEntries(expected));
});

it('is measured for every operation of every resource', () => {
  const operations = catalogue.flatMap((resource) => {
    const verbs = resource.operations.flatMap((operation) =>
      operation === 'bulk' ? [] : [operation === 'list' || operation === 'show' ? 'get' : operation],
    );
    return [...new Set(verbs)].map((verb) => `${verb}_${policyName(resource)}`);
  });
  expect(operations.filter((rule) => !measured.has(rule)).toSorted()).toEqual(Object.keys(beyond).toSorted());
});

function agrees(cells: string, theirs: string | undefined): boolean {
  return theirs !== undefined && cells.split('').every((cell, index) => cell === '-' || cell === theirs[index]);
}
