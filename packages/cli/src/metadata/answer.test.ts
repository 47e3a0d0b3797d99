import { describe, expect, it } from 'vitest';
import { answerTo } from './answer.ts';
import type { InstanceAddress, InstanceRecord } from './instance-record.ts';

const v4: InstanceAddress = {
  ip_address: '10.0.0.18',
  cidr: '10.0.0.0/24',
  ip_version: 4,
  enable_dhcp: true,
  ipv6_address_mode: null,
  gateway_ip: '10.0.0.1',
  dns_nameservers: ['8.8.8.8'],
  host_routes: [],
};
const record: InstanceRecord = {
  uuid: '0a1b2c3d-0000-4000-8000-000000000001',
  name: 'web',
  project_id: 'the-project',
  keys: [
    { name: 'alice', key: 'ssh-ed25519 AAAA alice' },
    { name: 'bob', key: 'ssh-ed25519 BBBB bob' },
  ],
  user_data: Buffer.from([0, 1, 255]).toString('base64'),
  ports: [
    {
      id: '11111111-1111-4111-8111-111111111111',
      network_id: '22222222-2222-4222-8222-222222222222',
      mac_address: 'fa:16:3e:00:00:12',
      mtu: 1450,
      addresses: [v4],
    },
  ],
};

const body = (path: string, of = record): string => answerTo(of, path).body.toString();
const lines = (path: string): readonly string[] => body(path).split('\n');

describe('metadata', () => {
  it('can be walked from its root to every leaf by what the lists say', () => {
    const leaves: string[] = [];
    const visit = (path: string): void => {
      for (const line of lines(path)) {
        // A list of keys says `0=name` for what is at `0`; versions of OpenStack stand without a slash.
        const name = line.replace(/[=/].*$/, '');
        const answer = answerTo(record, `${path}${name}`);
        expect([`${path}${name}`, answer.status]).toEqual([`${path}${name}`, 200]);
        const isList = line !== name || path === '/' || path === '/openstack/';
        if (isList) visit(`${path}${name}/`);
        else leaves.push(`${path}${name}`);
      }
    };
    visit('/');
    visit('/openstack/');
    expect(leaves).toContain('/2009-04-04/meta-data/public-keys/1/openssh-key');
    expect(leaves).toContain('/openstack/2018-08-27/network_data.json');
  });

  it('has in the form of EC2 what cloud-init asks for', () => {
    expect(lines('/2009-04-04/')).toEqual(['meta-data/', 'user-data']);
    expect(lines('/latest/meta-data/public-keys')).toEqual(['0=alice', '1=bob']);
    expect(body('/2009-04-04/meta-data/public-keys/0/openssh-key')).toBe('ssh-ed25519 AAAA alice');
    expect(body('/latest/meta-data/local-ipv4')).toBe('10.0.0.18');
    expect(body('/latest/meta-data/hostname')).toBe('web');
    expect(body('/latest/meta-data/instance-id')).toBe('i-0a1b2c3d');
    expect(answerTo(record, '/latest/user-data').body).toEqual(Buffer.from([0, 1, 255]));
  });

  it('has in the form of OpenStack this', async () => {
    const documents = ['meta_data.json', 'network_data.json', 'vendor_data.json'].map((name) => {
      const { type, body: text } = answerTo(record, `/openstack/latest/${name}`);
      return `--- ${name} ${type}\n${JSON.stringify(JSON.parse(text.toString()), null, 2)}\n`;
    });
    await expect(documents.join('')).toMatchFileSnapshot('golden/openstack.txt');
  });

  it('says how each address is come by', async () => {
    const addresses: readonly InstanceAddress[] = [
      { ...v4, enable_dhcp: false, host_routes: [{ destination: '192.0.2.0/24', nexthop: '10.0.0.9' }] },
      {
        ...v4,
        ip_address: '2001:db8::5',
        cidr: '2001:db8::/64',
        ip_version: 6,
        ipv6_address_mode: 'slaac',
        gateway_ip: '2001:db8::1',
        dns_nameservers: [],
      },
      {
        ...v4,
        ip_address: '2001:db8:1::5',
        cidr: '2001:db8:1::/64',
        ip_version: 6,
        ipv6_address_mode: null,
        gateway_ip: null,
        dns_nameservers: [],
      },
    ];
    const text = body('/openstack/latest/network_data.json', {
      ...record,
      ports: record.ports.map((port) => ({ ...port, addresses })),
    });
    await expect(`${JSON.stringify(JSON.parse(text), null, 2)}\n`).toMatchFileSnapshot('golden/network-data.json');
  });

  it('tells which networks are on which device of an instance with several', () => {
    const [first] = record.ports;
    const second = {
      id: '33333333-3333-4333-8333-333333333333',
      network_id: '44444444-4444-4444-8444-444444444444',
      mac_address: 'fa:16:3e:00:00:34',
      mtu: 1500,
      addresses: [{ ...v4, ip_address: '10.1.0.5', cidr: '10.1.0.0/24', dns_nameservers: ['8.8.8.8', '9.9.9.9'] }],
    };
    const several = { ...record, ports: first === undefined ? [second] : [first, second] };
    expect(JSON.parse(body('/openstack/latest/network_data.json', several))).toMatchObject({
      links: [
        { id: 'tap11111111-11', mtu: 1450 },
        { id: 'tap33333333-33', mtu: 1500 },
      ],
      networks: [
        { id: 'network0', link: 'tap11111111-11' },
        { id: 'network1', link: 'tap33333333-33', network_id: second.network_id },
      ],
      services: [{ address: '8.8.8.8' }, { address: '9.9.9.9' }],
    });
    expect(body('/latest/meta-data/local-ipv4', several)).toBe('10.0.0.18');
  });

  it('has documents from the version on that brought them', () => {
    expect(lines('/openstack/2012-08-10')).toEqual(['meta_data.json', 'user_data']);
    expect(lines('/openstack/2018-08-27')).toContain('network_data.json');
    expect(answerTo(record, '/openstack/2012-08-10/network_data.json').status).toBe(404);
  });

  it('has no user data and no keys where there are none', () => {
    const bare = { ...record, keys: [], user_data: null };
    for (const path of ['/latest/user-data', '/openstack/latest/user_data', '/latest/meta-data/public-keys']) {
      expect([path, answerTo(bare, path).status]).toEqual([path, 404]);
    }
    expect(JSON.parse(body('/openstack/latest/meta_data.json', bare))).not.toHaveProperty('public_keys');
  });

  it.each(['/nowhere', '/latest/meta-data/hostname/x', '/latest/__proto__', '/openstack/latest/../../latest'])(
    'is not at %s',
    (path) => {
      expect(answerTo(record, path).status).toBe(404);
    },
  );
});
