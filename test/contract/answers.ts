// What differences look for in two answers and in the step that they answer.

import type { Answer, Step } from './step.ts';

interface ApiError {
  readonly type: string;
  readonly message: string;
}

/** The error that an answer reports, with empty texts when it reports none. */
export function errorOf({ body }: Answer): ApiError {
  const error = (body as { NeutronError?: Partial<ApiError> } | null | undefined)?.NeutronError;
  return { type: error?.type ?? '', message: error?.message ?? '' };
}

export function isCreationOf(kinds: readonly string[], { method, path }: Step): boolean {
  return method === 'POST' && kinds.some((kind) => path === `/v2.0/${kind}s`);
}

/** What a request for one object gives an attribute. */
export function given({ body }: Step, attribute: string): unknown {
  const [object] = Object.values((body ?? {}) as Record<string, Record<string, unknown> | null>);
  return object?.[attribute];
}

/** The rules that a refusal names, but for those that we and Neutron 21 name differently. */
export function rulesOf(refusal: Answer): readonly string[] {
  const rules = errorOf(refusal).message.match(/(?<=rule:)[\w:]+/g) ?? [];
  return [...new Set(rules)].filter((rule) => !/^(create|update)_port:device_id$|:segments:/.test(rule)).toSorted();
}

/** The answer without members of its body. */
export function withoutMembers({ status, body }: Answer, names: readonly string[]): Answer {
  return { status, body: without(body, names) };
}

/** The answer without attributes of the objects in its body. */
export function withoutAttributes({ status, body }: Answer, names: readonly string[]): Answer {
  const members = Object.entries((body ?? {}) as Record<string, unknown>);
  return { status, body: Object.fromEntries(members.map(([key, object]) => [key, without(object, names)])) };
}

/** Both answers without the single ports of port forwardings. */
export function withoutPorts(ours: Answer, theirs: Answer): readonly [unknown, unknown] {
  const names = ['external_port', 'internal_port'];
  const stripped = ({ status, body }: Answer): unknown => {
    const [objects] = Object.values((body ?? {}) as Record<string, unknown>);
    return [status, Array.isArray(objects) ? objects.map((object) => without(object, names)) : without(objects, names)];
  };
  return [stripped(ours), stripped(theirs)];
}

/** The answer without the MAC addresses in the trunk_details of its ports. */
export function withoutMacs({ status, body }: Answer): unknown {
  const drop = (key: string, value: unknown): unknown =>
    key === 'sub_ports' && Array.isArray(value) ? value.map((each: unknown) => without(each, ['mac_address'])) : value;
  return { status, body: body === undefined ? undefined : JSON.parse(JSON.stringify(body, drop)) };
}

function without(object: unknown, names: readonly string[]): unknown {
  const members = Object.entries((object ?? {}) as Record<string, unknown>);
  return Object.fromEntries(members.filter(([name]) => !names.includes(name)));
}

export function listOf({ body }: Answer): readonly unknown[] {
  const [list] = Object.values((body ?? {}) as Record<string, unknown>);
  return Array.isArray(list) ? list : [];
}

/** The answer to an update of a pool as a GET would show the pool. */
export function asShown({ status, body }: Answer): Answer {
  const { subnetpool } = body as { subnetpool: Readonly<Record<string, unknown>> };
  const members = Object.entries({ default_quota: null, address_scope_id: null, ...subnetpool }).map(
    ([name, value]) => [name, name.endsWith('_prefixlen') ? String(value) : value] as const,
  );
  return { status, body: { subnetpool: Object.fromEntries(members) } };
}
