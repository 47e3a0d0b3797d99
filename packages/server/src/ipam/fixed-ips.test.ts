import { describe, expect, it } from 'vitest';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import type { FixedIp } from '@neutronium/model/host-view';
import { defaultPools } from './allocation-pools.ts';
import {
  addressesOfChangedPort,
  addressesOfNewPort,
  type AddressedPort,
  type AddressNeed,
  type AddressSubnet,
  type KeptAddress,
} from './fixed-ips.ts';

const subnet = (id: string, prefix: string, changes: Partial<AddressSubnet> = {}): AddressSubnet => ({
  id,
  cidr: cidr(prefix),
  ip_version: prefix.includes(':') ? 6 : 4,
  enable_dhcp: true,
  allocation_pools: defaultPools(cidr(prefix), null),
  service_types: [],
  ipv6_ra_mode: null,
  ipv6_address_mode: null,
  segment_id: null,
  ...changes,
});
const slaac = { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' } as const;

const four = subnet('four', '10.0.0.0/24');
const otherFour = subnet('other-four', '10.0.1.0/24');
const six = subnet('six', 'fd00::/64');
const auto = subnet('auto', 'fd01::/64', slaac);

const port = (subnets: readonly AddressSubnet[], device_owner = ''): AddressedPort => ({
  network_id: 'net',
  host: '',
  segments: new Set(),
  device_owner,
  mac_address: mac('fa:16:3e:79:86:39'),
  subnets,
});
const autoAddress = 'fd01::f816:3eff:fe79:8639';

/** `four: any`, `auto=fd01::…`, `kept 10.0.0.5`: a line per need. */
function render(need: AddressNeed | KeptAddress): string {
  switch (need.kind) {
    case 'any':
      return `any of ${need.subnets.map(({ id }) => id).join(' ')}`;
    case 'exactly':
      return `${need.subnet_id}=${need.ip_address}`;
    case 'kept':
      return `kept ${need.ip_address}`;
  }
}
const has = (subnet_id: string, address: string): FixedIp => ({ subnet_id, ip_address: ip(address) });

describe('a new port', () => {
  const needs = (subject: AddressedPort, requested?: Parameters<typeof addressesOfNewPort>[1]): readonly string[] =>
    addressesOfNewPort(subject, requested).map(render);

  it('gets one IPv4, one IPv6 and every automatic address when it asks for nothing', () => {
    expect(needs(port([four, otherFour, six, auto]))).toEqual([
      'any of four other-four',
      'any of six',
      `auto=${autoAddress}`,
    ]);
  });
  it('gets only automatic addresses when it asks for none', () => {
    expect(needs(port([four, auto]), [])).toEqual([`auto=${autoAddress}`]);
    expect(needs(port([four]), [])).toEqual([]);
  });
  it('gets what it asks for, and automatic addresses besides', () => {
    expect(needs(port([four, otherFour, auto]), [{ subnet_id: 'other-four' }, { ip_address: ip('10.0.0.9') }])).toEqual(
      ['any of other-four', 'four=10.0.0.9', `auto=${autoAddress}`],
    );
  });
  it('of a router has automatic subnets only by name, with any address', () => {
    const router = port([four, auto], 'network:router_interface');
    expect(needs(router)).toEqual(['any of four']);
    expect(needs(router, [{ ip_address: ip('fd01::1') }])).toEqual(['auto=fd01::1']);
  });
  it('uses the subnets of its service type first', () => {
    const special = subnet('special', '10.0.2.0/24', { service_types: ['compute:nova'] });
    expect(needs(port([four, special], 'compute:nova'))).toEqual(['any of special four']);
    expect(needs(port([four, special]))).toEqual(['any of four']);
    expect(needs(port([special], 'network:dhcp'))).toEqual(['any of special']);
    expect(() => needs(port([special]))).toThrow('No valid service subnet for the given device owner');
  });
  it.each([
    ['10.0.0.255', 'not a valid IP for any of the subnets'],
    ['10.0.0.0', 'not a valid IP for any of the subnets'],
    ['192.0.2.1', 'not a valid IP for any of the subnets'],
    ['fd01::5', 'configured for automatic addresses'],
  ])('cannot have %s', (address, reason) => {
    expect(() => needs(port([four, auto]), [{ ip_address: ip(address) }])).toThrow(reason);
  });
  it('cannot ask of a network without subnets, or for an address outside the subnet that it names', () => {
    expect(needs(port([]))).toEqual([]);
    expect(() => needs(port([]), [{ ip_address: ip('10.0.0.1') }])).toThrow('IP allocation requires subnets');
    expect(() => needs(port([four]), [{ subnet_id: 'four', ip_address: ip('10.9.0.1') }])).toThrow('specified subnet');
    expect(() => needs(port([four]), [{ subnet_id: 'six' }])).toThrow('could not be found');
  });
});

describe('a changed port', () => {
  const change = (
    subject: AddressedPort,
    original: readonly FixedIp[],
    requested: Parameters<typeof addressesOfChangedPort>[2],
  ) => {
    const { wanted, removed } = addressesOfChangedPort(subject, original, requested);
    return { wanted: wanted.map(render), removed: removed.map(({ ip_address }) => ip_address) };
  };

  it('keeps an address of a subnet that is named alone', () => {
    expect(change(port([four]), [has('four', '10.0.0.5')], [{ subnet_id: 'four' }])).toEqual({
      wanted: ['kept 10.0.0.5'],
      removed: [],
    });
  });
  it('gets another address beside one that is named in full', () => {
    const requested = [{ subnet_id: 'four' }, { ip_address: ip('10.0.0.5') }];
    expect(change(port([four]), [has('four', '10.0.0.5')], requested)).toEqual({
      wanted: ['any of four', 'kept 10.0.0.5'],
      removed: [],
    });
  });
  it('loses what is not named, except automatic addresses', () => {
    expect(change(port([four, auto]), [has('four', '10.0.0.5'), has('auto', autoAddress)], [])).toEqual({
      wanted: [`kept ${autoAddress}`],
      removed: ['10.0.0.5'],
    });
  });
  it('gets the automatic addresses that it should have', () => {
    expect(change(port([four, auto]), [has('four', '10.0.0.5')], [{ ip_address: ip('10.0.0.5') }]).wanted).toEqual([
      'kept 10.0.0.5',
      `auto=${autoAddress}`,
    ]);
  });
  it('changes its automatic address with its MAC', () => {
    const old = has('auto', 'fd01::f816:3eff:fe00:1');
    const expected = { wanted: [`auto=${autoAddress}`], removed: ['fd01::f816:3eff:fe00:1'] };
    expect(change(port([auto]), [old], [])).toEqual(expected);
    expect(change(port([auto]), [old], [old])).toEqual(expected);
  });
  it('stays as it is when it names what it has', () => {
    const original = [has('four', '10.0.0.5'), has('four', '10.0.0.6'), has('auto', autoAddress)];
    const { wanted, removed } = change(port([four, auto]), original, [
      { subnet_id: 'four', ip_address: ip('10.0.0.5') },
      { ip_address: ip('10.0.0.6') },
      { subnet_id: 'auto', ip_address: ip(autoAddress) },
    ]);
    expect(wanted).toEqual(['kept 10.0.0.5', 'kept 10.0.0.6', `kept ${autoAddress}`]);
    expect(removed).toEqual([]);
  });
});
