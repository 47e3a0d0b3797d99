// Requests that no client would send, made from the declarations: any method on any path with any body.

import { catalogue } from '@neutronium/model/catalogue';
import fc from 'fast-check';
import { admin, alice, type ApiAnswer, type Requests } from '../api.ts';
import { anyBody, validCreate, validUpdate, type Known } from './bodies.ts';
import { anyQuery } from './queries.ts';

export interface RandomRequest {
  readonly method: string;
  readonly path: string;
  readonly text?: string;
  readonly byAdmin: boolean;
}

/** `known` are ids that exist, by the attribute that refers to them. */
export function anyRequest(known: Known): fc.Arbitrary<RandomRequest> {
  const ids = Object.values(known).flat().map(String);
  const anyId = fc.oneof(fc.constantFrom(...ids), fc.webSegment(), fc.constantFrom('%00', '..', 'x.json'));
  const caller = { byAdmin: fc.boolean() };
  const perResource = catalogue.flatMap((resource) => {
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
            fc.constantFrom(
              'tags',
              'tags/a',
              'dhcp-agents',
              'dhcp-networks',
              'details',
              'add_prefixes',
              'x',
              'add_addresses',
              'remove_addresses',
            ),
          )
          .map(([id, rest]) => `${collection}/${id}/${rest}`),
        text: fc.oneof(
          fc.json(),
          fc.constant('{"tags":["a","b"]}'),
          fc.constant('{"prefixes":["10.9.0.0/16"]}'),
          fc.constant('{"addresses":["10.9.0.0/16"]}'),
        ),
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

/** Sends it as an administrator or as a member. */
export function sendRandom(api: Requests, { method, path, text, byAdmin }: RandomRequest): Promise<ApiAnswer> {
  return api.request(method, path, { as: byAdmin ? admin : alice, ...(text === undefined ? {} : { text }) });
}

/** Makes one object of each kind and gives their ids. */
export async function someObjects(api: Requests): Promise<Known> {
  const { body: networks } = await api.post('/v2.0/networks', { network: { shared: true } });
  const network_id = networks.network.id;
  const { body: pools } = await api.post('/v2.0/subnetpools', {
    subnetpool: { name: 'pool', prefixes: ['10.64.0.0/10'], shared: true },
  });
  const { body: subnets } = await api.post('/v2.0/subnets', {
    subnet: { network_id, ip_version: 4, cidr: '10.0.0.0/24' },
  });
  const { body: groups } = await api.post('/v2.0/security-groups', { security_group: { name: 'group' } });
  const security_group_id = groups.security_group.id;
  const { body: rules } = await api.post('/v2.0/security-group-rules', {
    security_group_rule: { security_group_id, direction: 'ingress', protocol: 'tcp' },
  });
  const { body: addresses } = await api.post('/v2.0/address-groups', {
    address_group: { addresses: ['10.9.0.0/16'] },
  });
  const { body: ports } = await api.post('/v2.0/ports', { port: { network_id } });
  return {
    network_id: [network_id],
    subnetpool_id: [pools.subnetpool.id],
    subnet_id: [subnets.subnet.id],
    port_id: [ports.port.id],
    security_group_id: [security_group_id],
    remote_group_id: [security_group_id],
    security_groups: [[security_group_id], []],
    security_group_rule_id: [rules.security_group_rule.id],
    remote_address_group_id: [addresses.address_group.id],
    object_id: [network_id, pools.subnetpool.id, security_group_id, addresses.address_group.id],
    action: ['access_as_shared', 'access_as_external'],
    target_tenant: ['*', alice.project, admin.project],
  };
}
