// Asks an API what its own OpenAPI document says can be asked, as different callers, and tells which answers are faults.

import { admin, type ApiAnswer, type Requests } from '../api.ts';
import { Seeded } from '../lab/seeded.ts';
import { DescribedApi, type Operation, type Parameter } from './described-api.ts';
import { furnish } from './furnish.ts';
import { faultOf, markOf } from './judge.ts';
import { madeUp, manners, type Making } from './made-up.ts';
import { callers, projects, World, type NamedCaller } from './world.ts';

export interface Fault {
  readonly what: string;
  readonly by: string;
  readonly request: string;
  readonly body?: unknown;
  readonly answer: unknown;
  readonly status: number;
}

export interface Fuzzed {
  readonly requests: number;
  /** Successes, by the operation's name; an operation that never succeeded is there with 0. */
  readonly successes: ReadonlyMap<string, number>;
  readonly faults: readonly Fault[];
}

export interface FuzzOptions {
  readonly seed: number;
  readonly requests: number;
  /** Operations that are not asked for. */
  readonly except?: readonly string[];
  /** Told of each fault when it is found. */
  readonly tell?: (fault: Fault) => void;
}

interface Request {
  readonly target: string;
  readonly body?: unknown;
  /** Ids that the path names, by the plural of their resources. */
  readonly ids: ReadonlyMap<string, string>;
}

interface Asking {
  readonly making: Making;
  readonly world: World;
  readonly by: NamedCaller;
}

export async function fuzz(
  api: Requests,
  { seed, requests, except = [], tell = () => {} }: FuzzOptions,
): Promise<Fuzzed> {
  const dice = new Seeded(seed);
  const described = new DescribedApi((await api.get('/openapi.json')).body);
  const world = new World(dice);
  const operations = described.operations.filter(({ operationId }) => !except.includes(operationId));
  const byWeight = operations.map((operation) => [weightOf(operation), operation] as const);
  const successes = new Map(operations.map(({ operationId }) => [operationId, 0]));
  const faults: Fault[] = [];
  for (let sent = 0; sent < requests; sent += 1) {
    if (sent % requestsPerFurnishing === 0) await furnish(api, world, projects);
    const operation = dice.weighted(byWeight);
    const by = dice.weighted(callers);
    const making = {
      api: described,
      dice,
      idOf: (plural: string) => world.idOf(plural, by.caller?.project),
      manner: dice.weighted(manners),
    };
    const request = requestFor(operation, { making, world, by });
    const answer = await api.request(operation.method, `/v2.0${request.target}`, {
      as: by.caller,
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    if (answer.status < 300) {
      successes.set(operation.operationId, (successes.get(operation.operationId) ?? 0) + 1);
      learn(world, operation, request, answer);
    }
    const what = await faultOf(api, described, { operation, by }, answer);
    if (what === undefined) continue;
    const { status, body: told } = answer;
    const fault = {
      what,
      by: by.name,
      request: `${operation.method} ${request.target}`,
      body: request.body,
      answer: told,
      status,
    };
    faults.push(fault);
    tell(fault);
  }
  return { requests, successes, faults };
}

/** Much of what is there is taken away by then. */
const requestsPerFurnishing = 500;

/** What makes objects comes more often than what takes them away. */
function weightOf({ method, operationId }: Operation): number {
  if (method === 'DELETE') return 1;
  return operationId.startsWith('create_') ? 4 : 2;
}

function requestFor(operation: Operation, { making, world, by }: Asking): Request {
  const ids = new Map<string, string>();
  const values = new Map<string, string>();
  // The last first: it says what those before it are to be.
  for (const { name, schema } of operation.parameters.filter((each) => each.in === 'path').toReversed()) {
    const references = schema['x-references'] ?? '';
    const made = making.dice.chance(0.9) ? ids.get(references) : undefined;
    // An empty part would make another path of it.
    const value = made ?? (String(madeUp(schema, making)) || 'x');
    values.set(name, value);
    ids.set(references, value);
    for (const [plural, id] of world.holdersOf(references, value)) ids.set(plural, id);
  }
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent((values.get(name) ?? '').toWellFormed()),
  );
  const query = new URLSearchParams(
    operation.parameters.filter((each) => each.in === 'query').flatMap((each) => queryPairs(each, making)),
  );
  const schema = operation.requestBody?.content['application/json'].schema;
  const body = schema === undefined ? undefined : marked(madeUp(schema, making), by);
  return {
    target: query.size === 0 ? path : `${path}?${query.toString()}`,
    ids,
    ...(body === undefined ? {} : { body }),
  };
}

/** A request never waits: how long the server lets it is for others to test. */
const unhurried: Readonly<Record<string, string>> = { timeout: '0', follow: 'false' };

function queryPairs({ name, required = false, schema }: Parameter, making: Making): readonly [string, string][] {
  const fixed = unhurried[name];
  if (fixed !== undefined) return [[name, fixed]];
  if (!required && !making.dice.chance(0.08)) return [];
  const value = madeUp(schema, making);
  return (Array.isArray(value) ? value : [value]).map((each) => [
    name,
    typeof each === 'string' ? each.toWellFormed() : JSON.stringify(each),
  ]);
}

/** The body, in which names and descriptions say whose they are. Administrators write into what belongs to others. */
function marked(body: unknown, { caller }: NamedCaller): unknown {
  if (caller === null || caller === admin || body === undefined) return body;
  return JSON.parse(JSON.stringify(body), (key, value: unknown) =>
    ['name', 'description'].includes(key) && typeof value === 'string' && value.length < 200 && value !== ''
      ? `${markOf(caller.project)}: ${value}`
      : value,
  );
}

/** Remembers what the answer shows, and forgets what has gone. */
function learn(world: World, { method, tags, operationId }: Operation, { ids }: Request, { body }: ApiAnswer): void {
  const [plural = ''] = tags;
  if (method === 'DELETE' && operationId.startsWith('delete_')) {
    const id = ids.get(plural);
    if (id !== undefined) world.remove(plural, id);
    return;
  }
  if (!operationId.startsWith('create_') && !operationId.startsWith('list_')) return;
  // One member holds the objects: {"port": {…}} or {"ports": [{…}]}.
  for (const object of Object.values((body ?? {}) as Readonly<Record<string, unknown>>).flat()) {
    if (typeof object !== 'object' || object === null) continue;
    // Bindings of ports are named by their hosts.
    const id: unknown = 'id' in object ? object.id : 'host' in object ? object.host : undefined;
    if (typeof id !== 'string') continue;
    const project = 'project_id' in object && typeof object.project_id === 'string' ? object.project_id : undefined;
    world.add(plural, { id, project, ...(ids.size === 0 ? {} : { within: ids }) });
  }
}
