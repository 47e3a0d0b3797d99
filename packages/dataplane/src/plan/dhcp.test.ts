import { describe, expect, it } from 'vitest';
import { cidr, hostCidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { viewOf, type HostObject } from '@neutronium/model/host-view';
import { dhcpService, id, inventory, network, port, subnet } from '../sample-host.ts';
import { dhcpServices } from './dhcp.ts';

const host = inventory([]);

function services(...objects: readonly HostObject[]): ReturnType<typeof dhcpServices> {
  return dhcpServices(viewOf(1, [network(1), dhcpService(1, 2), ...objects]), host);
}

const at = (subnetDigits: number, address: string) => ({
  subnet_id: id('subnet', subnetDigits),
  ip_address: ip(address),
});
const server = (...fixed_ips: ReturnType<typeof at>[]) => port(2, { device_owner: 'network:dhcp', fixed_ips });
const sixth = subnet(6, {
  network_id: id('network', 1),
  ip_version: 6,
  cidr: cidr('2001:db8::/64'),
  gateway_ip: ip('fe80::1'),
  ipv6_ra_mode: 'slaac',
  ipv6_address_mode: 'slaac',
});

describe('the DHCP namespace of a network', () => {
  it('has the addresses of its port with the lengths of their subnets, and a way out for each family', () => {
    const { namespaces } = services(subnet(1), sixth, server(at(6, '2001:db8::2'), at(1, '10.0.0.2')));
    expect(namespaces).toMatchObject([
      {
        name: `qdhcp-${id('network', 1)}`,
        links: [
          {
            device: 'tapcccc0002-00',
            addresses: ['10.0.0.2/24', '2001:db8::2/64'],
            routes: [
              { destination: 'default', via: '10.0.0.1' },
              { destination: hostCidr(ip('fe80::1')), via: null },
              { destination: 'default', via: 'fe80::1' },
            ],
          },
        ],
      },
    ]);
  });

  it('is there without a server where addresses come from router advertisements', () => {
    const { namespaces, dhcp } = services(sixth, server(at(6, '2001:db8::2')));
    expect(namespaces).toHaveLength(1);
    expect(dhcp).toEqual([]);
  });

  it('has no way out where no subnet has a gateway', () => {
    const { namespaces } = services(subnet(1, { gateway_ip: null }), server(at(1, '10.0.0.2')));
    expect(namespaces[0]?.links[0]?.routes).toEqual([]);
  });

  it('has names of at most 15 characters for its device, which Linux demands', () => {
    const { namespaces } = services(subnet(1), server(at(1, '10.0.0.2')));
    for (const { device } of namespaces.flatMap((each) => each.links)) expect(device.length).toBeLessThan(16);
  });

  it('is not planned before its port is known, nor where the port is bound to another host', () => {
    expect(services(subnet(1))).toEqual({ namespaces: [], dhcp: [], services: [] });
    const elsewhere = port(2, { device_owner: 'network:dhcp', host: 'beta' });
    expect(services(subnet(1), elsewhere)).toEqual({ namespaces: [], dhcp: [], services: [] });
  });

  it('serves the ports of its own network only', () => {
    const foreign = port(21, { network_id: id('network', 2) });
    const { dhcp } = services(network(2), subnet(1), server(at(1, '10.0.0.2')), port(11), foreign);
    expect(dhcp[0]?.reservations.map((each) => each.portId)).toEqual([id('port', 11)]);
  });
});
