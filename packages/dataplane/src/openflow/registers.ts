// What a bridge keeps in registers while a packet is on its way. A name is bound to bits of a register once, and two
// names never share a bit.

import { invariant } from '@neutronium/net/invariant';
import type { FieldName, Slice } from './field.ts';
import type { Test } from './match.ts';

export interface RegisterUse {
  readonly field: Extract<FieldName, `reg${number}`>;
  readonly start: number;
  readonly bits: number;
  readonly purpose: string;
}

/** The declared uses by name, each as the slice that load, move and output take. */
export function registers<const Uses extends Readonly<Record<string, RegisterUse>>>(
  uses: Uses,
): { readonly [Name in keyof Uses]: Slice } {
  const all = Object.entries(uses);
  for (const [name, use] of all) {
    invariant(use.start >= 0 && use.start + use.bits <= 32, `${name} does not fit into ${use.field}`);
    for (const [other, taken] of all) {
      const apart = other === name || taken.field !== use.field;
      const disjoint = taken.start + taken.bits <= use.start || use.start + use.bits <= taken.start;
      invariant(apart || disjoint, `${name} and ${other} share bits of ${use.field}`);
    }
  }
  return uses;
}

/** The test that those bits of a register hold `value`, to be spread into the tests of a match. */
export function holds({ field, start, bits }: Slice, value: number): Partial<Record<RegisterUse['field'], Test>> {
  const mask = ((1n << BigInt(bits)) - 1n) << BigInt(start);
  return { [field]: { value: BigInt(value) << BigInt(start), mask } };
}
