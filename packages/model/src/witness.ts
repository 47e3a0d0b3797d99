// What tests make use of: tools/uncovered.ts has to know which attributes, rules and errors are never seen. It sets the
// witness before anything else of a program is loaded (tools/witness.ts); everywhere else there is none, and asking
// whether there is costs nothing.

/** What was seen of a thing: an attribute that a request gave, or that an answer showed, and so on. */
export type Sight = 'created with' | 'changed' | 'shown' | 'searched by' | 'sorted by' | 'rule' | 'error';

/** Told once for each sight, however often. Attributes are named `<plural>.<attribute>`. */
export type Witness = (sight: Sight, name: string) => void;

export const witnessKey: unique symbol = Symbol.for('neutronium.witness');

// Nobody but tools/witness.ts sets it, to a function of this type.
export const witness = Reflect.get(globalThis, witnessKey) as Witness | undefined;
