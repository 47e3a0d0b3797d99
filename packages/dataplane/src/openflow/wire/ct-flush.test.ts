import { ip } from '@neutronium/net/ip';
import { expect, it } from 'vitest';
import { encodeConnectionFlush } from './ct-flush.ts';

/** What ovs-ofctl 3.1 sends for `ct-flush BRIDGE zone=5 ct_nw_src=10.0.0.5`, and so on. */
const sentByOvsOfctl = [
  [
    { zone: 5, address: ip('10.0.0.5'), began: true },
    '05040040000000020000232000000020000000000000000000000020000000000000001400000000000000000000ffff0a000005000000000002000800050000',
  ],
  [
    { zone: 5, address: ip('10.0.0.5'), began: false },
    '05040040000000020000232000000020000000000000000000000020000000000001001400000000000000000000ffff0a000005000000000002000800050000',
  ],
  [
    { zone: 5, address: ip('fd00::5'), began: true },
    '050400400000000200002320000000200000000000000000000000200000000000000014fd000000000000000000000000000005000000000002000800050000',
  ],
] as const;

it.each(sentByOvsOfctl)('asks to forget connections as ovs-ofctl does: %j', (what, bytes) => {
  expect(Buffer.from(encodeConnectionFlush(2, what)).toString('hex')).toBe(bytes);
});
