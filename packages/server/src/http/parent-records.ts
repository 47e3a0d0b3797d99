// Finds the records that policy rules look at besides the one at hand: a rule about a port asks who owns its network.

import { HTTPNotFound } from '@neutronium/model/errors';
import type { RequestContext } from '../context.ts';
import type { ParentRecords } from '../policy/enforcer.ts';
import type { ParentRequest, Target } from '../policy/evaluate.ts';
import type { Call, Handlers } from '../resources/handlers.ts';
import type { Reader } from '../store/store.ts';

export function parentRecords(
  handlersByName: ReadonlyMap<string, Handlers>,
  { context, store }: Call<Reader>,
): ParentRecords {
  return {
    async fetch(requests) {
      const found = new Map<ParentRequest, Target>();
      // One round for each resource and each pair of eyes: what is derived can depend on who looks.
      const groups = Map.groupBy(requests, ({ resource, seenBy }) => JSON.stringify([resource, seenBy]));
      for (const group of groups.values()) {
        const [first] = group;
        const handlers = first === undefined ? undefined : handlersByName.get(first.resource);
        if (first === undefined || handlers === undefined) continue;
        const { resource } = handlers;
        const records = await store.getMany(resource, [...new Set(group.map(({ id }) => id))]);
        const derived =
          first.seenBy === null
            ? []
            : await handlers.derive({ context: seenAs(context, first.seenBy), store }, records, sharing);
        const byId = new Map(
          records.map((record, index) => [record[resource.primaryKey], { ...record, ...derived[index] }]),
        );
        for (const request of group) {
          const target = byId.get(request.id);
          if (target !== undefined) found.set(request, target);
        }
      }
      return requests.map((request) => found.get(request));
    },
    notFound: ({ resource, id }) =>
      handlersByName.get(resource)?.notFound(id) ?? new HTTPNotFound({ message: 'The resource could not be found.' }),
  };
}

/** What rules look at that depends on who looks. */
const sharing: ReadonlySet<string> = new Set(['shared', 'router:external']);

function seenAs(context: RequestContext, projectId: string): RequestContext {
  return { ...context, projectId };
}
