// What a running server lets whom do: for each rule that it has, each role and each relation between the caller's project
// and the object, whether a request that needs the rule is let in. No request does anything: an update or a removal is
// sent with a revision that the object has not, which a server looks at once it has let the caller in.

import { catalogue } from '@neutronium/model/catalogue';
import { rbacObjects, rbacObjectTypes } from '@neutronium/model/rbac-objects';
import { policyName } from '@neutronium/model/policy-rules';
import { attributesOf, collectionPath, type AnyResource } from '@neutronium/model/resource';
import { admin, alice, onlooker, service, type ApiAnswer, type Caller, type Requests } from '../api.ts';
import type { Owners } from './owners.ts';

/** `Y` where the request is let in, `.` where it is refused, `-` where there is no such object or request. */
export type Cell = 'Y' | '.' | '-';

export const roles = { admin, member: alice, reader: onlooker, service } as const;
export const relations = ['own', 'foreign', 'shared'] as const;
export type Relation = (typeof relations)[number];

const otherRevision = { 'if-match': 'revision_number=999999999' };

/** The cells of a rule as text: of each role, whether it may do it to what is its own, foreign, and shared with it. */
export async function measure(api: Requests, owners: Owners, rule: string): Promise<string> {
  const asked = requestOf(rule);
  const rows: string[] = [];
  for (const caller of Object.values(roles)) {
    const cells: Cell[] = [];
    for (const relation of relations) {
      // What is shared is shared with one project, which no service is in.
      const isApart = caller === service && relation === 'shared';
      cells.push(isApart ? '-' : await asked(api, owners, { caller, relation }));
    }
    rows.push(cells.join(''));
  }
  return rows.join(' ');
}

interface Asking {
  readonly caller: Caller;
  readonly relation: Relation;
}

type Asked = (api: Requests, owners: Owners, asking: Asking) => Promise<Cell>;

const nothing: Asked = async () => '-';

function requestOf(rule: string): Asked {
  const [action = '', ...rest] = rule.split(':');
  const part = rest.join(':');
  for (const resource of catalogue) {
    const related = Object.keys(resource.related).find((each) => action === `get_${each}`);
    if (related !== undefined && part === '') return listing(resource, related);
    if (Object.hasOwn(resource.actions, action)) return part === '' ? acting(resource, action) : nothing;
    const verb = ['get', 'create', 'update', 'delete'].find((each) => action === `${each}_${policyName(resource)}`);
    if (verb === undefined) continue;
    if (part === 'tags' && resource.tagged) return tagging(resource, verb);
    const attribute = attributesOf(resource).find(([name]) => part === name || part.startsWith(`${name}:`))?.[0];
    if (part !== '' && attribute === undefined) return nothing;
    if (verb === 'get') return seeing(resource, part);
    if (verb === 'create') return creating(resource, part, attribute);
    if (verb === 'update') return updating(resource, part, attribute);
    return removing(resource);
  }
  return nothing;
}

/** Refused is what a rule refuses, or does not show; everything else that may be wrong comes after it. */
function cellOf({ status }: ApiAnswer): Cell {
  return status === 403 || status === 404 ? '.' : 'Y';
}

/** What is not there may be what a new object refers to, which is looked for after the rules; but for what it is a part of. */
function cellOfCreation({ parent }: AnyResource, { status, body }: ApiAnswer): Cell {
  const namesOther = status === 400 && String(body.NeutronError.message).includes('requires admin');
  return status === 403 || namesOther || (status === 404 && parent !== undefined) ? '.' : 'Y';
}

function seeing(resource: AnyResource, part: string): Asked {
  return async (api, owners, { caller, relation }) => {
    const path = owners.pathOf(resource, relation);
    if (path === undefined) return '-';
    if (part === '' && resource.operations.includes('show')) return cellOf(await api.get(path, caller));
    if (part === '') {
      const { body } = await api.get(owners.collectionOf(resource, relation) ?? '', caller);
      return body[resource.plural].length > 0 ? 'Y' : '.';
    }
    const shows = async (who: Caller): Promise<boolean> => {
      const { status, body } = await api.get(path, who);
      return status === 200 && Object.hasOwn(body[resource.name], part);
    };
    // An attribute that this object has not nobody sees.
    if (!(await shows(admin))) return '-';
    return (await shows(caller)) ? 'Y' : '.';
  };
}

function listing(resource: AnyResource, related: string): Asked {
  return async (api, owners, { caller, relation }) => {
    const path = owners.pathOf(resource, relation);
    return path === undefined ? '-' : cellOf(await api.get(`${path}/${related}`, caller));
  };
}

