// One object of each resource for each relation to the caller's project, and what a request must say to make another.

import { catalogue } from '@neutronium/model/catalogue';
import { attributesOf, type AnyResource } from '@neutronium/model/resource';
import { admin, alice, bob, service, type Caller, type Requests } from '../api.ts';
import { furnish } from '../fuzzer/furnish.ts';
import { World } from '../fuzzer/world.ts';
import { Seeded } from '../lab/seeded.ts';
import { collectionOf, type Relation } from './measure.ts';

/** Whose objects are shared with the caller's project, as far as objects can be. */
const generous = { project: 'generous-project', roles: bob.roles };

const projects: Readonly<Record<Relation, string>> = {
  own: alice.project,
  foreign: bob.project,
  shared: generous.project,
};

/** Bindings are the compute service's. */
function makerOf({ name }: AnyResource): Caller {
  return name === 'binding' ? service : admin;
}

/** Ranges must not overlap. */
function rangeOf(project: string): { readonly minimum: number; readonly maximum: number } {
  const minimum = 100_000 + 100 * Object.values(projects).indexOf(project);
  return { minimum, maximum: minimum + 99 };
}

export class Owners {
  readonly #api: Requests;
  readonly #world: World;

  private constructor(api: Requests, world: World) {
    this.#api = api;
    this.#world = world;
  }

  static async make(api: Requests): Promise<Owners> {
    const world = new World(new Seeded(1));
    await furnish(api, world, [alice, bob, generous]);
    const owners = new Owners(api, world);
    // The rest is made of what its declaration demands.
    for (const resource of catalogue) {
      await owners.#find(resource);
      for (const relation of ['own', 'foreign', 'shared'] as const) {
        if (owners.pathOf(resource, relation) === undefined) await owners.#make(resource, relation);
      }
    }
    return owners;
  }

  pathOf(resource: AnyResource, relation: Relation): string | undefined {
    const known = this.#world.first(resource.plural, projects[relation]);
    if (known === undefined) return undefined;
    const parentId = resource.parent === undefined ? undefined : known.within?.get(resource.parent.plural);
    return `${collectionOf(resource, parentId)}/${known.id}`;
  }

  collectionOf(resource: AnyResource, relation: Relation): string | undefined {
    if (resource.parent === undefined) return collectionOf(resource, undefined);
    const parent = this.#world.first(resource.parent.plural, projects[relation]);
    return parent === undefined ? undefined : collectionOf(resource, parent.id);
  }

  /** What a request must say to create one, and whose it is to be. */
  minimal(resource: AnyResource, relation: Relation): Readonly<Record<string, unknown>> {
    const project_id = projects[relation];
    const required = attributesOf(resource).filter(
      ([name, { traits }]) => traits.post === 'required' && name !== 'project_id',
    );
    return {
      ...('project_id' in resource.attributes ? { project_id } : {}),
      ...Object.fromEntries(
        required.map(([name, { kind, references }]) => {
          const plural = references ?? (name.endsWith('_id') ? `${name.slice(0, -'_id'.length)}s` : '');
          return [name, this.#world.first(plural, project_id)?.id ?? kind.examples.valid[0]];
        }),
      ),
      ...this.#demanded(resource, project_id),
    };
  }

  /** One that may be taken away: of a holder of its own, which may only have one of the kind. */
  async pathOfAnother(resource: AnyResource, relation: Relation): Promise<string | undefined> {
    const holder = catalogue.find(({ name }) => name === resource.parent?.name);
    const holderId = holder === undefined ? undefined : await this.#create(holder, relation);
    const id = await this.#create(resource, relation, holderId);
    return id === undefined ? undefined : `${collectionOf(resource, holderId)}/${id}`;
  }

  /** What no declaration says that a request must say. */
  #demanded({ name }: AnyResource, project_id: string): Readonly<Record<string, unknown>> {
    switch (name) {
      case 'local_ip':
        return { network_id: this.#world.first('networks', project_id)?.id };
      case 'log':
        return { resource_type: 'security_group' };
      case 'metering_label_rule':
        return { remote_ip_prefix: `10.0.${this.#next() % 256}.0/24` };
      case 'network_segment_range':
        return { name: project_id, network_type: 'vxlan', ...rangeOf(project_id) };
      case 'segment':
        return { network_type: 'vlan', physical_network: 'physnet1' };
      case 'service_profile':
        return { driver: 'driver' };
      case 'conntrack_helper':
        return { protocol: 'udp', port: this.#next(), helper: 'tftp' };
      case 'rbac_policy':
        return { object_id: this.#world.first('networks', project_id)?.id, target_tenant: `target-${this.#next()}` };
      default:
        return {};
    }
  }

  #made = 1000;

  #next(): number {
    this.#made += 1;
    return this.#made;
  }

  async #make(resource: AnyResource, relation: Relation): Promise<void> {
    const { parent, plural } = resource;
    const holder = parent === undefined ? undefined : this.#world.first(parent.plural, projects[relation]);
    const id = await this.#create(resource, relation, holder?.id);
    if (id === undefined) return;
    const within =
      parent === undefined || holder === undefined ? {} : { within: new Map([[parent.plural, holder.id]]) };
    this.#world.add(plural, { id, project: projects[relation], ...within });
  }

  /** The id of a new one, below the holder where it is a part of one; undefined where there can be none. */
  async #create(resource: AnyResource, relation: Relation, holderId?: string): Promise<string | undefined> {
    if (!resource.operations.includes('create') || (resource.parent !== undefined && holderId === undefined))
      return undefined;
    const body = { [resource.name]: this.minimal(resource, relation) };
    const answer = await this.#api.post(collectionOf(resource, holderId), body, makerOf(resource));
    return answer.status === 201 ? answer.body[resource.name][resource.primaryKey] : undefined;
  }

  /** What is there already. What belongs to no project is every project's. */
  async #find(resource: AnyResource): Promise<void> {
    if (resource.parent !== undefined || !resource.operations.includes('list')) return;
    const { status, body } = await this.#api.get(collectionOf(resource, undefined));
    if (status !== 200) return;
    for (const found of body[resource.plural]) {
      const id: unknown = found[resource.primaryKey];
      if (typeof id === 'string') this.#world.add(resource.plural, { id, project: found.project_id });
    }
  }
}
