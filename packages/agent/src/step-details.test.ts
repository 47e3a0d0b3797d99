import { mac } from '@neutronium/net/mac';
import { describe, expect, it } from 'vitest';
import {
  dhcpDetails,
  namespaceDetails,
  netfilterDetails,
  portDetails,
  serviceDetails,
  tunnelDetails,
} from './step-details.ts';
import { plannedLink, type NamespaceState } from './targets/namespaces/state.ts';

const link = {
  device: 'qr-1',
  hostDevice: 'qr-1',
  mac: mac('fa:16:3e:00:00:01'),
  mtu: 1450,
  addresses: ['10.0.0.1/24'],
  routes: [],
  neighborProxies: [],
  announce: true,
  sysctls: {},
};

describe('what differs of a host', () => {
  it('is, of a port, its VLAN and what is remembered there, before and after', () => {
    const port = {
      portId: 'p1',
      device: 'tap1',
      tag: 3,
      otherConfig: { net_uuid: 'n1', tag: '3' },
      txSteering: 'hash' as const,
      plug: null,
      behindNetfilter: false,
      deadBecause: null,
    };
    const present = {
      device: 'tap1',
      portId: 'p1',
      own: false,
      numbered: true,
      tag: 4095,
      ifindex: 7,
      connectedIfindex: null,
      otherConfig: { net_uuid: 'n2' },
      externalIds: {},
      txSteering: null,
    };
    expect(portDetails({ kind: 'connect', port }, [present])).toEqual([
      '# port p1',
      '- tag=4095',
      '+ tag=3',
      '- net_uuid=n2',
      '+ net_uuid=n1',
      '+ tag=3',
      '+ tx-steering=hash',
    ]);
    expect(portDetails({ kind: 'unplug', port }, [present])).toEqual([]);
  });

  it('is, of a tunnel, the options that another has given it', () => {
    const tunnel = { bridge: 'br-tun', name: 'vxlan-1', type: 'vxlan' as const, options: { remote_ip: '10.1.1.2' } };
    const present = { bridge: 'br-tun', name: 'vxlan-1', own: true, type: 'vxlan', options: { remote_ip: '10.1.1.9' } };
    expect(tunnelDetails({ kind: 'configure', bridge: 'br-tun', tunnel }, [present])).toEqual([
      '- remote_ip=10.1.1.9',
      '+ remote_ip=10.1.1.2',
    ]);
  });

  it('is, of a namespace, addresses, settings and devices', () => {
    const state: NamespaceState = {
      name: 'ns',
      ours: true,
      links: new Map([['qr-1', { ...plannedLink(link), mtu: 1500 }]]),
      sysctls: new Map([['net.ipv4.ip_forward', '0']]),
      rules: [],
    };
    const states = new Map([['ns', state]]);
    const sysctls = { 'net.ipv4.ip_forward': '1' };
    expect(namespaceDetails({ kind: 'sysctls', namespace: 'ns', values: sysctls }, states)).toEqual([
      '- net.ipv4.ip_forward=0',
      '+ net.ipv4.ip_forward=1',
    ]);
    expect(namespaceDetails({ kind: 'setLink', namespace: 'ns', link }, states)).toEqual([
      '- mtu 1500, and 1450 at the other end, qr-1',
      '+ mtu 1450, and 1450 at the other end, qr-1',
    ]);
    const taken = { addresses: ['10.0.0.9/24'], routes: [], neighborProxies: [], neighbors: [] };
    expect(namespaceDetails({ kind: 'withdraw', namespace: 'ns', link, ...taken }, states)).toEqual(['- 10.0.0.9/24']);
  });

  it('is, of packet filters, each line of what they are told', () => {
    const result = { rules: { 4: new Map(), 6: new Map() }, sets: new Map(), sysctls: new Map() };
    const restore = '*nat\n-D chain 1\n-A chain -j ACCEPT\nCOMMIT\n';
    expect(netfilterDetails({ kind: 'rules', namespace: '', family: 4, restore, result }, new Map())).toEqual([
      '*nat',
      '-D chain 1',
      '-A chain -j ACCEPT',
    ]);
  });

  it('is, of a DHCP server, lines of its files; of other programs, which may hold secrets, names of files alone', () => {
    const daemon = { pid: 1, startTime: '1', argv: [] };
    const files = new Map([['host', 'a\nb\n']] as const);
    const plan = {
      networkId: 'n',
      namespace: 'qdhcp-n',
      device: 'tap',
      directory: '/d',
      files,
      args: [],
      served: [],
      reservations: [],
    };
    const before = { networkId: 'n', files: new Map([['host', 'a\nc\n']]), loaded: null, processes: [], leases: [] };
    expect(dhcpDetails({ kind: 'reload', plan, daemon }, new Map([['n', before]]))).toEqual(['- host: c', '+ host: b']);
    const service = {
      name: 's',
      namespace: 'ns',
      program: 'haproxy' as const,
      directory: '/s',
      onNewFiles: 'reload' as const,
      files: new Map([['conf', 'secret']]),
      args: [],
    };
    expect(serviceDetails({ kind: 'reload', plan: service, daemon }, new Map())).toEqual(['+ file conf']);
  });
});
