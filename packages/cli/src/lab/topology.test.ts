import { describe, expect, it } from 'vitest';
import { addressOn, parseTopology, plainTopology, problemOf } from './topology.ts';

describe('the topology of a lab', () => {
  it('is read from a file, with what a plain lab has where the file says nothing', () => {
    const file = `
      hosts:
        network1: {physical_networks: [dc, ext]}
        compute1: {physical_networks: [dc]}
        compute2:
      physical_networks:
        dc:
        ext: {outside: [203.0.113.1/24, 2001:db8::1/64]}
      underlay: ipv6
      tunnel_types: [vxlan]
      server:
        agents.dhcp_agents_per_network: 2
      agent: {agent.report_interval: 1}
    `;
    expect(parseTopology(file)).toEqual({
      ok: true,
      value: {
        hosts: [
          { name: 'network1', physicalNetworks: ['dc', 'ext'] },
          { name: 'compute1', physicalNetworks: ['dc'] },
          { name: 'compute2', physicalNetworks: [] },
        ],
        physicalNetworks: [
          { name: 'dc', outside: [] },
          { name: 'ext', outside: ['203.0.113.1/24', '2001:db8::1/64'] },
        ],
        underlay: 'ipv6',
        tunnelTypes: ['vxlan'],
        server: { 'agents.dhcp_agents_per_network': '2' },
        agent: { 'agent.report_interval': '1' },
      },
    });
    const plain = parseTopology('hosts: {a: }');
    expect(plain).toMatchObject({ ok: true, value: { underlay: 'ipv4', tunnelTypes: plainTopology(1).tunnelTypes } });
  });

  it.each([
    ['hosts: {a: {physical_networks: [dc]}}', 'a is on dc, which is not among the physical networks'],
    ['hosts: {controller: }', 'a host cannot be called controller'],
    ['hosts: {a b: }', 'a host cannot be called a b'],
    ['hosts: {a: }\nphysical_networks: {physical1: }', 'a physical network has a name of 1 to 8'],
    ['hosts: {}', 'a lab has 1 to 200 hosts, not 0'],
    ['host: {a: }', 'it has host; known are hosts'],
    ['- a', 'it is not a map'],
    ['{', 'it is not YAML'],
  ])('%j is refused: %s', (file, reason) => {
    const parsed = parseTopology(file);
    expect(parsed.ok ? 'accepted' : parsed.reason).toContain(reason);
  });

  it('of a number of hosts is a good one, and each has addresses of its own', () => {
    for (const hosts of [1, 3, 200]) {
      expect(problemOf(plainTopology(hosts))).toBeUndefined();
      for (const network of ['management', 'ipv4', 'ipv6'] as const) {
        const addresses = Array.from({ length: hosts + 1 }, (_, number) => addressOn(network, number));
        expect(new Set(addresses).size).toBe(hosts + 1);
      }
    }
    expect(problemOf(plainTopology(0))).toContain('not 0');
  });
});
