import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { describe, expect, it } from 'vitest';
import { dnsAssignment, effectiveDnsName } from './dns-assignment.ts';
import { checkDnsName } from './dns-name.ts';
import { mergeExtraDhcpOpts } from './extra-dhcp-opts.ts';
import { addressPairs, checkPairsGuarded, portSecurity } from './port-security.ts';

const fixed_ips = [
  { subnet_id: 's', ip_address: ip('10.0.0.72') },
  { subnet_id: 's', ip_address: ip('fd00::5') },
];

describe('names of a port', () => {
  it('are made from its addresses when it has none of its own', () => {
    expect(dnsAssignment({ dns_name: '', fixed_ips }, 'openstacklocal')).toEqual([
      { ip_address: '10.0.0.72', hostname: 'host-10-0-0-72', fqdn: 'host-10-0-0-72.openstacklocal.' },
      { ip_address: 'fd00::5', hostname: 'host-fd00--5', fqdn: 'host-fd00--5.openstacklocal.' },
    ]);
  });
  it('are its own name under the domain, once for each address', () => {
    const names = dnsAssignment({ dns_name: 'web', fixed_ips }, 'example.org.');
    expect(names.map(({ hostname, fqdn }) => `${hostname} ${fqdn}`)).toEqual([
      'web web.example.org.',
      'web web.example.org.',
    ]);
  });
  it('stay as they are when they are qualified', () => {
    const names = dnsAssignment({ dns_name: 'web.example.org.', fixed_ips }, 'example.org.');
    expect(names[0]?.fqdn).toBe('web.example.org.');
  });
  it('can be chosen only under a configured domain', () => {
    expect(effectiveDnsName('web', 'example.org.')).toBe('web');
    expect(effectiveDnsName('web', 'openstacklocal')).toBe('');
    expect(effectiveDnsName('web', '')).toBe('');
  });
  it.each(['', 'web', 'web.example.org.', 'a.b.example.org.'])('may be %j', (name) => {
    expect(() => checkDnsName(name, 'example.org')).not.toThrow();
  });
  it.each([
    ['web.example.com.', 'Its higher level labels must be equal to the dns_domain option'],
    ['example.org.', 'one or more valid DNS labels to the left'],
    ['a'.repeat(250), "the resulting length exceeds the maximum size of '255'"],
  ])('may not be %j', (name, reason) => {
    expect(() => checkDnsName(name, 'example.org')).toThrow(reason);
  });
});

describe('mergeExtraDhcpOpts', () => {
  const option = (opt_name: string, opt_value: string, ip_version: 4 | 6 = 4) => ({ opt_name, opt_value, ip_version });
  it('replaces, adds and removes by name and family', () => {
    const current = [option('mtu', '1400'), option('ntp-server', '10.0.0.9'), option('ntp-server', 'fd00::9', 6)];
    const changes = [option('mtu', '1300'), { ...option('ntp-server', '', 6), opt_value: null }, option('x', 'y')];
    expect(mergeExtraDhcpOpts(current, changes)).toEqual([
      option('mtu', '1300'),
      option('ntp-server', '10.0.0.9'),
      option('x', 'y'),
    ]);
  });
  it('keeps nothing blank except where blank means something', () => {
    expect(mergeExtraDhcpOpts([], [option('router', ''), option('mtu', '')])).toEqual([option('router', '')]);
  });
});

describe('port security', () => {
  it('follows the network unless the request says otherwise', () => {
    for (const port_security_enabled of [true, false]) {
      const ofPort = (requested: boolean | undefined) =>
        portSecurity({ device_owner: 'compute:nova', requested }, { port_security_enabled });
      expect([ofPort(undefined), ofPort(true), ofPort(false)]).toEqual([port_security_enabled, true, false]);
    }
  });
  it('is off for ports of the network service', () => {
    expect(portSecurity({ device_owner: 'network:dhcp', requested: true }, { port_security_enabled: true })).toBe(
      false,
    );
  });

  const own = mac('fa:16:3e:00:00:01');
  it("gives a pair without a MAC the port's own", () => {
    expect(addressPairs([{ ip_address: ip('10.0.0.9') }], own, 10)).toEqual([
      { mac_address: own, ip_address: '10.0.0.9' },
    ]);
  });
  it('refuses too many pairs, and two that mean the same', () => {
    const pair = { ip_address: ip('10.0.0.9') };
    expect(() => addressPairs([pair], own, 0)).toThrow('exceeds the maximum 0');
    expect(() => addressPairs([pair, { ...pair, mac_address: own }], own, 10)).toThrow('duplicate address pair');
  });
  it('must be on for pairs', () => {
    const allowed_address_pairs = addressPairs([{ ip_address: ip('10.0.0.9') }], own, 10);
    expect(() => checkPairsGuarded({ port_security_enabled: false, allowed_address_pairs })).toThrow('Port Security');
    expect(() => checkPairsGuarded({ port_security_enabled: true, allowed_address_pairs })).not.toThrow();
  });
});
