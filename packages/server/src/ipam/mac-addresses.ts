// MAC addresses of ports: those that requests name, and random ones for the rest. Unique on their network only.

import { blockersOf } from '@neutronium/model/api-error';
import { MacAddressInUse, NetworkMacAddressGenerationFailure } from '@neutronium/model/errors';
import { macFromBigInt, macToBigInt, type Mac } from '@neutronium/net/mac';
import type { Reader } from '../store/store.ts';
import type { RandomBelow } from './choose-addresses.ts';

export interface MacWish {
  readonly network_id: string;
  /** Null or absent for a random one. */
  readonly mac_address?: Mac | null;
}

export interface MacSource {
  /** The operator's range: see randomMac. */
  readonly base: Mac;
  readonly random: RandomBelow;
}

/** How often addresses are drawn anew before the range counts as full. */
const maxDraws = 16;

/**
 * One address for each wish, in order: free on its network now, and guarded by the unique constraint later. Costs one
 * statement, unless a random address happens to be taken. Throws MacAddressInUse for a named one that is.
 */
export async function pickMacs(store: Reader, wishes: readonly MacWish[], source: MacSource): Promise<readonly Mac[]> {
  let picked = wishes.map(({ mac_address }) => mac_address ?? randomMac(source.base, source.random));
  for (let draw = 0; draw < maxDraws; draw += 1) {
    const taken = await takenOn(store, wishes, picked);
    if (taken.size === 0) return picked;
    picked = picked.map((mac, index) => {
      const wish = wishes[index];
      const holder = taken.get(index);
      if (wish === undefined || holder === undefined) return mac;
      if (wish.mac_address === mac) {
        throw new MacAddressInUse({ net_id: wish.network_id, mac, blockers: blockersOf('port', holder) });
      }
      return randomMac(source.base, source.random);
    });
  }
  throw new NetworkMacAddressGenerationFailure({ net_id: wishes[0]?.network_id ?? '' });
}

/** The places in `picked` whose address another port of the network has, with its id, or an earlier place, which has none yet. */
async function takenOn(
  store: Reader,
  wishes: readonly MacWish[],
  picked: readonly Mac[],
): Promise<ReadonlyMap<number, readonly string[]>> {
  const existing = await store.db
    .selectFrom('ports')
    .select(['id', 'network_id', 'mac_address'])
    .where('network_id', 'in', [...new Set(wishes.map(({ network_id }) => network_id))])
    .where('mac_address', 'in', picked)
    .execute();
  const used = new Map<string, readonly string[]>(
    existing.map(({ id, network_id, mac_address }) => [`${network_id} ${mac_address}`, [id]]),
  );
  const taken = new Map<number, readonly string[]>();
  for (const [index, mac] of picked.entries()) {
    const key = `${wishes[index]?.network_id} ${mac}`;
    const holder = used.get(key);
    if (holder === undefined) used.set(key, []);
    else taken.set(index, holder);
  }
  return taken;
}

/**
 * A random address of the operator's range. The first three octets of `base` are fixed, and the fourth too unless it
 * is zero.
 */
export function randomMac(base: Mac, random: RandomBelow): Mac {
  const value = macToBigInt(base);
  const fourthIsFixed = ((value >> 16n) & 0xffn) !== 0n;
  const freeBits = fourthIsFixed ? 16n : 24n;
  return macFromBigInt(((value >> freeBits) << freeBits) | BigInt(random(2 ** Number(freeBits))));
}
