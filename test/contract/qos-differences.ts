// Where we answer otherwise than Neutron 21 about QoS, on purpose: as differences.ts has it of the rest.

import { isDeepStrictEqual } from 'node:util';
import type { Difference } from './differences.ts';
import type { Answer } from './step.ts';

export const qosDifferences: readonly Difference[] = [
  {
    reason:
      'Neutron 21 asks who may change rules before it asks whether the caller sees the policy. We ask that first.',
    applies: (step, ours, theirs) =>
      step.path.startsWith('/v2.0/qos/') &&
      ours.status === 404 &&
      typeOf(ours).startsWith('Qos') &&
      typeOf(theirs) === 'PolicyNotAuthorized',
  },
  {
    reason:
      'In Neutron 21 owners cannot see the packet rate rules of their policies, or are told with the rule itself that ' +
      'there is none; in later releases, and here, they see them.',
    applies: (step, _, theirs) =>
      step.method === 'GET' &&
      /packet[_-]rate/.test(step.path) &&
      step.as !== 'admin' &&
      (theirs.status === 404 || isEmptyList(theirs)),
  },
  {
    reason: 'Neutron 21 does not ask whether the caller sees the policy that a floating IP is given.',
    applies: (step, ours, theirs) =>
      step.path.startsWith('/v2.0/floatingips') && typeOf(ours) === 'QosPolicyNotFound' && theirs.status < 300,
  },
  {
    reason: 'Neutron 21 declares that lists of rules can be searched by direction, and refuses to.',
    applies: (step, ours, theirs) => step.path.includes('direction=') && ours.status === 200 && theirs.status === 400,
  },
  {
    reason: 'Lists of policies can be searched by is_default, as the API says; Neutron 21 passes the filter over.',
    applies: (step, ours, theirs) => /is_default=(true|false)/.test(step.path) && ours.status === theirs.status,
  },
  {
    reason: 'What is not implemented has the shape of every other error.',
    applies: (_, ours, theirs) => ours.status === 501 && theirs.status === 501,
  },
  {
    reason: 'Neutron 21 shares QoS policies that are not there.',
    applies: (step, ours, theirs) =>
      step.path === '/v2.0/rbac-policies' &&
      ours.status === 400 &&
      theirs.status === 201 &&
      typeOf(ours) === 'InvalidInput',
  },
  {
    reason: 'A way out shows its policy in Neutron 21 only where it or its network has one; here always.',
    applies: (_, ours, theirs) => isDeepStrictEqual(ours, withNoPolicy(theirs)),
  },
];

/** The answer as it would be if the way out of its router had said that it has no policy. */
function withNoPolicy({ status, body }: Answer): Answer {
  const text = JSON.stringify(body, (key, value: unknown) =>
    key === 'external_gateway_info' && typeof value === 'object' && value !== null && !('qos_policy_id' in value)
      ? Object.fromEntries(Object.entries({ ...value, qos_policy_id: null }).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return text === undefined ? { status, body } : { status, body: JSON.parse(text) as unknown };
}

function typeOf({ body }: Answer): string {
  const error: unknown = Reflect.get(Object(body) as object, 'NeutronError');
  const type: unknown = Reflect.get(Object(error) as object, 'type');
  return typeof type === 'string' ? type : '';
}

function isEmptyList({ body }: Answer): boolean {
  const [list] = Object.values(Object(body) as object) as unknown[];
  return Array.isArray(list) && list.length === 0;
}
