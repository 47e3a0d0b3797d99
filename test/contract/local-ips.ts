// Arbitrary sequences of requests about local IPs. Two networks, one of them a stranger's, and ports with one address,
// two and none. Every local IP that gets an address says which, since each server would choose its own.

import fc from 'fast-check';
import { reference } from './body.ts';
import type { Caller, Step } from './step.ts';

const caller = fc.constantFrom<Caller>('owner', 'owner', 'owner', 'owner', 'owner', 'admin', 'stranger');
const nobody = '00000000-0000-4000-8000-000000000001';

function creation(kind: string, given: object, as: Caller = 'owner'): Step {
  return { as, method: 'POST', path: `/v2.0/${kind}s`, body: { [kind]: given }, creates: kind };
}

const address = (end: number): string => `10.0.0.${end}`;
const withAddresses = (...ends: number[]): Step =>
  creation('port', { network_id: '$network.0', fixed_ips: ends.map((end) => ({ ip_address: address(end) })) });
const beginning: readonly Step[] = [
  creation('network', {}),
  creation('network', {}),
  creation('network', {}, 'stranger'),
  creation('subnet', { network_id: '$network.0', ip_version: 4, cidr: '10.0.0.0/24' }),
  withAddresses(10),
  withAddresses(11),
  withAddresses(12, 13),
  creation('port', { network_id: '$network.0', fixed_ips: [] }),
];

const port = fc.oneof(
  { weight: 9, arbitrary: fc.nat({ max: 3 }).map((index) => `$port.${index}`) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(nobody, 'x', null) },
);
const words = {
  name: fc.constantFrom<unknown>('', 'a', 'b', 7),
  description: fc.constantFrom('', 'some words'),
};

const ofNetwork = fc.record(
  {
    network_id: fc.constantFrom<unknown>('$network.0', '$network.0', '$network.0', '$network.1', '$network.2', 'x'),
    local_ip_address: fc.constantFrom<unknown>(address(77), address(78), address(79), address(10), '192.0.2.1', 'x'),
    ip_mode: fc.constantFrom('translate', 'translate', 'passthrough', 'x'),
    ...words,
  },
  { requiredKeys: ['network_id', 'local_ip_address'] },
);
const ofPort = fc.record(
  { local_port_id: port, local_ip_address: fc.constantFrom<unknown>(null, address(12), address(99)), ...words },
  { requiredKeys: ['local_port_id'] },
);
const association = fc.record(
  { fixed_port_id: port, fixed_ip: fc.constantFrom<unknown>(null, address(12), address(13), address(10), 'x') },
  { requiredKeys: ['fixed_port_id'] },
);

const member = reference('local_ip').map((id) => `/v2.0/local_ips/${id}`);
const associations = member.map((path) => `${path}/port_associations`);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .record({ as: caller, given: fc.oneof(ofNetwork, ofPort, fc.constant({})) })
      .map(({ as, given }) => creation('local_ip', given, as)),
  },
  {
    weight: 5,
    arbitrary: fc
      .record({ as: caller, path: associations, given: association })
      .map(({ as, path, given }): Step => ({ as, method: 'POST', path, body: { port_association: given } })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ as: caller, path: associations, id: port, method: fc.constantFrom('GET', 'DELETE') })
      .map(({ as, path, id, method }): Step => ({ as, method, path: `${path}/${String(id)}` })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ as: caller, path: associations, query: fc.constantFrom('', '?fixed_port_id=$port.0', '?colour=red') })
      .map(({ as, path, query }): Step => ({ as, method: 'GET', path: path + query })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        as: caller,
        path: member,
        given: fc.record({ ...words, ip_mode: fc.constant('translate') }, { requiredKeys: [] }),
      })
      .map(({ as, path, given }): Step => ({ as, method: 'PUT', path, body: { local_ip: given } })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ as: caller, path: member, method: fc.constantFrom('GET', 'GET', 'DELETE') })
      .map((request): Step => request),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        as: fc.constantFrom<Caller>('owner', 'stranger'),
        query: fc.constantFrom('', 'name=a', 'ip_mode=translate', `local_ip_address=${address(77)}`, 'colour=red'),
      })
      .map(({ as, query }): Step => ({ as, method: 'GET', path: `/v2.0/local-ips?${query}` })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ as: caller, id: port, method: fc.constantFrom('GET', 'DELETE') })
      .map(({ as, id, method }): Step => ({ as, method, path: `/v2.0/ports/${String(id)}` })),
  },
);

/** Some forty steps after the beginning that all have in common. */
export const localIpSequence: fc.Arbitrary<readonly Step[]> = fc
  .array(step, { minLength: 30, maxLength: 45 })
  .map((steps) => [...beginning, ...steps]);
