// Arbitrary sequences of requests about trunks. Everything stands on ports of networks that differ in the size of their
// packets and in how they are carried; one port has a device, one belongs to a stranger.

import fc from 'fast-check';
import { reference } from './body.ts';
import type { Caller, Step } from './step.ts';

const caller = fc.constantFrom<Caller>('owner', 'owner', 'owner', 'owner', 'owner', 'admin', 'stranger');
const nobody = '00000000-0000-4000-8000-000000000001';
const rubbish = fc.constantFrom<unknown>(null, '', 'x', -1, 0, [], {}, true, ['rubbish']);

function creation(
  kind: string,
  given: object,
  { as = 'owner', label = kind }: { as?: Caller; label?: string } = {},
): Step {
  return { as, method: 'POST', path: `/v2.0/${kind}s`, body: { [kind]: given }, creates: label };
}

const wire = { 'provider:network_type': 'vlan', 'provider:physical_network': 'physnet1' };
const beginning: readonly Step[] = [
  creation('network', { mtu: 1400 }),
  creation('network', { mtu: 1300 }),
  creation('network', {}),
  creation('network', { ...wire, mtu: 1300, project_id: '$project(owner)' }, { as: 'admin' }),
  creation('network', { mtu: 1300 }, { as: 'stranger', label: 'network' }),
  ...[0, 0, 1, 1, 1, 2, 3].map((index) => creation('port', { network_id: `$network.${index}` })),
  creation('port', { network_id: '$network.1', device_id: 'device' }),
  creation('port', { network_id: '$network.4' }, { as: 'stranger' }),
];

const port = fc.oneof(
  { weight: 12, arbitrary: reference('port') },
  { weight: 1, arbitrary: fc.constantFrom(nobody, 'x') },
);
const anyPort = fc.nat({ max: 8 }).map((index) => `$port.${index}`);

const subPort: fc.Arbitrary<object> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      port_id: anyPort,
      segmentation_type: fc.constant('vlan'),
      segmentation_id: fc.constantFrom<unknown>(101, 102, 103, 104, '105', 4094),
    }),
  },
  { weight: 1, arbitrary: fc.record({ port_id: anyPort, segmentation_type: fc.constant('inherit') }) },
  {
    weight: 2,
    arbitrary: fc.record(
      { port_id: port, segmentation_type: fc.constantFrom<unknown>('vlan', 'qinq', 7), segmentation_id: rubbish },
      { requiredKeys: [] },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      port_id: anyPort,
      segmentation_type: fc.constant('vlan'),
      segmentation_id: fc.constantFrom(0, 4095, 4096),
    }),
  },
);
const subPorts: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 10, arbitrary: fc.array(subPort, { maxLength: 2 }) },
  { weight: 1, arbitrary: rubbish },
);

const trunk = fc.record(
  {
    port_id: anyPort,
    sub_ports: subPorts,
    name: fc.constantFrom('', 'a', 'b'),
    description: fc.constantFrom('', 'some words'),
    admin_state_up: fc.constantFrom<unknown>(true, true, 'false', 'x'),
    status: fc.constantFrom('ACTIVE'),
  },
  { requiredKeys: ['port_id', 'sub_ports'] },
);
// Of what a request need not say, most say nothing.
const usual = fc.record({ port_id: anyPort, sub_ports: fc.array(subPort, { maxLength: 2 }) });
const change = fc.record(
  {
    name: fc.constantFrom('a', 'b'),
    description: fc.constantFrom('', 'other words'),
    admin_state_up: fc.constantFrom<unknown>(true, true, false, 'x'),
  },
  { requiredKeys: [] },
);

const member = reference('trunk').map((id) => `/v2.0/trunks/${id}`);
const queries = [
  '',
  'name=a',
  'port_id=$port.0',
  'admin_state_up=false',
  'fields=sub_ports',
  'sub_ports=x',
  'colour=red',
];

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({ as: caller, given: fc.oneof({ weight: 3, arbitrary: usual }, { weight: 1, arbitrary: trunk }) })
      .map(({ as, given }) => creation('trunk', given, { as })),
  },
  {
    weight: 6,
    arbitrary: fc
      .record({ as: caller, path: member, action: fc.constantFrom('add_subports', 'add_subports', 'remove_subports') })
      .chain(({ as, path, action }) =>
        (action === 'add_subports' ? subPorts : fc.array(fc.record({ port_id: anyPort }), { maxLength: 2 })).map(
          (sub_ports): Step => ({ as, method: 'PUT', path: `${path}/${action}`, body: { sub_ports } }),
        ),
      ),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ as: caller, path: member, given: change })
      .map(({ as, path, given }): Step => ({ as, method: 'PUT', path, body: { trunk: given } })),
  },
  {
    weight: 2,
    arbitrary: fc.record({ as: caller, path: member }).map(({ as, path }): Step => ({ as, method: 'DELETE', path })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ as: caller, path: member, what: fc.constantFrom('', '/get_subports') })
      .map(({ as, path, what }): Step => ({ as, method: 'GET', path: path + what })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ as: caller, query: fc.constantFrom(...queries) })
      .map(({ as, query }): Step => ({ as, method: 'GET', path: `/v2.0/trunks?${query}` })),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({ as: caller, id: anyPort, method: fc.constantFrom('GET', 'GET', 'DELETE') })
      .map(({ as, id, method }): Step => ({ as, method, path: `/v2.0/ports/${id}` })),
  },
  // A host without an agent, where nothing can be wired.
  {
    weight: 1,
    arbitrary: fc.record({ id: anyPort, host: fc.constantFrom('', 'nowhere') }).map(({ id, host }): Step => ({
      as: 'admin',
      method: 'PUT',
      path: `/v2.0/ports/${id}`,
      body: { port: { 'binding:host_id': host } },
    })),
  },
);

/** Some forty steps after the beginning that all have in common. */
export const trunkSequence: fc.Arbitrary<readonly Step[]> = fc
  .array(step, { minLength: 30, maxLength: 45 })
  .map((steps) => [...beginning, ...steps]);
