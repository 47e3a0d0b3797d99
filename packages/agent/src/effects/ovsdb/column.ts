// Kinds of OVSDB columns: how a value of each is written in JSON (RFC 7047 section 5.1) and what it is in TypeScript.
// OVSDB has atoms, sets and maps; a set of exactly one element may be written as the element alone, and an optional
// value is a set of none or one.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface Column<T> {
  readonly kind: 'atom' | 'optional' | 'set' | 'map';
  decode(this: void, wire: Json): T;
  encode(this: void, value: T): Json;
}

type Atom<T> = Column<T> & { readonly kind: 'atom' };

export const text: Atom<string> = {
  kind: 'atom',
  decode(wire) {
    if (typeof wire !== 'string') throw malformed(wire, 'a string');
    return wire;
  },
  encode: (value) => value,
};

export const integer: Atom<number> = {
  kind: 'atom',
  decode(wire) {
    if (typeof wire !== 'number') throw malformed(wire, 'a number');
    return wire;
  },
  encode: (value) => value,
};

/** A row of another table: its UUID, or the name that an insertion of the same transaction gives it (`newRow`). */
export const reference: Atom<string> = {
  kind: 'atom',
  decode(wire) {
    const [tag, uuid] = pair(wire);
    if (tag !== 'uuid') throw malformed(wire, 'a UUID');
    return text.decode(uuid);
  },
  encode: (value) =>
    value.startsWith(newRowPrefix) ? ['named-uuid', value.slice(newRowPrefix.length)] : ['uuid', value],
};

const newRowPrefix = 'new:';

/** A reference to the row that `insert(table, row, reference)` of the same transaction makes. */
export function newRow(name: string): string {
  // RFC 7047 section 3.1: the name is an <id>, letters, digits and underscores.
  return `${newRowPrefix}${name.replaceAll(/\W/g, '_')}`;
}

/** The word by which the server knows a new row within its transaction. */
export function newRowName(reference: string): string {
  return reference.slice(newRowPrefix.length);
}

export function optional<T>(atom: Atom<T>): Column<T | null> {
  return {
    kind: 'optional',
    decode: (wire) => elements(wire).map((element) => atom.decode(element))[0] ?? null,
    encode: (value) => ['set', value === null ? [] : [atom.encode(value)]],
  };
}

/** Decoded in the order of the values, because OVSDB keeps none. */
export function setOf<T extends string | number>(atom: Atom<T>): Column<readonly T[]> {
  return {
    kind: 'set',
    decode: (wire) =>
      elements(wire)
        .map((element) => atom.decode(element))
        .toSorted((a, b) => (a < b ? -1 : 1)),
    encode: (values) => ['set', values.map((value) => atom.encode(value))],
  };
}

/** A map of strings to strings, decoded in the order of its keys. */
export const textMap: Column<Readonly<Record<string, string>>> = {
  kind: 'map',
  decode(wire) {
    const [tag, pairs] = pair(wire);
    if (tag !== 'map' || !isArray(pairs)) throw malformed(wire, 'a map');
    const entries = pairs.map(pair).map(([key, value]) => [text.decode(key), text.decode(value)] as const);
    return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  },
  encode: (value) => ['map', Object.entries(value)],
};

function elements(wire: Json): readonly Json[] {
  if (!isArray(wire) || wire[0] !== 'set') return [wire];
  const [, members] = wire;
  if (!isArray(members)) throw malformed(wire, 'a set');
  return members;
}

function pair(wire: Json | undefined): readonly [Json, Json] {
  const [first, second] = isArray(wire) ? wire : [];
  if (first === undefined || second === undefined) throw malformed(wire, 'a pair');
  return [first, second];
}

function isArray(wire: Json | undefined): wire is readonly Json[] {
  return Array.isArray(wire);
}

function malformed(wire: Json | undefined, what: string): Error {
  return new Error(`reading an OVSDB value: ${JSON.stringify(wire)} is not ${what}`);
}
