// What an object shows of itself it is found by, its list is ordered by, and it may be given again, whatever its kind. The
// declarations say which attributes these are, so one that is added is tried here without a word.

import { isDeepStrictEqual } from 'node:util';
import { catalogue } from '@neutronium/model/catalogue';
import type { Attribute } from '@neutronium/model/attribute';
import { attributesOf, collectionPath, type AnyResource } from '@neutronium/model/resource';
import { qosRules } from '@neutronium/model/resources/qos-rules';
import { startApi, type Caller, type TestApi } from '@neutronium/testkit/api';
import { Everything, everythingSettings } from '@neutronium/testkit/everything';
import { withStores } from '@neutronium/testkit/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Shown = Readonly<Record<string, unknown>>;

/** Who may see and do all. */
const everybody: Caller = {
  project: 'alice-project',
  roles: ['admin', 'service', 'manager', 'member', 'reader', 'data_plane_integrator'],
};

const listed = catalogue.filter(({ operations }) => operations.includes('list'));
/** Quotas have no objects of their own, and a profile that a flavor has cannot be changed. */
const apart: ReadonlySet<string> = new Set(['quota', 'service_profile']);
const changed = listed.filter(({ operations, name }) => operations.includes('update') && !apart.has(name));

/** What an update takes only where it differs from what is there, or together with others. */
const notAgain: ReadonlySet<string> = new Set([
  // A port forwarding is for one port or for a range: what it shows of one form excludes the other.
  'port_forwardings.internal_port',
  'port_forwardings.internal_port_range',
  'port_forwardings.external_port',
  'port_forwardings.external_port_range',
]);

/** Rules of QoS policies that have a short path, too. */
const aliased = Object.values(qosRules).filter((rule) => catalogue.some(({ name }) => name === `alias_${rule.name}`));

const created = listed.filter(({ operations }) => operations.includes('create'));

/** What a creation takes only without others that are shown beside it. */
const notTogether: ReadonlySet<string> = new Set([
  // The port is of one network and has one address; what names it says both.
  'local_ips.local_port_id',
  // No flavor is what is not said; one that is said has to be there.
  'routers.flavor_id',
]);

withStores((fixture) => {
  let api: TestApi;
  let everything: Everything;
  beforeAll(async () => {
    const database = await fixture.newDatabase();
    api = await startApi({ database, settings: { ...everythingSettings, 'agents.agent_down_time': '1000000' } });
    everything = await Everything.start(api, await fixture.open(database));
    for (let more = 0; more < 3; more += 1) await everything.more();
  });
  afterAll(async () => api[Symbol.asyncDispose]());

  const pathOf = (resource: AnyResource): string =>
    Object.entries(everything.owners).reduce(
      (text, [name, id]) => text.replace(`{${name}}`, id),
      `/v2.0/${collectionPath(resource)}`,
    );
  async function list(resource: AnyResource, query = ''): Promise<readonly Shown[]> {
    const { status, body } = await api.get(`${pathOf(resource)}${query}`, everybody);
    expect([query, status, body.NeutronError]).toEqual([query, 200, undefined]);
    return body[resource.plural];
  }

  describe.each(listed.map((resource) => [collectionPath(resource), resource] as const))(
    'a list of %s',
    (_, resource) => {
      const searched = attributesOf(resource).filter(([, { filter }]) => filter);
      const sorted = attributesOf(resource).filter(([, { sort }]) => sort);

      it('is searched by each attribute that it can be searched by', async () => {
        await describeOne(resource);
        const all = await list(resource);
        for (const [name, attribute] of searched) {
          const [asked] = all.flatMap((object) => questionsAbout(name, attribute, object[name]));
          if (asked === undefined) continue;
          const found = await list(resource, `?${asked.query}`);
          const matching = all.filter((object) => asked.matches(object[name]));
          // Some objects are found by what they have and show otherwise, as networks of several segments are.
          const shown = attribute.foundIn === undefined ? found : found.filter((object) => object[name] !== undefined);
          expect([name, keysOf(resource, shown)]).toEqual([name, keysOf(resource, matching)]);
        }
      });

      it('is ordered by each attribute that it can be ordered by', async () => {
        for (const [name, { kind }] of sorted) {
          const order = kind.column === 'text' || kind.column === 'timestamp' ? byText : byNumber;
          for (const direction of ['asc', 'desc']) {
            const values = (await list(resource, `?sort_key=${name}&sort_dir=${direction}`)).map((each) => each[name]);
            const present = values.filter((value) => value !== null && value !== undefined);
            const expected = present.toSorted((a, b) => (direction === 'asc' ? order(a, b) : order(b, a)));
            expect([name, present]).toEqual([name, expected]);
          }
        }
      });
    },
  );

  /** Gives one object the texts that nobody has given any: what is empty cannot be searched for. */
  async function describeOne(resource: AnyResource): Promise<void> {
    if (!changed.includes(resource)) return;
    const object = await someObject(resource);
    for (const name of ['name', 'description']) {
      if (object[name] !== '') continue;
      const path = `${pathOf(resource)}/${String(object[resource.primaryKey])}`;
      await api.put(path, { [resource.name]: { [name]: `a ${name}` } }, everybody);
    }
  }

  /** One that the server has not made by itself: such cannot be changed. */
  async function someObject(resource: AnyResource): Promise<Shown> {
    const object = (await list(resource)).find((each) => each['default'] !== true && each['name'] !== 'default');
    if (object === undefined) throw new Error(`there is no ${resource.name}`);
    return object;
  }

  it.each(changed.map((resource) => [collectionPath(resource), resource] as const))(
    'an object of %s may be given again what it shows',
    async (_, resource) => {
      const object = await someObject(resource);
      const path = `${pathOf(resource)}/${String(object[resource.primaryKey])}`;
      for (const [name, { traits, kind }] of attributesOf(resource)) {
        if (!traits.put || !traits.visible || notAgain.has(`${resource.plural}.${name}`)) continue;
        const value = object[name];
        if (!canBeGiven(kind, value)) continue;
        const { body } = await api.put(path, { [resource.name]: { [name]: value } }, everybody);
        expect([name, body.NeutronError]).toEqual([name, undefined]);
        expect([name, body[resource.name][name]]).toEqual([name, value]);
      }
    },
  );

  it.each(aliased.map((rule) => [rule.name, rule] as const))(
    'a %s may be given again by its short path what it shows',
    async (_, rule) => {
      const object = await someObject(rule);
      const alias = `alias_${rule.name}`;
      const given = Object.fromEntries(
        attributesOf(rule).flatMap(([name, { traits }]) =>
          traits.put && traits.visible ? [[name, object[name]]] : [],
        ),
      );
      const { body } = await api.put(`/v2.0/qos/${alias}s/${String(object['id'])}`, { [alias]: given }, everybody);
      expect(body[alias]).toMatchObject(given);
    },
  );

  it.each(created.map((resource) => [collectionPath(resource), resource] as const))(
    'an object of %s that is gone can be made again of what it showed',
    async (_, resource) => {
      const gone = await removed(resource);
      const given = attributesOf(resource).filter(([name, { traits, kind }]) => {
        const may = traits.visible && traits.post !== 'refused' && canBeGiven(kind, gone[name]);
        return may && !notTogether.has(`${resource.plural}.${name}`);
      });
      const body = Object.fromEntries(given.map(([name]) => [name, gone[name]]));
      const { body: answer } = await api.post(pathOf(resource), { [resource.name]: body }, everybody);
      expect(answer.NeutronError).toBeUndefined();
      expect(Object.fromEntries(given.map(([name]) => [name, answer[resource.name][name]]))).toEqual(body);
    },
  );

  /** Removes the first object that can be, and gives back what it showed. */
  async function removed(resource: AnyResource): Promise<Shown> {
    const kept = new Set<unknown>(Object.values(everything.owners));
    for (const object of await list(resource)) {
      const key = object[resource.primaryKey];
      if (object['default'] === true || object['name'] === 'default' || kept.has(key)) continue;
      // Nobody can ask for an address that follows from a MAC address.
      if (JSON.stringify(object['fixed_ips'] ?? []).includes(':f816:3eff:')) continue;
      const { status } = await api.remove(`${pathOf(resource)}/${String(key)}`, everybody);
      if (status === 204) return object;
    }
    throw new Error(`no ${resource.name} can be removed`);
  }
});

