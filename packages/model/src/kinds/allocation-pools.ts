import type { IpAddress } from '@neutronium/net/ip';
import { unsearchable, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse, type Reading } from '../reading.ts';
import { readIp } from './ip.ts';
import { readKeyed } from './keyed.ts';
import { readItems } from './list-of.ts';

/** Addresses from `start` to `end`, both included. That they are in order is for whoever knows the subnet to check. */
export interface AllocationPool {
  readonly start: IpAddress;
  readonly end: IpAddress;
}

/** The parts of a subnet that addresses are picked from. */
export const allocationPools: Kind<readonly AllocationPool[]> = {
  name: 'allocation pools',
  doc: 'a list of `{"start": IP, "end": IP}`',
  read: (value) => {
    if (!Array.isArray(value)) return refuse(`Invalid data format for IP pool: '${pythonText(value)}'`);
    return readItems(value, readPool);
  },
  filter: unsearchable,
  schema: {
    type: 'array',
    items: {
      type: 'object',
      required: ['start', 'end'],
      properties: { start: { type: 'string' }, end: { type: 'string' } },
      additionalProperties: false,
    },
  },
  column: 'json',
  examples: {
    valid: [[], [{ start: '10.0.0.10', end: '10.0.0.20' }]],
    invalid: ['x', null, [7], [{ start: '10.0.0.10' }], [{ start: '10.0.0.10', end: 'x' }], {}],
  },
};

function readPool(value: unknown): Reading<AllocationPool> {
  const keyed = readKeyed(value, ['start', 'end']);
  if (!keyed.ok) return keyed;
  const start = readIp(keyed.value['start']);
  if (!start.ok) return start;
  const end = readIp(keyed.value['end']);
  return end.ok ? accept({ start: start.value, end: end.value }) : end;
}
