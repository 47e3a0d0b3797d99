import type { DhcpPlan } from '@neutronium/dataplane/host-plan';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { describe, expect, it } from 'vitest';
import { initialLeases, parseLeases, releaseCommand, staleLeases } from './leases.ts';

const reservation = (address: string, device: string): DhcpPlan['reservations'][number] => ({
  ip: ip(address),
  mac: mac(device),
  portId: device,
});

const served = [cidr('10.0.0.0/24'), cidr('fd00::/64')];

const file = `1767225600 fa:16:3e:00:00:0a 10.0.0.10 host-10-0-0-10 01:fa:16:3e:00:00:0a
1767225600 fa:16:3e:00:00:0b 10.0.0.11 * *
duid 00:01:00:01:30:5e:0a:00:fa:16:3e:00:00:02
1767225600 1041 fd00::10 host-fd00--10 00:03:00:01:fa:16:3e:00:00:0a
1767225600 T77 fd00::11 * 00:02:00:00:ab:11:01:02
176722`;

describe('the lease file', () => {
  it('is read in both of its parts', () => {
    expect(parseLeases(file).map(({ version, ip }) => `${version} ${ip}`)).toEqual([
      '4 10.0.0.10',
      '4 10.0.0.11',
      '6 fd00::10',
      '6 fd00::11',
    ]);
  });

  it('holds nothing stale while every lease is that of the device for which its address is reserved', () => {
    const reservations = [
      reservation('10.0.0.10', 'fa:16:3e:00:00:0a'),
      reservation('10.0.0.11', 'fa:16:3e:00:00:0b'),
      reservation('fd00::10', 'fa:16:3e:00:00:0a'),
      reservation('fd00::11', 'fa:16:3e:00:00:0b'),
    ];
    expect(staleLeases(parseLeases(file), { reservations, served })).toEqual([]);
  });

  it('holds nothing that could be given up in subnets that are not served', () => {
    const onlyIpv6 = { reservations: [], served: [cidr('fd00::/64')] };
    expect(staleLeases(parseLeases(file), onlyIpv6).map(({ ip }) => ip)).toEqual(['fd00::10', 'fd00::11']);
    expect(staleLeases(parseLeases(file), { reservations: [], served: [] })).toEqual([]);
  });

  it('gives up addresses that nobody or another device has reserved, as their clients would', () => {
    const reservations = [reservation('10.0.0.10', 'fa:16:3e:00:00:0c'), reservation('fd00::10', 'fa:16:3e:00:00:0c')];
    const commands = staleLeases(parseLeases(file), { reservations, served }).map((lease) =>
      releaseCommand('tap1', lease).join(' '),
    );
    expect(commands).toEqual([
      'dhcp_release tap1 10.0.0.10 fa:16:3e:00:00:0a 01:fa:16:3e:00:00:0a',
      'dhcp_release tap1 10.0.0.11 fa:16:3e:00:00:0b',
      'dhcp_release6 --iface tap1 --client-id 00:03:00:01:fa:16:3e:00:00:0a --server-id ' +
        '00:01:00:01:30:5e:0a:00:fa:16:3e:00:00:02 --iaid 1041 --ip fd00::10',
      'dhcp_release6 --iface tap1 --client-id 00:02:00:00:ab:11:01:02 --server-id ' +
        '00:01:00:01:30:5e:0a:00:fa:16:3e:00:00:02 --iaid 77 --ip fd00::11',
    ]);
  });

  it('begins with a lease for every IPv4 reservation, which is not stale', () => {
    const plan = {
      args: ['--dhcp-range=set:subnet-1,10.0.0.0,static,255.255.255.0,3600s'],
      reservations: [reservation('10.0.0.10', 'fa:16:3e:00:00:0a'), reservation('fd00::10', 'fa:16:3e:00:00:0a')],
    };
    const text = initialLeases(plan, new Date('2026-01-01T00:00:00Z'));
    expect(text).toBe('1767229200 fa:16:3e:00:00:0a 10.0.0.10 * *\n');
    expect(staleLeases(parseLeases(text), { ...plan, served })).toEqual([]);
  });

  it('begins with leases without end where the plan has leases without end', () => {
    const plan = {
      args: ['--dhcp-range=set:subnet-1,10.0.0.0,static,255.255.255.0,infinite'],
      reservations: [reservation('10.0.0.10', 'fa:16:3e:00:00:0a')],
    };
    expect(initialLeases(plan, new Date())).toBe('0 fa:16:3e:00:00:0a 10.0.0.10 * *\n');
  });
});
