// What a resource adds to the generic engine in http/: functions that read from top to bottom, each within one
// transaction that the engine opened. The engine has already parsed the body, checked policy and the revision
// constraint; it renders the answer.

import type { ApiError } from '@neutronium/model/api-error';
import type { Condition } from '@neutronium/model/read-query';
import type { AnyResource, Create, Stored, Update, View } from '@neutronium/model/resource';
import type { RequestContext } from '../context.ts';
import type { Reader, Writer } from '../store/store.ts';

/**
 * What an object shows besides, or instead of, what its record keeps, computed for many records at once. An attribute
 * that is undefined is not shown: a network has either `segments` or the attributes of a single one.
 */
export type Derived<R extends AnyResource> = Readonly<
  Partial<Record<keyof View<R> | keyof Stored<R> | keyof R['attributes'], unknown>>
>;

/** The functions of one resource. Those of operations that its declaration does not name are left out. */
export interface Handlers<R extends AnyResource = AnyResource> {
  readonly resource: R;
  /**
   * What is thrown when no record that the caller may see has `id`: each resource has an error of its own, and some name
   * in it the object that the path names as the one that `id` is a part of.
   */
  notFound(id: string, parent?: ParentObject): ApiError;
  /**
   * The records that the caller may see, for a resource that no table holds; at least those for which `filters` hold.
   * The engine filters, orders and pages them.
   */
  records?(call: Call<Reader>, filters: readonly Condition[]): Promise<readonly Stored<R>[]>;
  /** What must be there before its objects are listed. */
  readonly beforeList?: BeforeList;
  /** Creates all or none, in the order of `requests`, after the quota was reserved. */
  create?(call: Call<Writer>, requests: readonly Create<R>[]): Promise<readonly Stored<R>[]>;
  update?(call: Call<Writer>, current: Stored<R>, changes: Update<R>): Promise<Stored<R>>;
  remove?(call: Call<Writer>, current: Stored<R>): Promise<void>;
  /** What stands in the way of a removal: objects of the resource that the declaration's `cascade` names. */
  obstacles?(call: Call<Reader>, current: Stored<R>): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Called when an update or a removal of an object is committed: for work that nobody has to wait for. */
  readonly afterChange?: () => void;
  /** One entry per record, in order. `fields` is what the caller asked for; empty means everything. */
  derive(
    call: Call<Reader>,
    records: readonly Stored<R>[],
    fields: ReadonlySet<string>,
  ): Promise<readonly Derived<R>[]>;
  /** Does what one of the declared actions asks. */
  act?(call: Call<Writer>, current: Stored<R>, action: ActionRequest): Promise<ActionResult<R>>;
}

/** Something that a project has once somebody looks. Lists are read, so that only what is due is written. */
export interface BeforeList {
  isDue(call: Call<Reader>, projectId: string): Promise<boolean>;
  make(call: Call<Writer>, projectId: string): Promise<void>;
}

/**
 * The handlers as the engine knows them, which serves all resources alike. It gives each function only what it read
 * with that resource's declaration, which is a promise that the compiler cannot see.
 */
export function offered<R extends AnyResource>(handlers: Handlers<R>): Handlers {
  return handlers as unknown as Handlers;
}

/** `PUT /v2.0/<plural>/{id}/<name>`: something that a member can do besides the standard requests. */
export interface ActionRequest {
  /** As the declaration's `actions` name it. */
  readonly name: string;
  /** The JSON of the request; undefined when it has no body. */
  readonly body: unknown;
}

/**
 * The body of the answer, or the record that it shows: the way a GET does, or without the name of the resource around
 * it.
 */
export type ActionResult<R extends AnyResource = AnyResource> =
  | { readonly kind: 'body'; readonly body: unknown }
  | { readonly kind: 'bare record'; readonly record: Stored<R> }
  | { readonly kind: 'record'; readonly record: Stored<R> };

/** One request at work: who asks, and the transaction that it works in. */
export interface Call<Access extends Reader> {
  readonly context: RequestContext;
  readonly store: Access;
  /** Present in requests for resources that are declared as parts of another. */
  readonly parent?: ParentObject;
}

/** The object that those of a request are parts of. The caller may see it, and a writer holds its row. */
export interface ParentObject {
  readonly id: string;
  readonly project_id: string;
}
