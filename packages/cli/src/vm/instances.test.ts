import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Subnet } from '../cloud/networking.ts';
import { clientsFor } from './dhcp-clients.ts';
import { renderInstances } from './list.ts';
import { hybridNames, namespaceOf, parseMark, parsePortMark, renderMark, renderPortMark, tapName } from './mark.ts';

describe('the mark of an instance', () => {
  it('is read back as it was written, and fits into an alias', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), fc.boolean(), (uuid, portId, ownsPort) => {
        expect(parseMark(renderMark(uuid))).toBe(uuid);
        const text = renderPortMark({ portId, ownsPort });
        expect(parsePortMark(text)).toEqual({ portId, ownsPort });
        for (const alias of [text, renderMark(uuid)]) expect(alias.length).toBeLessThanOrEqual(255);
      }),
    );
  });

  it('is not seen in what others write', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseMark(text)).toBeNull();
        expect(parsePortMark(text)).toBeNull();
      }),
    );
    expect(parseMark('neutronium')).toBeNull();
  });
});

describe('names', () => {
  it.each(['a', 'web-1', 'x_y.z'])('%s may name an instance', (name) => {
    expect(namespaceOf(name)).toBe(`vm-${name}`);
  });

  it.each(['', '-a', '../a', 'a b', 'a/b', 'x'.repeat(64)])('%j may not', (name) => {
    expect(() => namespaceOf(name)).toThrow('cannot name an instance');
  });

  it('of devices are those that Nova gives', () => {
    expect(tapName('b100f98c-ae01-4b65-aa2d-ff5a39617abc')).toBe('tapb100f98c-ae');
    expect(hybridNames('b100f98c-ae01-4b65-aa2d-ff5a39617abc')).toEqual({
      bridge: 'qbrb100f98c-ae',
      bridgeEnd: 'qvbb100f98c-ae',
      switchEnd: 'qvob100f98c-ae',
    });
  });
});

describe('the DHCP clients of an instance', () => {
  const subnet = (ip_version: 4 | 6, mode: string | null = null, enable_dhcp = true): Subnet => ({
    id: 's',
    cidr: ip_version === 4 ? '10.0.0.0/24' : 'fd00::/64',
    gateway_ip: null,
    dns_nameservers: [],
    host_routes: [],
    ip_version,
    enable_dhcp,
    ipv6_address_mode: mode,
  });

  it.each([
    [[subnet(4)], ['udhcpc']],
    [[subnet(4, null, false)], []],
    [[subnet(6, 'slaac')], []],
    [
      [subnet(4), subnet(6, 'dhcpv6-stateful')],
      ['udhcpc', 'dhclient6'],
    ],
    [[subnet(6, 'dhcpv6-stateless')], ['dhclient6-stateless']],
    [[subnet(6, 'dhcpv6-stateless'), subnet(6, 'dhcpv6-stateful')], ['dhclient6']],
  ])('are those that its subnets serve (%#)', (subnets, clients) => {
    expect(clientsFor(subnets)).toEqual(clients);
  });
});

it('lists instances with the addresses that they have and those that they lack', () => {
  const none = { why: null, mac: '', addresses: [], missing: [] };
  const text = renderInstances([
    {
      name: 'a',
      ports: [
        { ...none, id: 'p1', status: 'ACTIVE', addresses: ['10.0.0.5'], missing: ['10.0.0.6'] },
        { ...none, id: 'p3', status: 'BUILD', addresses: ['10.1.0.5'] },
      ],
    },
    { name: 'b', ports: [{ ...none, id: 'p2', status: 'DOWN', why: 'its rules cannot be told' }] },
    { name: 'c', ports: [] },
  ]);
  const words = ['Name', 'ACTIVE', '10.0.0.5', '10.0.0.6 (not assigned)', 'BUILD', '10.1.0.5', 'without a port'];
  words.push('DOWN: its rules cannot be told');
  for (const word of words) expect(text).toContain(word);
  expect(renderInstances([])).toContain('vm add');
});
