// Ranges of ports as port forwardings have them: `80:90`, and `80:80` for one port.

export interface Range {
  readonly first: number;
  readonly last: number;
}

/** The range of a text that the API has read. */
export function parseRange(text: string): Range {
  const [first = NaN, last = first] = text.split(':').map(Number);
  return { first, last };
}

export function renderRange({ first, last }: Range): string {
  return `${first}:${last}`;
}

/** The port of a range of one; null for several. */
export function singlePort(text: string): number | null {
  const { first, last } = parseRange(text);
  return first === last ? first : null;
}

export function overlaps(a: Range, b: Range): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** Whether each port outside has one inside: as many inside as outside, or one for all. */
export function correspond(inside: Range, outside: Range): boolean {
  const [within, without] = [inside, outside].map(({ first, last }) => last - first);
  return within === 0 || within === without;
}
