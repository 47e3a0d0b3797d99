// Metadata as a tree: a path leads to a leaf, or to a branch, which lists what is below it.

export type Tree = Leaf | Branch;

export interface Leaf {
  readonly kind: 'leaf';
  /** Its media type. */
  readonly type: string;
  readonly body: string | Buffer;
}

export interface Branch {
  readonly kind: 'branch';
  readonly children: ReadonlyMap<string, Tree>;
  /** What stands for it in the list of its parent; its name with a slash when not said. */
  readonly listedAs?: string;
}

export function textLeaf(body: string): Leaf {
  return { kind: 'leaf', type: 'text/plain; charset=utf-8', body };
}

export function jsonLeaf(value: unknown): Leaf {
  return { kind: 'leaf', type: 'application/json', body: JSON.stringify(value) };
}

/** What a user gave, which need not be text. */
export function bytesLeaf(base64: string): Leaf {
  return { kind: 'leaf', type: 'application/octet-stream', body: Buffer.from(base64, 'base64') };
}

export function branch(children: Iterable<readonly [string, Tree]>, listedAs?: string): Branch {
  return { kind: 'branch', children: new Map(children), ...(listedAs !== undefined && { listedAs }) };
}

/** What the words lead to; null when they lead nowhere. */
export function walk(tree: Tree, words: readonly string[]): Tree | null {
  let place = tree;
  for (const word of words) {
    const next = place.kind === 'branch' ? place.children.get(word) : undefined;
    if (next === undefined) return null;
    place = next;
  }
  return place;
}

/** The lines of a branch's list. */
export function list({ children }: Branch): readonly string[] {
  return [...children].map(([name, child]) => (child.kind === 'leaf' ? name : (child.listedAs ?? `${name}/`)));
}
