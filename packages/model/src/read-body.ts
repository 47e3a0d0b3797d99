// Reads the body of a create or update request into a value of the declared type, or throws the error that the
// Networking API answers with. The checks come in its order, since clients see the first that fails: the shape of the
// body, the owner, unknown attributes, attributes that the request must or must not have, then the values.

import { isInternal } from './attribute.ts';
import { HTTPBadRequest, InvalidInput } from './errors.ts';
import type { Refusal } from './reading.ts';
import { attributesOf, type AnyResource, type Create, type Update } from './resource.ts';

/** Who sends the request, as far as reading it depends on that. */
export interface Sender {
  /** Owner of what a request creates without naming one; null for a token without a project. */
  readonly projectId: string | null;
  /** Whether the sender may create objects that others own. */
  readonly mayNameOwner: boolean;
}

/** What a create request asks for. `bulk` tells which shape the answer has. */
export interface CreateRequest<R extends AnyResource> {
  readonly bulk: boolean;
  readonly items: readonly Create<R>[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads the parsed JSON of a POST; undefined stands for an empty body. */
export function readCreateBody<R extends AnyResource>(resource: R, body: unknown, sender: Sender): CreateRequest<R> {
  const request = readObject(body);
  // The list's key is the name with an s even where the plural is another word: `policys` for policies.
  const list = request[`${resource.name}s`];
  if (!Object.hasOwn(request, `${resource.name}s`)) {
    return { bulk: false, items: [readCreateItem(resource, request, sender)] };
  }
  if (!resource.operations.includes('bulk')) throw badRequest('Bulk operation not supported');
  return { bulk: true, items: readList(resource, list).map((item) => readCreateItem(resource, item, sender)) };
}

/** Reads the parsed JSON of a PUT. The result holds exactly what the request names. */
export function readUpdateBody<R extends AnyResource>(resource: R, body: unknown, sender: Sender): Update<R> {
  const request = readObject(body);
  if (Object.hasOwn(request, `${resource.name}s`)) throw badRequest('Bulk operation not supported');
  const fields = withOwner(resource, readMember(resource, request), sender);
  refuseUnknown(resource, fields);
  for (const [name, { traits }] of attributesOf(resource)) {
    if (Object.hasOwn(fields, name) && !traits.put) {
      throw badRequest(`Cannot update read-only attribute ${spelling(name)}`);
    }
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every value was read by its attribute's kind.
  return readValues(resource, fields) as Update<R>;
}

function readCreateItem<R extends AnyResource>(resource: R, request: Fields, sender: Sender): Create<R> {
  const fields = { ...withOwner(resource, readMember(resource, request), sender) };
  if (Object.hasOwn(resource.attributes, 'project_id') && !Object.hasOwn(fields, 'project_id')) {
    if (sender.projectId === null) {
      throw badRequest('Running without keystone AuthN requires that tenant_id is specified');
    }
    fields['project_id'] = sender.projectId;
  }
  refuseUnknown(resource, fields);
  const defaults: Record<string, unknown> = {};
  for (const [name, attribute] of attributesOf(resource)) {
    const given = Object.hasOwn(fields, name);
    switch (attribute.traits.post) {
      case 'refused':
        if (given) throw badRequest(`Attribute '${name}' not allowed in POST`);
        break;
      case 'required':
        if (!given) throw badRequest(`Failed to parse request. Required attribute '${spelling(name)}' not specified`);
        break;
      case 'defaulted':
        if (!given) defaults[name] = attribute.default;
        break;
      case 'chosen':
        break;
    }
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- read by the kinds, complete by the loop above.
  return { ...defaults, ...readValues(resource, fields) } as Create<R>;
}

function readObject(body: unknown): Fields {
  if (body === undefined) return {};
  if (!isObject(body)) throw badRequest('Body contains invalid data');
  return body;
}

/** The members of a bulk request, each in the shape of a single one; members may come bare. */
function readList({ name }: AnyResource, list: unknown): readonly Fields[] {
  if (!Array.isArray(list)) {
    if (!list || (isObject(list) && Object.keys(list).length === 0)) throw badRequest('Resources required');
    throw badRequest(`Object '${name}' contains invalid data`);
  }
  if (list.length === 0) throw badRequest('Resources required');
  return list.map((item: unknown) => {
    if (isObject(item) && Object.hasOwn(item, name)) return item;
    if (item === null || typeof item === 'number' || typeof item === 'boolean') {
      throw badRequest('Body contains invalid data');
    }
    return { [name]: item };
  });
}

function readMember({ name }: AnyResource, request: Fields): Fields {
  const member = Object.hasOwn(request, name) ? request[name] : undefined;
  if (member === undefined || member === null) throw badRequest(`Unable to find '${name}' in request body`);
  if (!isObject(member)) throw badRequest(`Object '${name}' contains invalid data`);
  return member;
}

/** The fields with the owner under its present name only; `tenant_id` is the old one and still accepted. */
function withOwner(resource: AnyResource, fields: Fields, sender: Sender): Fields {
  if (!Object.hasOwn(resource.attributes, 'project_id')) return fields;
  const { tenant_id, ...rest } = fields;
  if (tenant_id !== undefined && rest['project_id'] !== undefined && tenant_id !== rest['project_id']) {
    throw badRequest("'project_id' and 'tenant_id' do not match");
  }
  const owner = rest['project_id'] === undefined ? tenant_id : rest['project_id'];
  if (owner === undefined) return rest;
  if (owner !== sender.projectId && !sender.mayNameOwner) {
    throw badRequest(
      "Specifying 'project_id' or 'tenant_id' other than the authenticated project in request requires admin or " +
        'advsvc privileges',
    );
  }
  return { ...rest, project_id: owner };
}

function refuseUnknown(resource: AnyResource, fields: Fields): void {
  const unknown = Object.keys(fields).filter((name) => {
    const attribute = Object.hasOwn(resource.attributes, name) ? resource.attributes[name] : undefined;
    return attribute === undefined || isInternal(attribute);
  });
  if (unknown.length > 0) throw badRequest(`Unrecognized attribute(s) '${unknown.join(', ')}'`);
}

/** What the kinds make of the given values, in the order of the declaration. */
function readValues(resource: AnyResource, fields: Fields): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, { kind }] of attributesOf(resource)) {
    if (!Object.hasOwn(fields, name)) continue;
    const reading = kind.read(fields[name]);
    if (!reading.ok) throw errorOf(name, reading);
    values[name] = reading.value;
  }
  return values;
}

function errorOf(name: string, refusal: Refusal): Error {
  switch (refusal.fault) {
    case 'conversion':
      return new InvalidInput({ error_message: refusal.reason });
    case 'validation':
      return badRequest(`Invalid input for ${spelling(name)}. Reason: ${refusal.reason}.`);
    case 'declared':
      return refusal.error;
  }
}

/** The name under which messages speak of an attribute: the owner still goes by its old one there. */
function spelling(name: string): string {
  return name === 'project_id' ? 'tenant_id' : name;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function badRequest(message: string): Error {
  return new HTTPBadRequest({ message });
}
