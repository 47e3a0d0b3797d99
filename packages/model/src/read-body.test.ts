import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from './api-error.ts';
import { catalogue } from './catalogue.ts';
import { readCreateBody, readUpdateBody, type Sender } from './read-body.ts';
import { agent } from './resources/agent.ts';
import { network } from './resources/network.ts';
import { port } from './resources/port.ts';
import { subnet } from './resources/subnet.ts';
import { subnetpool } from './resources/subnetpool.ts';

const member: Sender = { projectId: 'p1', mayNameOwner: false };
const admin: Sender = { projectId: 'p1', mayNameOwner: true };
const networkId = '7f3c0f6e-2a9b-4a3e-9d54-4f3f6a1c2b11';

/** `type: message` of what reading throws. */
function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof ApiError) return `${error.type}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('a create request', () => {
  it('is filled up with defaults, and leaves open what the server picks', () => {
    const { bulk, items } = readCreateBody(port, { port: { network_id: networkId } }, member);
    expect(bulk).toBe(false);
    expect(items).toEqual([
      {
        project_id: 'p1',
        network_id: networkId,
        name: '',
        admin_state_up: true,
        device_id: '',
        device_owner: '',
        'binding:vnic_type': 'normal',
        extra_dhcp_opts: [],
        dns_name: '',
        dns_domain: '',
        device_profile: null,
        numa_affinity_policy: null,
        hints: null,
        propagate_uplink_status: true,
        qos_policy_id: null,
        description: '',
        tags: [],
      },
    ]);
  });

  it('holds canonical values', () => {
    const body = {
      port: {
        network_id: networkId.toUpperCase(),
        mac_address: 'FA-16-3E-00-00-01',
        fixed_ips: [{ ip_address: 'FD00:0::1' }],
        admin_state_up: 'no',
      },
    };
    expect(readCreateBody(port, body, member).items[0]).toMatchObject({
      network_id: networkId,
      mac_address: 'fa:16:3e:00:00:01',
      fixed_ips: [{ ip_address: 'fd00::1' }],
      admin_state_up: false,
    });
  });

  it('may be for several, bare or wrapped', () => {
    const body = { networks: [{ name: 'a' }, { network: { name: 'b' } }] };
    const request = readCreateBody(network, body, member);
    expect(request.bulk).toBe(true);
    expect(request.items.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  // What a Neutron 21 answers.
  it.each([
    [undefined, "HTTPBadRequest: Unable to find 'network' in request body"],
    [{}, "HTTPBadRequest: Unable to find 'network' in request body"],
    [{ x: {} }, "HTTPBadRequest: Unable to find 'network' in request body"],
    [[], 'HTTPBadRequest: Body contains invalid data'],
    ['network', 'HTTPBadRequest: Body contains invalid data'],
    [{ network: null }, "HTTPBadRequest: Unable to find 'network' in request body"],
    [{ network: [] }, "HTTPBadRequest: Object 'network' contains invalid data"],
    [{ networks: null }, 'HTTPBadRequest: Resources required'],
    [{ networks: [] }, 'HTTPBadRequest: Resources required'],
    [{ networks: {} }, 'HTTPBadRequest: Resources required'],
    [{ networks: 'a' }, "HTTPBadRequest: Object 'network' contains invalid data"],
    [{ networks: [1] }, 'HTTPBadRequest: Body contains invalid data'],
    [{ networks: [null] }, 'HTTPBadRequest: Body contains invalid data'],
    [{ networks: [{ network: 1 }] }, "HTTPBadRequest: Object 'network' contains invalid data"],
    [{ network: { name: null } }, "HTTPBadRequest: Invalid input for name. Reason: 'None' is not a valid string."],
    [{ network: { project_id: 'a', tenant_id: 'b' } }, "HTTPBadRequest: 'project_id' and 'tenant_id' do not match"],
    [{ network: { tenant_id: 5 } }, "HTTPBadRequest: Invalid input for tenant_id. Reason: '5' is not a valid string."],
    [{ network: { bogus: 1, b2: 2 } }, "HTTPBadRequest: Unrecognized attribute(s) 'bogus, b2'"],
    [{ network: { id: 'x' } }, "HTTPBadRequest: Attribute 'id' not allowed in POST"],
    [{ network: { tags: ['a'] } }, "HTTPBadRequest: Attribute 'tags' not allowed in POST"],
    [
      { network: { admin_state_up: null } },
      "InvalidInput: Invalid input for operation: 'None' cannot be converted to boolean.",
    ],
    [{ network: { mtu: -1 } }, "HTTPBadRequest: Invalid input for mtu. Reason: '-1' should be non-negative."],
    [{ network: { mtu: 'a' } }, "InvalidInput: Invalid input for operation: 'a' is not an integer."],
    [{ network: { segments: [{ a: 1 }] } }, "HTTPBadRequest: Unrecognized attribute(s) 'a'"],
    [
      { network: { availability_zone_hints: 'a' } },
      "HTTPBadRequest: Invalid input for availability_zone_hints. Reason: 'a' is not a list.",
    ],
    [{ network: { dns_domain: 'a' } }, "HTTPBadRequest: Invalid input for dns_domain. Reason: 'a' is not a FQDN."],
    [{ network: { dns_domain: 5 } }, 'InvalidInput: Invalid input for operation: Input value 5 must be string type.'],
    [{ network: JSON.parse('{"__proto__": {}}') }, "HTTPBadRequest: Unrecognized attribute(s) '__proto__'"],
    [{ network: { constructor: 1 } }, "HTTPBadRequest: Unrecognized attribute(s) 'constructor'"],
  ])('for a network with %j is refused with %s', (body, message) => {
    expect(refusal(() => readCreateBody(network, body, admin))).toBe(message);
  });

  it.each([
    [{ cidr: 'x' }, 'InvalidInput: Invalid input for operation: x is not in a CIDR format.'],
    [{ ip_version: '5' }, 'HTTPBadRequest: Invalid input for ip_version. Reason: 5 is not in valid_values.'],
    [
      { gateway_ip: '010.8.0.1' },
      "HTTPBadRequest: Invalid input for gateway_ip. Reason: '010.8.0.1' is not an accepted IP address, '10.8.0.1' is recommended.",
    ],
    [
      { allocation_pools: [1] },
      "HTTPBadRequest: Invalid input for allocation_pools. Reason: Invalid input. '1' must be a dictionary with keys: ['start', 'end'].",
    ],
    [
      { allocation_pools: null },
      "HTTPBadRequest: Invalid input for allocation_pools. Reason: Invalid data format for IP pool: 'None'.",
    ],
    [
      { host_routes: [{ destination: '10.1.1.1/8', nexthop: '1.1.1.1' }] },
      "HTTPBadRequest: Invalid input for host_routes. Reason: '10.1.1.1/8' is not a recognized CIDR, '10.0.0.0/8' is recommended.",
    ],
    [
      { host_routes: [{ destination: '127.0.0.0/8', nexthop: '1.1.1.1' }] },
      "HTTPBadRequest: Invalid input for host_routes. Reason: '127.0.0.0/8' is not a routable CIDR.",
    ],
    [
      { dns_nameservers: ['x'] },
      "HTTPBadRequest: Invalid input for dns_nameservers. Reason: 'x' is not a valid nameserver. 'x' is not a valid IP address.",
    ],
    [
      { dns_nameservers: ['1.1.1.1', '1.1.1.1'] },
      "HTTPBadRequest: Invalid input for dns_nameservers. Reason: Duplicate nameserver '1.1.1.1'.",
    ],
    [{ ipv6_ra_mode: null }, 'HTTPBadRequest: Invalid input for ipv6_ra_mode. Reason: None is not in valid_values.'],
    [{ service_types: 'x' }, 'HTTPBadRequest: Subnet service types must be a list.'],
    [
      { service_types: ['bogus'] },
      'InvalidSubnetServiceType: Subnet service type bogus does not correspond to a valid device owner.',
    ],
  ])('for a subnet with %j is refused with %s', (fields, message) => {
    const body = { subnet: { network_id: networkId, ip_version: 4, ...fields } };
    expect(refusal(() => readCreateBody(subnet, body, member))).toBe(message);
  });

  it.each([
    [{ mac_address: 'x' }, "HTTPBadRequest: Invalid input for mac_address. Reason: 'x' is not a valid MAC address."],
    [
      { fixed_ips: null },
      "HTTPBadRequest: Invalid input for fixed_ips. Reason: Invalid data format for fixed IP: 'None'.",
    ],
    [
      { fixed_ips: [{ ip_address: '1.1.1.1' }, { ip_address: '1.1.1.1' }] },
      "HTTPBadRequest: Invalid input for fixed_ips. Reason: Duplicate IP address '1.1.1.1'.",
    ],
    [{ allowed_address_pairs: 'x' }, 'HTTPBadRequest: Allowed address pairs must be a list.'],
    [{ allowed_address_pairs: [{ ip_address: 'x' }] }, "HTTPBadRequest: 'x' is not a valid IP address"],
    [{ allowed_address_pairs: [{}] }, 'AllowedAddressPairsMissingIP: AllowedAddressPair must contain ip_address'],
    [
      { extra_dhcp_opts: [{ opt_name: 'a', opt_value: '' }] },
      "InvalidInput: Invalid input for operation: No valid key specs matched for: {'opt_name': 'a', 'opt_value': ''}.",
    ],
    [
      { extra_dhcp_opts: [{ opt_name: 'a', opt_value: 'b', ip_version: 'x' }] },
      "InvalidInput: Invalid input for operation: 'x' is not an integer.",
    ],
    [
      { dns_name: 'A_b' },
      "HTTPBadRequest: Invalid input for dns_name. Reason: 'a_b' not a valid PQDN or FQDN. Reason: Name 'a_b' must be 1-63 characters long, each of which can only be alphanumeric or a hyphen.",
    ],
    [{ 'binding:profile': [] }, "HTTPBadRequest: Invalid input for binding:profile. Reason: '[]' is not a dictionary."],
    [
      { 'binding:vnic_type': 'x' },
      'HTTPBadRequest: Invalid input for binding:vnic_type. Reason: x is not in valid_values.',
    ],
    [{ tags: ['a', 'a'] }, "HTTPBadRequest: Invalid input for tags. Reason: Duplicate items in the list: 'a'."],
    [{ status: 'x' }, "HTTPBadRequest: Attribute 'status' not allowed in POST"],
  ])('for a port with %j is refused with %s', (fields, message) => {
    expect(refusal(() => readCreateBody(port, { port: { network_id: networkId, ...fields } }, member))).toBe(message);
  });

  it('must have what is required', () => {
    expect(refusal(() => readCreateBody(subnetpool, { subnetpool: { name: '' } }, member))).toBe(
      "HTTPBadRequest: Failed to parse request. Required attribute 'prefixes' not specified",
    );
  });

  it('names another owner only with the right to', () => {
    const body = { network: { project_id: 'p2' } };
    expect(refusal(() => readCreateBody(network, body, member))).toMatch(/^HTTPBadRequest: Specifying 'project_id'/);
    expect(readCreateBody(network, body, admin).items[0]?.project_id).toBe('p2');
  });

  it('needs an owner from the body when the token has none', () => {
    const sender = { projectId: null, mayNameOwner: true };
    expect(refusal(() => readCreateBody(network, { network: {} }, sender))).toMatch(
      /requires that tenant_id is specified$/,
    );
  });
});

describe('an update request', () => {
  it('holds what it names and nothing else', () => {
    expect(readUpdateBody(network, { network: { name: 'n', admin_state_up: 0 } }, member)).toEqual({
      name: 'n',
      admin_state_up: false,
    });
    expect(readUpdateBody(network, { network: {} }, member)).toEqual({});
  });

  it.each([
    [{ subnet: { cidr: '10.0.0.0/8' } }, 'HTTPBadRequest: Cannot update read-only attribute cidr'],
    [{ subnet: { tenant_id: 'p1' } }, 'HTTPBadRequest: Cannot update read-only attribute tenant_id'],
    [{ subnet: { bogus: 1 } }, "HTTPBadRequest: Unrecognized attribute(s) 'bogus'"],
    [{}, "HTTPBadRequest: Unable to find 'subnet' in request body"],
    [{ subnets: [{}] }, 'HTTPBadRequest: Bulk operation not supported'],
    [{ subnet: { name: 1 } }, "HTTPBadRequest: Invalid input for name. Reason: '1' is not a valid string."],
  ])('with %j is refused with %s', (body, message) => {
    expect(refusal(() => readUpdateBody(subnet, body, member))).toBe(message);
  });

  it('may change what a create request must not give', () => {
    expect(readUpdateBody(agent, { agent: { admin_state_up: 'False' } }, admin)).toEqual({ admin_state_up: false });
    expect(readUpdateBody(port, { port: { data_plane_status: 'DOWN' } }, admin)).toEqual({ data_plane_status: 'DOWN' });
  });
});

describe('any JSON', () => {
  it.each(catalogue.map((resource) => [resource.name, resource] as const))(
    'for %s is read or refused',
    (name, resource) => {
      const names = fc.constantFrom(...Object.keys(resource.attributes));
      const fields = fc.dictionary(fc.oneof(names, fc.string()), fc.jsonValue());
      const bodies = fc.oneof(
        fc.jsonValue(),
        fields.map((some) => ({ [name]: some })),
        fc.array(fields).map((some) => ({ [`${name}s`]: some })),
      );
      fc.assert(
        fc.property(bodies, (body) => {
          expect(refusal(() => readCreateBody(resource, body, admin))).toEqual(expect.any(String));
          expect(refusal(() => readUpdateBody(resource, body, admin))).toEqual(expect.any(String));
        }),
      );
    },
  );
});
