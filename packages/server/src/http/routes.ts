// Finds what answers a path. Neutron is lenient about spelling: a dash may be an underscore and the other way round, a
// trailing slash and a `.json` suffix change nothing, and a prefix such as `/qos` may be left out. One tree over path
// segments gives all of that without a route for each spelling.

import type { Answerer, Method } from './answer.ts';

/** `path` is relative to /v2.0, a segment in braces stands for any text: `networks/{network_id}/tags/{tag}`. */
export interface Route {
  readonly path: string;
  readonly methods: Readonly<Partial<Record<Method, Answerer>>>;
}

export interface Match {
  /** The route's own path, with its braces. */
  readonly pattern: string;
  readonly params: Readonly<Record<string, string>>;
  readonly methods: Route['methods'];
}

interface Node {
  readonly literals: Map<string, Node>;
  parameter: { readonly name: string; readonly node: Node } | undefined;
  route: Route | undefined;
}

export class Routes {
  readonly #root: Node = emptyNode();

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.#add(route);
  }

  #add(route: Route): void {
    let node = this.#root;
    for (const segment of route.path.split('/')) node = child(node, segment);
    if (node.route !== undefined) throw new Error(`two routes have the path ${route.path}`);
    node.route = route;
  }

  /** What answers `path` (relative to /v2.0, still percent-encoded); undefined when nothing does. */
  find(path: string): Match | undefined {
    const segments = decodedSegments(path);
    if (segments === undefined) return undefined;
    const params: Record<string, string> = {};
    let node = this.#root;
    for (const segment of segments) {
      const literal = node.literals.get(spelling(segment));
      if (literal !== undefined) {
        node = literal;
      } else if (node.parameter !== undefined) {
        params[node.parameter.name] = segment;
        node = node.parameter.node;
      } else {
        return undefined;
      }
    }
    return node.route === undefined ? undefined : { pattern: node.route.path, params, methods: node.route.methods };
  }
}

function emptyNode(): Node {
  return { literals: new Map(), parameter: undefined, route: undefined };
}

function child(node: Node, segment: string): Node {
  const parameter = /^\{(\w+)\}$/.exec(segment)?.[1];
  if (parameter === undefined) {
    const name = spelling(segment);
    const found = node.literals.get(name) ?? emptyNode();
    node.literals.set(name, found);
    return found;
  }
  node.parameter ??= { name: parameter, node: emptyNode() };
  if (node.parameter.name !== parameter) {
    throw new Error(`one place in a path is called both ${node.parameter.name} and ${parameter}`);
  }
  return node.parameter.node;
}

/** The one form in which the spellings of a path segment are compared. */
function spelling(segment: string): string {
  return segment.replaceAll('-', '_');
}

/** Undefined for a path that is not valid percent-encoded UTF-8, or holds U+0000, which no id does. */
function decodedSegments(path: string): readonly string[] | undefined {
  const bare = path
    .replace(/^\//, '')
    .replace(/\/$/, '')
    .replace(/\.json$/, '');
  try {
    const segments = bare.split('/').map((segment) => decodeURIComponent(segment));
    return segments.some((segment) => segment.includes('\0')) ? undefined : segments;
  } catch {
    return undefined;
  }
}
