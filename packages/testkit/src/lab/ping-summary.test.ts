import { expect, it } from 'vitest';
import { parsePing } from './ping-summary.ts';

it('reads the longest gap and the losses from what ping prints, leaving out the request that was on its way', () => {
  const output = [
    'PING 10.0.0.5 (10.0.0.5) 56(84) bytes of data.',
    '[100.000] 64 bytes from 10.0.0.5: icmp_seq=1 ttl=64 time=0.1 ms',
    '[100.020] 64 bytes from 10.0.0.5: icmp_seq=2 ttl=64 time=0.1 ms',
    '[100.520] 64 bytes from 10.0.0.5: icmp_seq=27 ttl=64 time=0.1 ms',
    '--- 10.0.0.5 ping statistics ---',
    '28 packets transmitted, 3 received, 89% packet loss, time 520ms',
  ].join('\n');
  const { sent, lost, overtaken, longestGapMs, lastAnswerMs } = parsePing(output);
  expect({ sent, lost, overtaken, gap: Math.round(longestGapMs), lastAnswerMs }).toEqual({
    sent: 28,
    lost: 24,
    overtaken: 24,
    gap: 500,
    lastAnswerMs: 100_520,
  });
});
