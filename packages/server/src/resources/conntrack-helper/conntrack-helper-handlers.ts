// Helpers of a router's connection tracking. Whoever writes holds the router's row, so that none is there twice.

import { randomUUID } from 'node:crypto';
import { BadRequest } from '@neutronium/model/errors';
import {
  ConntrackHelperNotAllowed,
  ConntrackHelperNotFound,
  InvalidProtocolForHelper,
} from '@neutronium/model/routing-errors';
import { pythonRepr } from '@neutronium/model/python-text';
import {
  conntrackHelper,
  type ConntrackHelperCreate,
  type ConntrackHelperRecord,
} from '@neutronium/model/resources/conntrack-helper';
import { router } from '@neutronium/model/resources/router';
import { invariant } from '@neutronium/net/invariant';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call, Handlers } from '../handlers.ts';
import { helperProtocols } from './helper-protocols.ts';

export function conntrackHelperHandlers(): Handlers<typeof conntrackHelper> {
  return {
    resource: conntrackHelper,
    notFound: (id) => new ConntrackHelperNotFound({ id }),
    async create(call, requests) {
      const created: ConntrackHelperRecord[] = [];
      for (const request of requests) created.push(await createOne(call, request));
      return created;
    },
    async update({ store }, current, changes) {
      const draft = { ...current, ...changes };
      requireKnown(draft);
      await requireSingle(store, draft);
      const updated = await store.update(conntrackHelper, current.id, changes);
      await store.touch(router, current.router_id);
      return updated;
    },
    async remove({ store }, { id, router_id }) {
      await store.remove(conntrackHelper, id);
      await store.touch(router, router_id);
    },
    async derive(_call, records) {
      return records.map(() => ({}));
    },
  };
}

async function createOne(
  { store, parent }: Call<Writer>,
  request: ConntrackHelperCreate,
): Promise<ConntrackHelperRecord> {
  invariant(parent !== undefined, 'a conntrack helper is a part of a router');
  const draft = { ...request, id: randomUUID(), router_id: parent.id };
  requireKnown(draft);
  await requireSingle(store, draft);
  const [record] = await store.insert(conntrackHelper, [draft]);
  invariant(record !== undefined, 'one conntrack helper was inserted');
  await store.touch(router, parent.id);
  return record;
}

/** Throws unless the kernel has such a helper for the protocol. */
function requireKnown({ helper, protocol }: ConntrackHelperCreate): void {
  const supported = helperProtocols.get(helper);
  if (supported === undefined) throw new ConntrackHelperNotAllowed({ helper });
  if (supported.includes(protocol)) return;
  throw new InvalidProtocolForHelper({ helper, protocol, supported_protocols: supported.join(', ') });
}

async function requireSingle(
  store: Reader,
  { id, router_id, protocol, port, helper }: ConntrackHelperRecord,
): Promise<void> {
  const same = await store.list(conntrackHelper, {
    where: [
      { op: 'equals', attribute: 'router_id', values: [router_id] },
      { op: 'equals', attribute: 'protocol', values: [protocol] },
      { op: 'equals', attribute: 'port', values: [port] },
      { op: 'equals', attribute: 'helper', values: [helper] },
    ],
  });
  if (same.every((other) => other.id === id)) return;
  throw new BadRequest({
    resource: 'conntrack_helper',
    msg:
      'A duplicate conntrack helper entry with same attributes already exists, conflicting values are ' +
      pythonRepr({ router_id, protocol, port, helper }),
  });
}
