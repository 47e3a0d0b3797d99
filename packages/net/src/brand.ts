declare const brand: unique symbol;

/**
 * A primitive that has passed a parser. It is the primitive at run time, so it is JSON, a map key and a column value
 * as it stands; only the parser in the file that defines it makes one.
 */
export type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Puts the brand on a value that the calling parser has checked. For parsers only. */
export function branded<B extends string | number>(value: B extends string ? string : number): B {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the brand exists for the compiler alone.
  return value as unknown as B;
}
