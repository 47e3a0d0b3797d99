// Requests that no client would send, made from the declarations. Whatever comes, the answer is one that Neutron's
// clients can read, and it is never our mistake.

import type { AnyResource } from '@neutronium/model/resource';
import { agent } from '@neutronium/model/resources/agent';
import { availabilityZone } from '@neutronium/model/resources/availability-zone';
import { network } from '@neutronium/model/resources/network';
import { port } from '@neutronium/model/resources/port';
import { quota } from '@neutronium/model/resources/quota';
import { subnet } from '@neutronium/model/resources/subnet';
import { subnetpool } from '@neutronium/model/resources/subnetpool';
import { admin, alice, withApi, type ApiAnswer } from '@neutronium/testkit/api';
import { anyBody, validCreate, validUpdate, type Known } from '@neutronium/testkit/arbitraries/bodies';
import { anyQuery } from '@neutronium/testkit/arbitraries/queries';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const resources: readonly AnyResource[] = [network, subnet, port, subnetpool, agent, availabilityZone, quota];

/** The requests of one run; another number looks further. */
const count = Number(process.env['NEUTRONIUM_RANDOM_REQUESTS'] ?? 1500);

interface RandomRequest {
  readonly method: string;
  readonly path: string;
  readonly text?: string;
  readonly byAdmin: boolean;
}

function anyRequest(known: Known): fc.Arbitrary<RandomRequest> {
  const ids = Object.values(known).flat().map(String);
  const anyId = fc.oneof(fc.constantFrom(...ids), fc.webSegment(), fc.constantFrom('%00', '..', 'x.json'));
  const caller = { byAdmin: fc.boolean() };
  const perResource = resources.flatMap((resource) => {
    const collection = `/v2.0/${resource.plural}`;
    const wrapped = (fields: fc.Arbitrary<unknown>): fc.Arbitrary<string> =>
      fields.map((each) => JSON.stringify({ [resource.name]: each }));
    const bodies = fc.oneof(
      wrapped(validCreate(resource, known)),
      wrapped(validUpdate(resource, known)),
      anyBody(resource, known).map((body) => JSON.stringify(body)),
      fc.string({ maxLength: 30 }),
    );
    return [
      fc.record({
        ...caller,
        method: fc.constant('GET'),
        path: anyQuery(resource).map((query) => `${collection}?${query}`),
      }),
      fc.record({
        ...caller,
        method: fc.constantFrom('POST', 'PUT', 'DELETE', 'PATCH'),
        path: fc.constant(collection),
        text: bodies,
      }),
      fc.record({
        ...caller,
        method: fc.constantFrom('GET', 'PUT', 'DELETE', 'POST'),
        path: anyId.map((id) => `${collection}/${id}`),
        text: bodies,
      }),
      fc.record({
        ...caller,
        method: fc.constantFrom('GET', 'PUT', 'POST', 'DELETE'),
        path: fc
          .tuple(
            anyId,
            fc.constantFrom('tags', 'tags/a', 'dhcp-agents', 'dhcp-networks', 'details', 'add_prefixes', 'x'),
          )
          .map(([id, rest]) => `${collection}/${id}/${rest}`),
        text: fc.oneof(fc.json(), fc.constant('{"tags":["a","b"]}'), fc.constant('{"prefixes":["10.9.0.0/16"]}')),
      }),
    ];
  });
  return fc.oneof(...perResource).map((request) => {
    const { method, path, byAdmin } = request;
    // The HTTP client sends no body with GET.
    return 'text' in request && method !== 'GET'
      ? { method, path, byAdmin, text: request.text }
      : { method, path, byAdmin };
  });
}

withApi((api) => {
  describe('a random request', () => {
    it('is answered in a way that clients understand, and never with an error of ours', async () => {
      const known = await someObjects();
      const faults: unknown[] = [];
      for (const { method, path, text, byAdmin } of fc.sample(anyRequest(known), {
        numRuns: count,
        seed: 20_261_123,
      })) {
        const as = byAdmin ? admin : alice;
        const answer = await api.request(method, path, { as, ...(text === undefined ? {} : { text }) });
        if (!isUnderstood(answer)) faults.push({ method, path, text, byAdmin, answer });
      }
      expect(faults).toEqual([]);
    });
  });

  async function someObjects(): Promise<Known> {
    const { body: networks } = await api.post('/v2.0/networks', { network: { shared: true } });
    const network_id = networks.network.id;
    const { body: pools } = await api.post('/v2.0/subnetpools', {
      subnetpool: { name: 'pool', prefixes: ['10.64.0.0/10'], shared: true },
    });
    const { body: subnets } = await api.post('/v2.0/subnets', {
      subnet: { network_id, ip_version: 4, cidr: '10.0.0.0/24' },
    });
    const { body: ports } = await api.post('/v2.0/ports', { port: { network_id } });
    return {
      network_id: [network_id],
      subnetpool_id: [pools.subnetpool.id],
      subnet_id: [subnets.subnet.id],
      port_id: [ports.port.id],
    };
  }
});

/** Success, or an error in Neutron's shape that somebody meant: an error that nobody meant has a type of its own. */
function isUnderstood({ status, body }: ApiAnswer): boolean {
  if (status < 400) return true;
  const { type, message, detail } = body?.NeutronError ?? {};
  return typeof type === 'string' && typeof message === 'string' && detail === '' && type !== 'HTTPInternalServerError';
}
