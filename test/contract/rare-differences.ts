// Where we answer otherwise than Neutron 21 to what is seldom asked: only long runs (test/endurance) meet these.

import { isDeepStrictEqual } from 'node:util';
import { errorOf, given, isCreationOf, listOf } from './answers.ts';
import type { Difference } from './differences.ts';
import type { Answer, Step } from './step.ts';

export const rareDifferences: readonly Difference[] = [
  {
    reason: 'Neutron 21 shows segments whole, whatever part of them a list asks for.',
    applies: (step, ours, theirs) =>
      /^\/v2.0\/segments\?.*fields=/.test(step.path) && ours.status === 200 && isPartOf(listOf(ours), listOf(theirs)),
  },
  {
    reason: 'The addresses that are not in a group Neutron names in no order.',
    applies: (step, ours, theirs) =>
      step.path.endsWith('/remove_addresses') &&
      ours.status === theirs.status &&
      isDeepStrictEqual(wordsOf(ours), wordsOf(theirs)),
  },
  {
    reason: 'Whatever Python takes for false is no prefix to Neutron, where we see one that cannot be read.',
    applies: (step, ours) =>
      isCreationOf(['security_group_rule'], step) && /^Invalid CIDR (\[\]|\{\}|0|False) /.test(errorOf(ours).message),
  },
  {
    reason: 'Neutron 21 lists all rules where it is asked for those with a normalized_cidr.',
    applies: (step, ours, theirs) =>
      /^\/v2.0\/security_group_rules\?.*normalized_cidr=/.test(step.path) &&
      ours.status === 200 &&
      listOf(theirs).length > listOf(ours).length,
  },
  {
    reason:
      'Neutron 21 fails where an administrator makes a port one of a DHCP server; there is nothing wrong with that.',
    applies: (step, ours, theirs) =>
      given(step, 'device_owner') === 'network:dhcp' && ours.status === 200 && theirs.status === 500,
  },
  {
    reason: 'Where several members of a bulk request are wrong, Neutron names a fault of one, and we of another.',
    applies: (step, ours, theirs) => isBulk(step) && isRefused(ours) && isRefused(theirs),
  },
  {
    reason: 'Of a port on a network without subnets Neutron asks for the addresses before the security groups.',
    applies: (step, ours, theirs) =>
      step.path.startsWith('/v2.0/ports') &&
      errorOf(ours).type === 'SecurityGroupNotFound' &&
      errorOf(theirs).message.endsWith('IP allocation requires subnets for network.'),
  },
  {
    reason: 'Neutron knows of what type an RBAC policy was that went with its object.',
    applies: (_, ours, theirs) =>
      errorOf(ours).message.startsWith('RBAC policy of type unknown ') && errorOf(ours).type === errorOf(theirs).type,
  },
  {
    reason: 'Neutron 21 passes over a check_limit that is neither true nor false.',
    applies: (step, ours) =>
      step.path.startsWith('/v2.0/quotas/') &&
      given(step, 'check_limit') !== undefined &&
      errorOf(ours).message.endsWith('cannot be converted to boolean.'),
  },
];

/** Whether each of `parts` is as the object at its place, as far as it goes. */
function isPartOf(parts: readonly unknown[], wholes: readonly unknown[]): boolean {
  if (parts.length !== wholes.length) return false;
  return parts.every((part, index) =>
    isDeepStrictEqual({ ...(wholes[index] as object), ...(part as object) }, wholes[index]),
  );
}

function wordsOf(refusal: Answer): readonly string[] {
  return errorOf(refusal)
    .message.split(/[\s[\],]+/)
    .toSorted();
}

function isBulk({ method, body }: Step): boolean {
  const [members] = Object.values((body ?? {}) as Readonly<Record<string, unknown>>);
  return method === 'POST' && Array.isArray(members) && members.length > 1;
}

function isRefused({ status }: Answer): boolean {
  return status >= 400 && status < 500;
}
