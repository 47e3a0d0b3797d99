import { networkRecord, portRecord, subnetRecord } from '@neutronium/testkit/records';
import { ip } from '@neutronium/net/ip';
import { describe, expect, it } from 'vitest';
import { decideStatus, leasesAddress, type PortStatusText, type Provisioning } from './port-status.ts';

const nothing: Provisioning = { reported: undefined, wired: false, waitsForDhcp: false };

describe('the status of a port', () => {
  it.each<[string, PortStatusText, Partial<Provisioning>, PortStatusText]>([
    ['stays as it is while its host says nothing', 'DOWN', {}, 'DOWN'],
    ['is BUILD once its device is seen', 'DOWN', { reported: 'building' }, 'BUILD'],
    ['is ACTIVE once it is wired', 'BUILD', { reported: 'wired', wired: true }, 'ACTIVE'],
    [
      'is BUILD while its address cannot be had',
      'DOWN',
      { reported: 'wired', wired: true, waitsForDhcp: true },
      'BUILD',
    ],
    ['is ACTIVE once its address can be had', 'BUILD', { wired: true }, 'ACTIVE'],
    ['stays ACTIVE when another address is to come', 'ACTIVE', { wired: true, waitsForDhcp: true }, 'ACTIVE'],
    ['stays ACTIVE while an agent that starts looks again', 'ACTIVE', { reported: 'building', wired: true }, 'ACTIVE'],
    ['is DOWN without a device', 'ACTIVE', { reported: 'absent' }, 'DOWN'],
    ['is DOWN where it may not forward anything', 'ACTIVE', { reported: 'dead' }, 'DOWN'],
    ['is DOWN when its flows could not be applied', 'BUILD', { reported: 'failed' }, 'DOWN'],
    ['is nothing that a host decides for a floating IP', 'N/A', { reported: 'wired', wired: true }, 'N/A'],
  ])('%s', (_, before, facts, after) => {
    expect(decideStatus(before, { ...nothing, ...facts })).toBe(after);
  });
});

describe('DHCP', () => {
  const { id: network_id } = networkRecord();
  const leased = subnetRecord({ network_id });
  const slaac = subnetRecord({ network_id, ip_version: 6, ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' });
  const silent = subnetRecord({ network_id, enable_dhcp: false });
  const portOn = (subnet_id: string, device_owner = '') =>
    portRecord({ network_id, device_owner, fixed_ips: [{ subnet_id, ip_address: ip('10.0.0.5') }] });
  const subnets = [leased, slaac, silent];

  it('gives a port its address where the subnet has it', () => {
    expect(leasesAddress(portOn(leased.id), subnets)).toBe(true);
    expect(leasesAddress(portOn(silent.id), subnets)).toBe(false);
  });

  it('is not needed by who forms its address itself, nor by the services of the network', () => {
    expect(leasesAddress(portOn(slaac.id), subnets)).toBe(false);
    expect(leasesAddress(portOn(leased.id, 'network:dhcp'), subnets)).toBe(false);
  });
});
