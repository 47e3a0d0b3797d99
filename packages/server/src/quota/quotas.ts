// How much each project may have. A limit is the configured one unless an administrator set another for the project;
// what counts is what the database holds when the request runs, in the request's own transaction, with other creators
// of the same kind for the same project kept waiting until it ends.

import type { ServerConfig } from '#config/server-settings';
import { OverQuota } from '@neutronium/model/errors';
import type { AnyResource } from '@neutronium/model/resource';
import type { Call } from '../resources/handlers.ts';
import type { Reader, Writer } from '../store/store.ts';

/** By the resource's name; -1 is no limit. */
export type Limits = Readonly<Record<string, number>>;

export class Quotas {
  /** The configured limits, of every kind that a quota can speak of. */
  readonly defaults: Limits;
  /** Whether a new limit has to be enough for what is in use when the request does not say. */
  readonly checksByDefault: boolean;
  readonly #counted: ReadonlyMap<string, AnyResource>;

  /** Of `resources`, those that belong to projects are counted. */
  constructor(settings: ServerConfig['quotas'], resources: readonly AnyResource[]) {
    const { default_quota, check_limit_default, ...named } = settings;
    this.checksByDefault = check_limit_default;
    const owned = resources.filter(({ attributes }) => attributes['project_id']?.traits.stored === true);
    const counted = owned.filter(
      (resource) => resource.operations.includes('create') && !Object.hasOwn(resource.attributes, 'check_limit'),
    );
    this.#counted = new Map(counted.map((resource) => [resource.name, resource]));
    this.defaults = { ...Object.fromEntries(counted.map(({ name }) => [name, default_quota])), ...named };
  }

  /** The limits that hold for a project. */
  async limits(store: Reader, projectId: string): Promise<Limits> {
    const own = await store.db
      .selectFrom('quota_limits')
      .select(['resource', 'limit'])
      .where('project_id', '=', projectId)
      .execute();
    return { ...this.defaults, ...Object.fromEntries(own.map((row) => [row.resource, row.limit])) };
  }

  /** How many objects of one kind a project has. */
  async used(store: Reader, name: string, projectId: string): Promise<number> {
    const resource = this.#counted.get(name);
    if (resource === undefined) return 0;
    return store.count(resource, [{ op: 'equals', attribute: 'project_id', values: [projectId] }]);
  }

  /** Throws OverQuota when a project would have too many once `items` are created. */
  async reserve(
    { store }: Call<Writer>,
    resource: AnyResource,
    items: readonly Readonly<Record<string, unknown>>[],
  ): Promise<void> {
    if (!this.#counted.has(resource.name)) return;
    for (const [projectId, owned] of Map.groupBy(items, (item) => item['project_id'])) {
      // What belongs to no project counts for nobody.
      if (typeof projectId !== 'string' || projectId === '') continue;
      const limit = await this.#limit(store, resource.name, projectId);
      if (limit < 0) continue;
      await store.lock(`quota/${projectId}/${resource.name}`);
      const used = await this.used(store, resource.name, projectId);
      if (used + owned.length > limit) throw new OverQuota({ overs: [resource.name] });
    }
  }

  async #limit(store: Reader, name: string, projectId: string): Promise<number> {
    const own = await store.db
      .selectFrom('quota_limits')
      .select('limit')
      .where('project_id', '=', projectId)
      .where('resource', '=', name)
      .executeTakeFirst();
    return own?.limit ?? this.defaults[name] ?? -1;
  }
}