/** Where nobody has said anything yet, nobody can say nothing. */
function canBeGiven({ read }: Attribute['kind'], value: unknown): boolean {
  return value !== undefined && (value !== null || read(null).ok);
}

interface Question {
  readonly query: string;
  readonly matches: (value: unknown) => boolean;
}

/** Ways to ask for objects that show this value, or one of its members. */
function questionsAbout(name: string, { kind }: Attribute, value: unknown): readonly Question[] {
  if (value === undefined || value === null || value === '') return [];
  const { filter } = kind;
  switch (filter.by) {
    case 'value':
      return [{ query: asQuery(name, value), matches: (other) => isDeepStrictEqual(other ?? absent(value), value) }];
    case 'member': {
      const [member]: readonly unknown[] = Array.isArray(value) ? value : [];
      if (member === undefined) return [];
      return [{ query: asQuery(name, member), matches: (other) => Array.isArray(other) && other.includes(member) }];
    }
    case 'field': {
      const [first]: readonly unknown[] = Array.isArray(value) ? value : [];
      return Object.entries(filter.fields).flatMap(([asked, { field, match }]) => {
        const part = fieldOf(first, field);
        if (typeof part !== 'string' || match !== 'equal') return [];
        const matches = (other: unknown) => Array.isArray(other) && other.some((each) => fieldOf(each, field) === part);
        return [{ query: asQuery(name, `${asked}=${part}`), matches }];
      });
    }
  }
}

/** What an object that does not show a flag counts as having. */
function absent(value: unknown): unknown {
  return typeof value === 'boolean' ? false : undefined;
}

function fieldOf(member: unknown, field: string): unknown {
  return typeof member === 'object' && member !== null ? Reflect.get(member, field) : undefined;
}

function asQuery(name: string, value: unknown): string {
  return new URLSearchParams({ [name]: String(value) }).toString();
}

function keysOf({ primaryKey }: AnyResource, objects: readonly Shown[]): readonly string[] {
  return objects.map((object) => String(object[primaryKey])).toSorted();
}

/** By code point. */
function byText(a: unknown, b: unknown): number {
  return String(a) < String(b) ? -1 : Number(String(a) > String(b));
}

/** Also of numbers that answers show as text, and false before true. */
function byNumber(a: unknown, b: unknown): number {
  return Number(a) - Number(b);
}
