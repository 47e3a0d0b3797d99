// Where we answer otherwise than Neutron 21 about how operators lay out hosts and networks (host-layout.ts).

import { isDeepStrictEqual } from 'node:util';
import { errorOf, isCreationOf, withoutAttributes } from './answers.ts';
import type { Difference } from './differences.ts';
import type { Answer } from './step.ts';

export const hostLayoutDifferences: readonly Difference[] = [
  {
    reason: 'A subnet of a routed network shows its routes to the other segments at once, in Neutron from then on.',
    applies: (step, ours, theirs) =>
      isCreationOf(['subnet'], step) &&
      isDeepStrictEqual(withoutAttributes(ours, ['host_routes']), withoutAttributes(theirs, ['host_routes'])),
  },
  {
    reason: 'Of default ranges, Neutron 21 shows neither what is null nor when they have changed, nor a description.',
    applies: (step, ours, theirs) =>
      step.method === 'GET' &&
      step.path.startsWith('/v2.0/network_segment_ranges') &&
      ours.status === 200 &&
      isDeepStrictEqual(withoutNothing(ours), withoutNothing(theirs)),
  },
  {
    reason: 'Neutron shows availability zones whole, whatever part of them is asked for.',
    applies: (step, ours) => step.path === '/v2.0/availability_zones?fields=name' && ours.status === 200,
  },
  {
    reason: 'Which driver has bound a port, Neutron shows of ports alone, and from the next request on.',
    applies: (step, ours, theirs) =>
      /^\/v2.0\/ports(\/|$)/.test(step.path) &&
      (step.method !== 'GET' || step.path.includes('/bindings')) &&
      isDeepStrictEqual(withoutDrivers(ours), withoutDrivers(theirs)),
  },
  {
    reason: 'Of a port that is bound nowhere, Neutron shows which driver has bound it for another host.',
    applies: (step, ours, theirs) =>
      step.method === 'GET' &&
      /^\/v2.0\/ports\/[^/]+$/.test(step.path) &&
      isUnbound(ours) &&
      isUnbound(theirs) &&
      isDeepStrictEqual(withoutDrivers(ours), withoutDrivers(theirs)),
  },
  {
    reason: 'Agents make themselves known: nobody creates one, whatever he says of it.',
    applies: (step, ours) => isCreationOf(['agent'], step) && ours.status === 405,
  },
  {
    reason: 'Neutron names all reasons for which a segment stays, some of them twice.',
    applies: (step, ours, theirs) =>
      step.method === 'DELETE' && errorOf(ours).type === 'SegmentInUse' && errorOf(theirs).type === 'SegmentInUse',
  },
  {
    reason: 'Neutron looks at the wire of a new segment before it looks for the network.',
    applies: (step, ours, theirs) =>
      isCreationOf(['segment'], step) && errorOf(ours).type === 'NetworkNotFound' && theirs.status === 400,
  },
];

function isUnbound({ body }: Answer): boolean {
  const { port } = (body ?? {}) as { readonly port?: { readonly 'binding:vif_type'?: string } };
  return port?.['binding:vif_type'] === 'unbound';
}

/** The answer without the drivers that have bound what is in its body. */
function withoutDrivers(answer: Answer): unknown {
  return JSON.parse(JSON.stringify(answer, (key, value: unknown) => (key === 'bound_drivers' ? undefined : value)));
}

/** The answer without what Neutron 21 leaves out of objects that nobody has described. */
function withoutNothing({ status, body }: Answer): unknown {
  const [objects] = Object.values((body ?? {}) as Record<string, unknown>);
  const shown = (object: unknown): unknown =>
    Object.fromEntries(
      Object.entries((object ?? {}) as Record<string, unknown>).filter(
        ([name, value]) => value !== null && name !== 'updated_at' && (name !== 'description' || value !== ''),
      ),
    );
  return [status, Array.isArray(objects) ? objects.map(shown) : shown(objects)];
}
