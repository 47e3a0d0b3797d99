// Arbitrary sequences of requests about where ports are bound: moves, and live migrations by a second binding that
// becomes the active one. Everything stands on the agents of agents.ts; one network is on the wire of one host alone. Nova
// asks, who is an administrator and a service: to the others, Neutron 21 answers 500 or has other rights by default. No
// change names a host: Neutron lets a binding's host be changed like that, to one that is bound to nothing; with us it stays.

import fc from 'fast-check';
import type { Step } from './step.ts';

const foundation: readonly Step[] = [
  {
    as: 'nova',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'network',
    body: { network: { 'provider:network_type': 'vlan', 'provider:physical_network': 'physnet1' } },
  },
  {
    as: 'nova',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'network',
    body: { network: { 'provider:network_type': 'vxlan' } },
  },
  ...[
    { 'binding:host_id': 'left', network_id: '$network.0', device_owner: 'compute:nova', device_id: 'vm-0' },
    { 'binding:host_id': 'left', network_id: '$network.1', device_owner: 'compute:nova', device_id: 'vm-1' },
    { network_id: '$network.1', device_owner: 'compute:nova', device_id: 'vm-2' },
    { 'binding:host_id': 'right', network_id: '$network.1' },
  ].map((port): Step => ({ as: 'nova', method: 'POST', path: '/v2.0/ports', creates: 'port', body: { port } })),
];

const onePort = fc.nat({ max: 3 }).map((index) => `/v2.0/ports/$port.${index}`);
const oneHost = fc.constantFrom('left', 'right', 'right', 'nowhere');
const traits = fc.constantFrom<object>(
  {},
  {},
  {},
  { vnic_type: 'normal' },
  { vnic_type: 'baremetal' },
  { vnic_type: 'none' },
  { profile: { a: 'b' } },
  { profile: {} },
  { profile: 'x' },
  { vif_type: 'ovs' },
  { colour: 'red' },
);

const bindings: fc.Arbitrary<Step> = fc
  .record({ path: onePort.map((port) => `${port}/bindings`), host: oneHost, more: traits })
  .chain(({ path, host, more }) => {
    const add: Step = { as: 'nova', method: 'POST', path, body: { binding: { host, ...more } } };
    const activate: Step = { as: 'nova', method: 'PUT', path: `${path}/${host}/activate` };
    const remove: Step = { as: 'nova', method: 'DELETE', path: `${path}/${host}` };
    return fc.constantFrom<Step>(
      add,
      add,
      add,
      activate,
      activate,
      activate,
      remove,
      remove,
      { as: 'nova', method: 'POST', path, body: { binding: more } },
      { as: 'nova', method: 'POST', path, body: { port: { host } } },
      { as: 'nova', method: 'PUT', path: `${path}/${host}`, body: { binding: more } },
      { as: 'nova', method: 'GET', path },
      { as: 'nova', method: 'GET', path: `${path}?status=ACTIVE&fields=host` },
      { as: 'nova', method: 'GET', path: `${path}/${host}` },
    );
  });

const ports: fc.Arbitrary<Step> = fc
  .record({ path: onePort, host: oneHost })
  .chain(({ path, host }) =>
    fc.constantFrom<Step>(
      { as: 'nova', method: 'GET', path },
      { as: 'nova', method: 'GET', path },
      { as: 'nova', method: 'PUT', path, body: { port: { 'binding:host_id': host } } },
      { as: 'nova', method: 'PUT', path, body: { port: { 'binding:host_id': '' } } },
      { as: 'nova', method: 'PUT', path, body: { port: { 'binding:profile': { a: 'c' } } } },
      { as: 'nova', method: 'PUT', path, body: { port: { 'binding:vnic_type': 'direct' } } },
      { as: 'nova', method: 'PUT', path, body: { port: { 'binding:vnic_type': 'normal' } } },
      { as: 'nova', method: 'PUT', path, body: { port: { device_owner: 'network:other' } } },
      { as: 'nova', method: 'DELETE', path },
    ),
  );

export const bindingSequence: fc.Arbitrary<readonly Step[]> = fc
  .array(fc.oneof({ weight: 5, arbitrary: bindings }, { weight: 2, arbitrary: ports }), {
    minLength: 15,
    maxLength: 40,
    size: 'max',
  })
  .map((steps) => [...foundation, ...steps]);
