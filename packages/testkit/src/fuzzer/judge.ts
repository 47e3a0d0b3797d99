// What an answer must never be, whatever was asked: an error of ours, a body that the document does not describe,
// a success for somebody who may not, something of another project.

import { admin, service, type ApiAnswer, type Caller, type Requests } from '../api.ts';
import type { DescribedApi, Operation } from './described-api.ts';
import type { NamedCaller } from './world.ts';

type Json = Readonly<Record<string, unknown>>;

/** Begins the names and descriptions that a project gives its objects: whoever sees one has seen something of the project. */
export function markOf(project: string): string {
  return `said by ${project}`;
}

export interface Asked {
  readonly operation: Operation;
  readonly by: NamedCaller;
}

/** What is wrong with the answer; undefined when nothing is. */
export async function faultOf(
  api: Requests,
  described: DescribedApi,
  { operation, by }: Asked,
  { status, body }: ApiAnswer,
): Promise<string | undefined> {
  if (status >= 500 && status !== 501 && status !== 503) return `an error of ours: ${status}`;
  const misdescribed = described.faultOf(operation, status, body);
  if (misdescribed !== undefined) return misdescribed;
  const { caller } = by;
  if (caller === null) return status < 400 ? 'nobody has got something' : undefined;
  if (isReader(caller) && operation.method !== 'GET' && status < 400) return 'a reader has changed something';
  return caller === admin || caller === service ? undefined : foreign({ api, described, caller }, operation, body);
}

function isReader({ roles }: Caller): boolean {
  return roles.includes('reader') && !roles.includes('member');
}

interface Judging {
  readonly api: Requests;
  readonly described: DescribedApi;
  readonly caller: Caller;
}

/** What of another project the body tells, that nobody has shared with the caller. */
async function foreign(
  { api, described, caller }: Judging,
  operation: Operation,
  body: unknown,
): Promise<string | undefined> {
  const others = objectsIn(body).filter(
    ({ project_id }) => typeof project_id === 'string' && project_id !== caller.project,
  );
  for (const other of others) {
    if (!(await isShared(api, caller, other)))
      return `something of ${String(other['project_id'])}: ${JSON.stringify(other)}`;
  }
  const blockers = objectsIn(body).filter((object) => 'resource' in object && operation.method !== 'GET');
  for (const blocker of blockers) {
    if (!(await isShown({ api, described, caller }, blocker)))
      return `what the caller does not see: ${JSON.stringify(blocker)}`;
  }
  // What others have written, elsewhere than in objects that say whose they are.
  for (const said of textsIn([...others, ...blockers].reduce<unknown>(without, body))) {
    if (!/said by (?!PROJECT)/.test(said.replaceAll(caller.project, 'PROJECT'))) continue;
    if (!(await isSaidOfShared(api, caller, operation, said))) return `something that another has said: ${said}`;
  }
  return undefined;
}

/** Whether the caller is shown what stands in the way. */
async function isShown({ api, described, caller }: Judging, { resource, id }: Json): Promise<boolean> {
  const show = described.operations.find(({ operationId }) => operationId === `show_${String(resource)}`);
  // What is a part of something is named by that as well, which a blocker does not say.
  if (show === undefined || show.path.split('{').length > 2) return true;
  const { status } = await api.get(`/v2.0${show.path.replace(/\{\w+\}/, String(id))}`, caller);
  return status === 200;
}

/** Whether an object that the operation is about, and that the caller may see, has the name or the description. */
async function isSaidOfShared(api: Requests, caller: Caller, { path }: Operation, said: string): Promise<boolean> {
  const collection = path.split('/{')[0] ?? '';
  for (const attribute of ['name', 'description']) {
    const { body } = await api.get(`/v2.0${collection}?${attribute}=${encodeURIComponent(said)}`);
    for (const found of objectsIn(body).filter((object) => object[attribute] === said)) {
      // What has no owner everybody may see whom a rule lets.
      if (found['project_id'] === undefined || (await isShared(api, caller, found))) return true;
    }
  }
  return false;
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** `value` in which `object` is empty wherever it is. */
function without(value: unknown, object: Json): unknown {
  if (value === object || typeof value !== 'object' || value === null) return value === object ? {} : value;
  if (Array.isArray(value)) return value.map((each: unknown) => without(each, object));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, without(each, object)]));
}

/** Every object in a value, also those within others. */
function objectsIn(value: unknown): readonly Json[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(objectsIn);
  // Neither null nor a list.
  return Array.isArray(value) ? inner : [value as Json, ...inner];
}

/** Attributes that name what an object is a part of, or stands on: who may see that may see the object. */
const holders = ['network_id', 'floating_network_id', 'object_id', 'port_id', 'router_id', 'security_group_id'];

/**
 * Whether the caller may see an object of another project: somebody has shared it, or it stands on something of the
 * caller's own.
 */
async function isShared(api: Requests, caller: Caller, object: Json): Promise<boolean> {
  if (object['shared'] === true || object['router:external'] === true || object['is_default'] === true) return true;
  const ids = ['id', ...holders].flatMap((name) => {
    const id = object[name];
    return typeof id === 'string' ? [id] : [];
  });
  const query = ids.map((id) => `object_id=${encodeURIComponent(id)}`).join('&');
  const { body } = await api.get(`/v2.0/rbac-policies?${query}`);
  const targets: readonly { readonly target_tenant: string }[] = body.rbac_policies;
  if (targets.some(({ target_tenant }) => ['*', caller.project].includes(target_tenant))) return true;
  for (const [name, plural] of [
    ['network_id', 'networks'],
    ['port_id', 'ports'],
    ['router_id', 'routers'],
    ['security_group_id', 'security-groups'],
  ] as const) {
    const id = object[name];
    if (typeof id !== 'string') continue;
    const { body: held } = await api.get(`/v2.0/${plural}/${id}?fields=project_id`);
    const [holder] = Object.values((held ?? {}) as Readonly<Record<string, Json>>);
    if (holder?.['project_id'] === caller.project) return true;
  }
  return false;
}
