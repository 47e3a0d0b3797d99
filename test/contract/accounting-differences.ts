// Where we answer otherwise than Neutron 21 about metering and logs, on purpose: as differences.ts has it of the rest.

import { isDeepStrictEqual } from 'node:util';
import type { Difference } from './differences.ts';
import type { Answer } from './step.ts';

export const accountingDifferences: readonly Difference[] = [
  {
    reason: 'Rules of metering labels belong to the project of their label, which sees them; in Neutron 21 to none.',
    applies: (step, ours, theirs) =>
      step.path.includes('metering-label-rules') &&
      step.as !== 'admin' &&
      (typeOf(theirs) === 'HTTPNotFound' || (step.method === 'GET' && ours.status === 200 && theirs.status === 200)),
  },
  {
    reason: 'Neutron 21 asks who may make rules of metering labels before it reads their addresses.',
    applies: (step, ours, theirs) =>
      step.path.endsWith('metering-label-rules') && typeOf(ours) === 'Invalid' && theirs.status === 403,
  },
  {
    reason: 'Lists of metering labels show the fields that are asked for; in Neutron 21 others with them.',
    applies: (step, ours, theirs) =>
      /metering-labels.*fields=/.test(step.path) && ours.status === 200 && theirs.status === 200,
  },
  {
    reason: 'Neutron 21 leaves logs that are turned off behind when their group or port goes.',
    applies: (step, ours, theirs) =>
      /[/]logs\b/.test(step.path) &&
      theirs.status < 300 &&
      (typeOf(ours) === 'LogResourceNotFound' || (ours.status === 200 && isPartOf(logsOf(ours), logsOf(theirs)))),
  },
];

function logsOf({ body }: Answer): readonly unknown[] {
  const list: unknown = Reflect.get(Object(body) as object, 'logs');
  return Array.isArray(list) ? list : [];
}

function isPartOf(some: readonly unknown[], all: readonly unknown[]): boolean {
  return some.length < all.length && some.every((one) => all.some((other) => isDeepStrictEqual(one, other)));
}

function typeOf({ body }: Answer): string {
  const error: unknown = Reflect.get(Object(body) as object, 'NeutronError');
  const type: unknown = Reflect.get(Object(error) as object, 'type');
  return typeof type === 'string' ? type : '';
}
