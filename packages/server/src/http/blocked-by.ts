// Names what stands in the way of a request that was refused: the objects that the caller could GET, by their names, and
// a number for the rest. The refused transaction is over by then, so what it would have written itself is not named.

import type { BlockedBy, Blocker } from '@neutronium/model/api-error';
import { invariant } from '@neutronium/net/invariant';
import type { RequestContext } from '../context.ts';
import type { Call, Handlers } from '../resources/handlers.ts';
import type { Reader } from '../store/store.ts';
import { allowed, complete, policySession, present, scopeOf, type Engine } from './engine.ts';
import { inTheirPlaces } from './in-their-places.ts';

/** Of each kind; an answer stays small however many ports a security group has. */
const mostNamed = 100;

type Named = BlockedBy['blocked_by'][number];

/** Two statements for each kind of object and, where they are parts, each object that they are parts of. */
export async function blockedBy(
  engine: Engine,
  context: RequestContext,
  blockers: readonly Blocker[],
): Promise<BlockedBy> {
  const kinds = Map.groupBy(blockers, ({ resource }) => resource);
  return engine.store.read(async (store) => {
    const named: Named[] = [];
    let others = 0;
    for (const [name, ofKind] of kinds) {
      const handlers = engine.handlersByName.get(name);
      invariant(handlers !== undefined, `${name} is offered`);
      const where = [{ op: 'equals', attribute: 'id', values: [...new Set(ofKind.map(({ id }) => id))] }] as const;
      const visible = await visibleOnes(engine, handlers, { context, store }, where);
      named.push(...visible);
      others += (await store.count(handlers.resource, where)) - visible.length;
    }
    return { blocked_by: named, blocked_by_others: others };
  });
}

type ById = readonly [{ readonly op: 'equals'; readonly attribute: 'id'; readonly values: readonly string[] }];

async function visibleOnes(
  engine: Engine,
  handlers: Handlers,
  call: Call<Reader>,
  where: ById,
): Promise<readonly Named[]> {
  const { resource } = handlers;
  const records = await call.store.list(resource, {
    ...scopeOf(resource, call),
    where,
    sort: [{ attribute: 'id', direction: 'asc' }],
    limit: mostNamed,
  });
  const named: Named[] = [];
  for (const [place, ofPlace] of await inTheirPlaces(engine, handlers, call, records)) {
    const session = policySession(engine, place);
    const shown = await allowed(handlers, session, await complete(handlers, place, ofPlace));
    const cut = await present(handlers, session, shown, ['id', 'name']);
    named.push(...cut.map(({ id, name = '' }) => ({ resource: resource.name, id: String(id), name: String(name) })));
  }
  return named;
}