function removing(resource: AnyResource): Asked {
  return async (api, owners, { caller, relation }) => {
    // What has no revision is really removed.
    const path = isRevised(resource)
      ? owners.pathOf(resource, relation)
      : await owners.pathOfAnother(resource, relation);
    if (path === undefined) return '-';
    return cellOf(await api.request('DELETE', path, { as: caller, headers: otherRevision }));
  };
}

function updating(resource: AnyResource, part: string, attribute: string | undefined): Asked {
  return async (api, owners, { caller, relation }) => {
    const path = owners.pathOf(resource, relation);
    const given = attribute === undefined ? {} : valueWith(resource, attribute, part);
    if (path === undefined || given === undefined || !resource.operations.includes('update')) return '-';
    return cellOf(
      await api.request('PUT', path, { as: caller, headers: otherRevision, body: { [resource.name]: given } }),
    );
  };
}

function acting(resource: AnyResource, action: string): Asked {
  return async (api, owners, { caller, relation }) => {
    const path = owners.pathOf(resource, relation);
    const method = resource.actions[action]?.method ?? 'PUT';
    if (path === undefined || !isRevised(resource)) return '-';
    return cellOf(
      await api.request(method, `${path}/${action}`, {
        as: caller,
        headers: otherRevision,
        ...(method === 'PUT' ? { body: {} } : {}),
      }),
    );
  };
}

function tagging(resource: AnyResource, verb: string): Asked {
  const method = { get: 'GET', create: 'POST', update: 'PUT', delete: 'DELETE' }[verb] ?? 'GET';
  return async (api, owners, { caller, relation }) => {
    const path = owners.pathOf(resource, relation);
    if (path === undefined || !isRevised(resource)) return '-';
    const body = method === 'POST' || method === 'PUT' ? { body: { tags: ['measured'] } } : {};
    return cellOf(await api.request(method, `${path}/tags`, { as: caller, headers: otherRevision, ...body }));
  };
}

/** Nothing is shared before it is there. */
function creating(resource: AnyResource, part: string, attribute: string | undefined): Asked {
  return async (api, owners, { caller, relation }) => {
    if (relation === 'shared' || !resource.operations.includes('create')) return '-';
    const more = attribute === undefined ? {} : valueWith(resource, attribute, part);
    const collection = owners.collectionOf(resource, relation);
    if (more === undefined || collection === undefined) return '-';
    const body = { ...owners.minimal(resource, relation), ...more };
    const answer = await api.request('POST', collection, { as: caller, body: { [resource.name]: body } });
    return cellOfCreation(resource, answer);
  };
}

function isRevised({ attributes }: AnyResource): boolean {
  return 'revision_number' in attributes;
}

/** Attributes of a request that the rule is about: a value that is no default, with the member that the rule names. */
function valueWith(
  resource: AnyResource,
  attribute: string,
  part: string,
): Readonly<Record<string, unknown>> | undefined {
  const declared = resource.attributes[attribute];
  if (declared === undefined || (declared.traits.post === 'refused' && !declared.traits.put)) return undefined;
  const member = part.slice(attribute.length + 1);
  const { kind, default: fallback } = declared;
  const others = kind.examples.valid.filter((each) => JSON.stringify(each) !== JSON.stringify(fallback));
  const values = member === '' ? others : others.flatMap((each) => withMember(each, member));
  const value = values.find((each) => kind.read(each).ok);
  return value === undefined ? undefined : { [attribute]: value };
}

/** An object with the member, alone where that is enough; nothing where there is no such member. */
function withMember(value: unknown, member: string): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((each) => withMember(each, member).map((found) => [found]));
  if (typeof value !== 'object' || value === null || !(member in value)) return [];
  return [{ [member]: Reflect.get(value, member) }, value];
}

/** What the caller's project has had shared with it by `owner`. */
export async function shareAll(api: Requests, owners: Owners): Promise<void> {
  // What stands in an address scope can only be shared with those who see the scope.
  for (const object_type of [...rbacObjectTypes].toSorted()) {
    const resource = catalogue.find(({ plural }) => plural === rbacObjects[object_type].plural);
    const path = resource === undefined ? undefined : owners.pathOf(resource, 'shared');
    const object_id = path?.split('/').at(-1);
    if (object_id === undefined) continue;
    const policy = { object_type, object_id, action: 'access_as_shared', target_tenant: alice.project };
    await api.post('/v2.0/rbac-policies', { rbac_policy: policy });
  }
}

export function collectionOf(resource: AnyResource, parentId: string | undefined): string {
  return `/v2.0/${collectionPath(resource).replace(/\{\w+\}/, parentId ?? '')}`;
}
