// What a fuzzer knows of the objects that are there, and who asks.

import { admin, alice, bob, onlooker, service, type Caller } from '../api.ts';
import type { Seeded } from '../lab/seeded.ts';

export interface NamedCaller {
  readonly name: string;
  /** Absent for one who says nothing about himself. */
  readonly caller: Caller | null;
}

/** Three roles and two projects, and somebody who has neither. */
export const callers: readonly (readonly [weight: number, NamedCaller])[] = [
  [8, { name: 'admin', caller: admin }],
  [8, { name: 'member of A', caller: alice }],
  [8, { name: 'member of B', caller: bob }],
  [2, { name: 'service', caller: service }],
  [2, { name: 'reader of A', caller: onlooker }],
  [2, { name: 'reader of B', caller: { ...onlooker, project: bob.project } }],
  [1, { name: 'nobody', caller: null }],
];

/** Those whose things there are. */
export const projects = [alice, bob] as const;

interface Known {
  readonly id: string;
  readonly project: string | undefined;
  /** Ids of what it is a part of, by their plurals. */
  readonly within?: ReadonlyMap<string, string>;
}

const mostOfAKind = 40;

/** Ids of objects by the plural of their resource. What has gone may still be among them. */
export class World {
  readonly #dice: Seeded;
  readonly #byPlural = new Map<string, Known[]>();

  constructor(dice: Seeded) {
    this.#dice = dice;
    for (const { project } of [admin, alice, bob]) this.add('quotas', { id: project, project });
  }

  add(plural: string, known: Known): void {
    const all = this.#byPlural.get(plural) ?? [];
    this.#byPlural.set(plural, all);
    if (all.some(({ id }) => id === known.id)) return;
    all.push(known);
    if (all.length > mostOfAKind) all.splice(this.#dice.below(mostOfAKind), 1);
  }

  /** The first that the project has, or that no project has. */
  first(plural: string, project: string): Known | undefined {
    return this.#byPlural.get(plural)?.find((known) => known.project === project || known.project === undefined);
  }

  /** What an object is a part of, as far as that is known. */
  holdersOf(plural: string, id: string): ReadonlyMap<string, string> {
    return this.#byPlural.get(plural)?.find((known) => known.id === id)?.within ?? new Map();
  }

  remove(plural: string, id: string): void {
    const all = this.#byPlural.get(plural)?.filter((known) => known.id !== id);
    if (all !== undefined) this.#byPlural.set(plural, all);
  }

  /** Mostly an object of the caller's project, sometimes anybody's or one of another kind, seldom none at all. */
  idOf(plural: string, project: string | undefined): string {
    const all = this.#byPlural.get(plural) ?? [];
    const own = all.filter((known) => known.project === project || known.project === undefined);
    const anything = [...this.#byPlural.values()].flat();
    const from = this.#dice.weighted([
      [12, own.length > 0 ? own : all.length > 0 ? all : anything],
      [6, all],
      [1, anything],
    ]);
    return this.#dice.pick(from)?.id ?? '00000000-0000-4000-8000-000000000001';
  }
}
