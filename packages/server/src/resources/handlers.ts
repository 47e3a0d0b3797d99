// What a resource adds to the generic engine in http/: functions that read from top to bottom, each within one
// transaction that the engine opened. The engine has already parsed the body, checked policy and the revision
// constraint; it renders the answer.

import type { ApiError } from '@neutronium/model/api-error';
import type { AnyResource, Create, Stored, Update, View } from '@neutronium/model/resource';
import type { RequestContext } from '../context.ts';
import type { Reader, Writer } from '../store/store.ts';

/** Attributes that a view shows and no column holds, computed for many records at once. */
export type Derived<R extends AnyResource> = Omit<View<R>, keyof Stored<R>> & Partial<View<R>>;

/** The functions of one resource. Those of operations that its declaration does not name are left out. */
export interface Handlers<R extends AnyResource = AnyResource> {
  readonly resource: R;
  /** What is thrown when no record that the caller may see has `id`: each resource has an error of its own. */
  notFound(id: string): ApiError;
  /** Creates all or none, in the order of `requests`, after the quota was reserved. */
  create?(call: Call<Writer>, requests: readonly Create<R>[]): Promise<readonly Stored<R>[]>;
  update?(call: Call<Writer>, current: Stored<R>, changes: Update<R>): Promise<Stored<R>>;
  remove?(call: Call<Writer>, current: Stored<R>): Promise<void>;
  /** One entry per record, in order. `fields` is what the caller asked for; empty means everything. */
  derive(
    call: Call<Reader>,
    records: readonly Stored<R>[],
    fields: ReadonlySet<string>,
  ): Promise<readonly Derived<R>[]>;
  /** By the names of the declaration's actions. */
  readonly actions?: Readonly<Record<string, ActionHandler<R>>>;
}

/** Does what `PUT /v2.0/<plural>/{id}/<action>` asks with its JSON `body`, and gives back the body of the answer. */
export type ActionHandler<R extends AnyResource> = (
  call: Call<Writer>,
  current: Stored<R>,
  body: unknown,
) => Promise<unknown>;

/** One request at work: who asks, and the transaction that it works in. */
export interface Call<Access extends Reader> {
  readonly context: RequestContext;
  readonly store: Access;
}
