// A connection as the kernel's connection tracking has it (conntrack(8)): what its first packet bore, and what answers
// bear. They differ where addresses are translated.

export interface Tuple {
  readonly source: string;
  readonly destination: string;
  /** Null for protocols without ports. */
  readonly sourcePort: number | null;
  readonly destinationPort: number | null;
}

export interface Connection {
  readonly protocol: string;
  readonly original: Tuple;
  readonly reply: Tuple;
}

/** Reads what `conntrack -L` prints; lines of another form are passed over. */
export function parseConnections(output: string): readonly Connection[] {
  return output.split('\n').flatMap((line) => {
    const protocol = /^(\S+) /.exec(line)?.[1];
    const [original, reply] = tuplesOf(line);
    return protocol === undefined || original === undefined || reply === undefined
      ? []
      : [{ protocol, original, reply }];
  });
}

/** Both tuples of a line begin with their source. */
function tuplesOf(line: string): readonly Tuple[] {
  return line
    .split(' src=')
    .slice(1)
    .flatMap((text) => {
      const [source, destination] = [/^(\S+)/.exec(text)?.[1], / dst=(\S+)/.exec(text)?.[1]];
      if (source === undefined || destination === undefined) return [];
      return [{ source, destination, sourcePort: port('sport', text), destinationPort: port('dport', text) }];
    });
}

function port(name: 'sport' | 'dport', text: string): number | null {
  const digits = new RegExp(` ${name}=(\\d+)`).exec(text)?.[1];
  return digits === undefined ? null : Number(digits);
}
