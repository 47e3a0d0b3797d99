import { mac } from '@neutronium/net/mac';
import { topologyOf } from '@neutronium/testkit/mirror';
import { agentRecord, networkRecord, portRecord, routerRecord } from '@neutronium/testkit/records';
import { describe, expect, it } from 'vitest';
import type { RouterPortRow } from './routers.ts';
import type { LoggedObject } from './topology.ts';

const hosts = ['h1', 'h2', 'h3'];

function port(
  id: string,
  network_id: string,
  host: string,
  device_owner = 'compute:nova',
): ReturnType<typeof portRecord> {
  return portRecord({
    id,
    device_owner,
    network_id,
    mac_address: mac('fa:16:3e:00:00:01'),
    'binding:host_id': host,
    'binding:vif_type': host === '' ? 'unbound' : 'ovs',
  });
}

function routerPort(port_id: string, role: RouterPortRow['role'], position = 0): LoggedObject['after'] {
  return { router_id: 'r1', port_id, role, position, enable_snat: role === 'gateway' ? true : null };
}

describe('a distributed router whose centre several hosts share', () => {
  const entry = (kind: string, id: string, after: LoggedObject['after']) => ({ kind, id, before: null, after });
  const gateway = (host: string) => entry('port', 'p7', port('p7', 'n1', host, 'network:router_gateway'));
  const agent = (id: string, host: string, agent_mode: string) =>
    entry('agent', id, agentRecord({ id, agent_type: 'L3 agent', host, configurations: { agent_mode } }));
  const topology = () =>
    topologyOf([
      ...['n1', 'n2', 'n3'].map((id) => entry('network', id, networkRecord({ id }))),
      entry('router', 'r1', routerRecord({ id: 'r1', distributed: true, ha: true })),
      entry('virtual_router', 'r1', { router_id: 'r1', network_id: 'n2', vr_id: 7 }),
      agent('a1', 'h1', 'dvr_snat'),
      agent('a2', 'h2', 'dvr_snat'),
      agent('a3', 'h3', 'dvr'),
      // p1 and p4 are on the network of the hosts, n2; the router leads from n3 to n1; h3 has the instance p5 on n3.
      ...[
        port('p1', 'n2', 'h1'),
        port('p4', 'n2', 'h2'),
        port('p2', 'n3', ''),
        port('p8', 'n3', ''),
        port('p5', 'n3', 'h3'),
      ].map((record) => entry('port', record.id, record)),
      gateway(''),
      entry('router_port', 'p1', routerPort('p1', 'ha')),
      entry('router_port', 'p4', routerPort('p4', 'ha', 1)),
      entry('router_port', 'p2', routerPort('p2', 'interface')),
      entry('router_port', 'p8', routerPort('p8', 'snat')),
      entry('router_port', 'p7', routerPort('p7', 'gateway')),
    ]);

  it('is told to each of them with its own share, and to a host that only carries it with none', () => {
    const seen = hosts.map((host) => topology().object(host, { section: 'routers', id: 'r1' }));
    expect(seen[0]).toMatchObject({
      ha: { port_id: 'p1', priority: 240 },
      interface_ports: ['p2'],
      snat_ports: ['p8'],
    });
    expect(seen[1]).toMatchObject({ ha: { port_id: 'p4', priority: 230 }, interface_ports: ['p2'] });
    expect(seen[2]).toMatchObject({ ha: null, interface_ports: ['p2'], snat_ports: ['p8'] });
  });

  it('has its centre on the hosts that share it, and its interfaces on all that carry it', () => {
    const hostsSeen = (id: string) => hosts.map((host) => topology().object(host, { section: 'ports', id }));
    for (const id of ['p7', 'p8']) {
      const centre = hostsSeen(id).map((each) => (each?.section === 'ports' ? each.host : undefined));
      expect(centre.slice(0, 2)).toEqual(['h1', 'h2']);
      expect(['', undefined]).toContain(centre[2]);
    }
    expect(hostsSeen('p2')).toMatchObject([{ host: 'h1' }, { host: 'h2' }, { host: 'h3' }]);
  });

  it('troubles no host when another becomes active', () => {
    const changing = topology();
    for (const host of ['h1', 'h2', '']) expect([...changing.apply(gateway(host)).hosts]).toEqual([]);
  });
});
