// Counts that JSON can say and a JavaScript number cannot: an IPv6 subnet has 2^64 addresses.

declare global {
  interface JSON {
    /** Stringified as `text`, unquoted (ECMA-262: JSON.parse source text access). */
    rawJSON(text: string): object;
  }
}

/** `count` as an answer holds it: rendered digit by digit, however large it is. */
export function jsonNumber(count: bigint): number | object {
  return count <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(count) : JSON.rawJSON(String(count));
}
