import { readSettings } from '@neutronium/model/settings';
import { serverSettings, type ServerConfig } from '#config/server-settings';
import { range } from '@neutronium/net/range';
import { describe, expect, it } from 'vitest';
import { TypeDrivers } from './type-drivers.ts';
import type { WantedWire } from './type-driver.ts';

function networkSettings(overrides: Readonly<Record<string, string>> = {}): ServerConfig['networks'] {
  const read = readSettings(serverSettings, {
    overrides: {
      'networks.network_vlan_ranges': 'physnet1:100:199,wire',
      'networks.tunnel_id_ranges': '1:1000',
      'networks.vni_ranges': '1:1000',
      ...overrides,
    },
  });
  if (!read.ok) throw new Error(read.problems.join());
  return read.values.networks;
}

const drivers = new TypeDrivers(networkSettings());

const pools = [{ physical_network: 'physnet1', ids: [range(100, 199)] }];

function check(network_type: WantedWire['network_type'], physical: string | null, id: number | null): void {
  drivers.get(network_type).check({ network_type, physical_network: physical, segmentation_id: id }, pools);
}

describe('a wire that cannot be', () => {
  it.each([
    ['local', 'physnet1', null, 'physical_network prohibited for local provider network'],
    ['local', null, 5, 'segmentation_id prohibited for local provider network'],
    ['flat', null, null, 'physical_network required for flat provider network'],
    ['flat', 'physnet1', 5, 'segmentation_id prohibited for flat provider network'],
    ['vlan', null, 101, 'segmentation_id requires physical_network for VLAN provider network'],
    ['vlan', 'elsewhere', 101, "physical_network 'elsewhere' unknown for VLAN provider network"],
    ['vlan', 'physnet1', 0, 'segmentation_id out of range (1 through 4094)'],
    ['vlan', 'physnet1', 4095, 'segmentation_id out of range (1 through 4094)'],
    [
      'vlan',
      'wire',
      null,
      'Physical network wire requires segmentation_id to be specified when creating a provider network',
    ],
    ['vxlan', 'physnet1', null, 'provider:physical_network specified for vxlan network'],
    ['vxlan', null, 16_777_216, 'segmentation_id out of range (1 through 16777215)'],
    ['gre', null, 0, 'segmentation_id out of range (1 through 4294967295)'],
  ] as const)('is refused: %s on %s with id %s', (type, physical, id, reason) => {
    expect(() => check(type, physical, id)).toThrow(`Invalid input for operation: ${reason}.`);
  });
});

describe('a wire that an administrator may ask for', () => {
  it.each([
    ['local', null, null],
    ['flat', 'any', null],
    ['vlan', null, null],
    ['vlan', 'physnet1', null],
    ['vlan', 'physnet1', 4000],
    ['vlan', 'wire', 7],
    ['vxlan', null, 5000],
    ['gre', null, 4_294_967_295],
    ['geneve', null, null],
  ] as const)('is accepted, outside the ranges of tenants too: %s on %s with id %s', (type, physical, id) => {
    expect(() => check(type, physical, id)).not.toThrow();
  });
});

describe('a flat network', () => {
  it('is only possible on the physical networks that the operator lists', () => {
    const listed = new TypeDrivers(networkSettings({ 'networks.flat_networks': 'outside' })).get('flat');
    const on = (physical_network: string): void =>
      listed.check({ network_type: 'flat', physical_network, segmentation_id: null }, []);
    expect(() => on('outside')).not.toThrow();
    expect(() => on('inside')).toThrow("physical_network 'inside' unknown for flat provider network");
  });
});

describe('a network type', () => {
  it('that is not offered is refused by name', () => {
    expect(() => drivers.get('token-ring')).toThrow("network_type value 'token-ring' not supported");
    expect(() => new TypeDrivers(networkSettings({ 'networks.type_drivers': 'local' })).get('vlan')).toThrow('vlan');
  });
});

describe('the largest packet', () => {
  it.each([
    ['local', 1500],
    ['flat', 1500],
    ['vlan', 1500],
    ['vxlan', 1450],
    ['gre', 1458],
    ['geneve', 1450],
  ])('of a %s network leaves room for its headers', (type, mtu) => {
    expect(drivers.mtuOf(type, null)).toBe(mtu);
  });

  it('is smaller in tunnels over IPv6', () => {
    const over6 = new TypeDrivers(networkSettings({ 'networks.overlay_ip_version': '6' }));
    expect(over6.mtuOf('vxlan', null)).toBe(1430);
  });

  it('is that of the physical network where it has one of its own', () => {
    const jumbo = new TypeDrivers(
      networkSettings({
        'networks.global_physnet_mtu': '9000',
        'networks.physical_network_mtus': 'physnet1:4000',
        'networks.path_mtu': '8000',
      }),
    );
    expect([jumbo.mtuOf('vlan', 'physnet1'), jumbo.mtuOf('flat', 'other'), jumbo.mtuOf('vxlan', null)]).toEqual([
      4000, 9000, 7950,
    ]);
  });
});
