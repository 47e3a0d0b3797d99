/** What a parser gives back: its callers collect problems, so a problem is a value and not an exception. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

export function accept<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function refuse(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}

/** The value of a text that the program itself wrote, such as a literal; throws when the text is wrong after all. */
export function trusted<T>(parsed: Parsed<T>): T {
  if (!parsed.ok) throw new TypeError(parsed.reason);
  return parsed.value;
}
