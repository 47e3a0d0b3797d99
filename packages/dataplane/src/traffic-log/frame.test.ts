import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderFrame, summarize } from './frame.ts';

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
const ethernet = 'fa163e000001 fa163e000002';
/** TCP from 10.0.0.1 port 40000 to 10.0.0.2 port 80. */
const ipv4 = '45000028 00010000 4006 0000 0a000001 0a000002';
const tcp = '9c40 0050 00000000 00000000 5002 0000 0000 0000';

describe('a frame in a log', () => {
  it('tells of its addresses, protocol and ports, behind its tags', () => {
    for (const tags of ['', '8100 0065', '88a8 0064 8100 0065']) {
      const found = summarize(bytes(`${ethernet} ${tags} 0800 ${ipv4} ${tcp}`));
      expect(found).toEqual({
        eth_dst: mac('fa:16:3e:00:00:01'),
        eth_src: mac('fa:16:3e:00:00:02'),
        eth_type: 0x0800,
        ip: {
          family: 4,
          src: ip('10.0.0.1'),
          dst: ip('10.0.0.2'),
          protocol: 6,
          ports: { src: 40_000, dst: 80 },
          icmp: null,
        },
      });
    }
  });

  it('of which the rest is a later fragment has no ports', () => {
    const later = ipv4.replace('00010000', '00010010');
    expect(summarize(bytes(`${ethernet} 0800 ${later} ${tcp}`))?.ip).toMatchObject({ protocol: 6, ports: null });
  });

  it('is said in words', () => {
    const echo = `60000000 0008 3a 40 ${'fd'.padEnd(31, '0')}1 ${'fd'.padEnd(31, '0')}2 8000 0000 0000 0000`;
    const found = summarize(bytes(`${ethernet} 86dd ${echo}`));
    expect(found === null ? '' : renderFrame(found)).toBe(
      'eth_src=fa:16:3e:00:00:02 eth_dst=fa:16:3e:00:00:01 eth_type=0x86dd ' +
        'ip_src=fd00::1 ip_dst=fd00::2 ip_proto=58 icmp_type=128 icmp_code=0',
    );
  });

  it('may be anything, and cut off anywhere', () => {
    const whole = bytes(`${ethernet} 8100 0065 0800 ${ipv4} ${tcp}`);
    for (let length = 0; length <= whole.length; length++) {
      expect(summarize(whole.subarray(0, length)) === null).toBe(length < 14);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (rubbish) => {
        const found = summarize(rubbish);
        if (found !== null) expect(renderFrame(found)).toContain('eth_src=');
      }),
    );
  });
});
