import type { TranslationPlan } from '@neutronium/dataplane/host-plan';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { describe, expect, it } from 'vitest';
import { parseConnections } from './connection.ts';
import { endings } from './judge.ts';

const plan: TranslationPlan = {
  namespace: 'qrouter-1',
  floatingIps: [{ floating: ip('172.24.4.21'), fixed: ip('10.0.0.18') }],
  forwardings: [
    {
      protocol: 'tcp',
      floating: ip('172.24.4.30'),
      external: { first: 2200, last: 2210 },
      address: ip('10.0.0.20'),
      internal: { first: 22, last: 22 },
    },
  ],
  gateways: [{ address: ip('172.24.4.19'), translates: true }],
  inside: [cidr('10.0.0.0/24')],
};

/** A line of `conntrack -L` (version 1.4.7). */
function line(original: string, reply: string, protocol = 'tcp      6 431999 ESTABLISHED'): string {
  const tuple = (text: string): string => {
    const [source = '', destination = ''] = text.split(' > ');
    const [[src, sport = '40000'], [dst, dport = '40000']] = [source.split(':'), destination.split(':')];
    return `src=${src} dst=${dst} sport=${sport} dport=${dport}`;
  };
  return `${protocol} ${tuple(original)} ${tuple(reply)} [ASSURED] mark=67108864 use=1\n`;
}

const leaving = line('10.0.0.7:5000 > 192.0.2.1:22', '192.0.2.1:22 > 172.24.4.19:61000');
const leavingByFloatingIp = line('10.0.0.18:5000 > 192.0.2.1:22', '192.0.2.1:22 > 172.24.4.21:5000');
const arriving = line('192.0.2.1:5000 > 172.24.4.21:22', '10.0.0.18:22 > 192.0.2.1:5000');
const forwarded = line('192.0.2.1:5000 > 172.24.4.30:2201', '10.0.0.20:22 > 192.0.2.1:5000');
const hairpin = line('10.0.0.7:5000 > 172.24.4.21:22', '10.0.0.18:22 > 172.24.4.19:61001');
const metadata = line('10.0.0.7:5000 > 169.254.169.254:80', '10.0.0.1:9697 > 10.0.0.7:5000');
const everything = [leaving, leavingByFloatingIp, arriving, forwarded, hairpin, metadata];

const ended = (connections: string, by: Partial<TranslationPlan>): readonly string[] =>
  endings(parseConnections(connections), { ...plan, ...by });

describe('translated connections', () => {
  it('go on while what translates them is there', () => {
    expect(ended(everything.join(''), {})).toEqual([]);
  });

  it.each<[string, Partial<TranslationPlan>, readonly string[]]>([
    [
      'floating IP is gone',
      { floatingIps: [] },
      [
        '--orig-src 10.0.0.18 --reply-dst 172.24.4.21',
        '-p tcp --orig-dst 172.24.4.21 --reply-src 10.0.0.18 --orig-port-dst 22',
      ],
    ],
    [
      'floating IP stands for another address',
      { floatingIps: [{ floating: ip('172.24.4.21'), fixed: ip('10.0.0.20') }] },
      [
        '--orig-src 10.0.0.18 --reply-dst 172.24.4.21',
        '-p tcp --orig-dst 172.24.4.21 --reply-src 10.0.0.18 --orig-port-dst 22',
      ],
    ],
    [
      'port forwarding is gone',
      { forwardings: [] },
      ['-p tcp --orig-dst 172.24.4.30 --reply-src 10.0.0.20 --orig-port-dst 2201'],
    ],
    [
      'gateway does not translate any more',
      { gateways: [{ address: ip('172.24.4.19'), translates: false }] },
      ['--orig-src 10.0.0.7 --reply-dst 172.24.4.19'],
    ],
    ['network is no longer behind the router', { inside: [] }, ['--orig-src 10.0.0.7 --reply-dst 172.24.4.19']],
  ])('end when their %s, and no others', (_, by, expected) => {
    expect(ended(everything.join(''), by)).toEqual(expected);
  });

  it('are ended by one condition however many there are of a kind', () => {
    const many = Array.from({ length: 100 }, (_, n) =>
      line(`192.0.2.${n}:5000 > 172.24.4.21:22`, `10.0.0.18:22 > 192.0.2.${n}:5000`),
    );
    expect(ended(many.join(''), { floatingIps: [] })).toHaveLength(1);
  });

  it('of protocols without ports are told apart by their addresses', () => {
    const ping =
      'icmp     1 29 src=192.0.2.1 dst=172.24.4.21 type=8 code=0 id=7 src=10.0.0.18 dst=192.0.2.1 type=0 code=0 id=7 mark=0 use=1\n';
    expect(ended(ping, { floatingIps: [] })).toEqual(['-p icmp --orig-dst 172.24.4.21 --reply-src 10.0.0.18']);
  });
});
