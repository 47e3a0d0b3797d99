import { chosenByServer, computed, optional, required, updatable } from '../attribute.ts';
import { addressPairs } from '../kinds/address-pairs.ts';
import { bindingProfile } from '../kinds/binding-profile.ts';
import { choice } from '../kinds/choice.ts';
import { dnsAssignments, dnsDomain, dnsName } from '../kinds/dns.ts';
import { extraDhcpOpts } from '../kinds/extra-dhcp-opts.ts';
import { fixedIps } from '../kinds/fixed-ips.ts';
import { flag } from '../kinds/flag.ts';
import { flagOnceGiven } from '../kinds/flag-once-given.ts';
import { groupIds } from '../kinds/group-ids.ts';
import { hostName } from '../kinds/host-name.ts';
import { jsonObject } from '../kinds/json-object.ts';
import { macOrNew } from '../kinds/mac-or-new.ts';
import { name } from '../kinds/name.ts';
import { nullable } from '../kinds/nullable.ts';
import { offloadType } from '../kinds/offload-type.ts';
import { portHints } from '../kinds/port-hints.ts';
import { tags } from '../kinds/tags.ts';
import { text } from '../kinds/text.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type Stored, type Update, type View } from '../resource.ts';
import { identity, standard } from './standard.ts';

/** What an instance's network card is. The words are the Networking API's. */
export const vnicTypes = [
  'normal',
  'direct',
  'macvtap',
  'baremetal',
  'direct-physical',
  'virtio-forwarder',
  'smart-nic',
  'vdpa',
  'accelerator-direct',
  'accelerator-direct-physical',
  'remote-managed',
] as const;

// What a request leaves out, Neutron gives a port none of: no host, no profile, no address pairs. Yet they are not
// declared as defaults, because a request that gives an empty one already takes the right to give one.
export const port = resource({
  name: 'port',
  plural: 'ports',
  doc: 'A place where one device plugs into one network.',
  attributes: {
    ...identity,
    name: optional(name, 'For people; need not be unique.', { default: '', filter: true, sort: true, index: true }),
    network_id: required(uuid, 'The network that the port is on.', {
      createOnly: true,
      references: 'networks',
      filter: true,
      sort: true,
      requiredByPolicy: true,
      index: true,
    }),
    admin_state_up: optional(flag, 'Whether the port carries traffic.', { default: true, filter: true, sort: true }),
    mac_address: optional(macOrNew, 'The Ethernet address that its frames carry.', {
      default: chosenByServer,
      filter: true,
      sort: true,
      policy: true,
      index: true,
    }),
    fixed_ips: optional(fixedIps, 'Its addresses; left out, one of each family that the network has.', {
      default: chosenByServer,
      childTable: 'ip_allocations',
      filter: true,
      policy: true,
    }),
    device_id: optional(text(255), 'What is plugged in: the id of an instance, a router, a DHCP server.', {
      default: '',
      filter: true,
      sort: true,
      policy: true,
      index: true,
    }),
    device_owner: optional(text(255), 'Who plugged it in, such as `compute:nova` or `network:dhcp`.', {
      default: '',
      filter: true,
      sort: true,
      policy: true,
    }),
    status: computed(
      choice(['ACTIVE', 'DOWN', 'BUILD', 'ERROR', 'N/A']),
      'ACTIVE once the host that has the port reports it wired.',
      { filter: true, sort: true },
    ),
    allowed_address_pairs: optional(addressPairs, 'Further addresses that it may send from.', {
      default: chosenByServer,
      policy: true,
      extension: 'allowed-address-pairs',
    }),
    extra_dhcp_opts: optional(
      extraDhcpOpts,
      'DHCP options for this port alone. An update changes the options that it names.',
      {
        default: [],
        extension: 'extra_dhcp_opt',
      },
    ),
    ip_allocation: computed(
      choice(['immediate', 'deferred', 'none']),
      'Whether addresses come with the port or once its host is known.',
      {
        filter: true,
        sort: true,
        extension: 'ip_allocation',
      },
    ),
    device_profile: optional(nullable(text(255)), 'The accelerator profile of the card.', {
      default: null,
      createOnly: true,
      extension: 'port-device-profile',
    }),
    numa_affinity_policy: optional(
      nullable(choice(['required', 'preferred', 'legacy', 'socket'])),
      'How close to its card the compute service keeps the instance.',
      { default: null, extension: 'port-numa-affinity-policy' },
    ),
    hints: optional(portHints, 'What it asks of the program that forwards for it.', {
      default: null,
      policy: true,
      extension: 'port-hints',
    }),
    hardware_offload_type: optional(
      offloadType,
      'How its card forwards in place of the host; null where it does not.',
      {
        default: chosenByServer,
        createOnly: true,
        policy: true,
        extension: 'port-hardware-offload-type',
      },
    ),
    trusted: optional(flagOnceGiven, 'Whether its card may change what it is: its address, its promiscuity.', {
      default: chosenByServer,
      policy: true,
      extension: 'port-trusted-vif',
    }),
    'binding:vif_type': computed(text(64), 'How the compute service plugs the device in; `unbound` without a host.', {
      policy: true,
      extension: 'binding',
    }),
    'binding:vif_details': computed(jsonObject, 'What the compute service needs to know for that.', {
      policy: true,
      extension: 'binding',
    }),
    'binding:vnic_type': optional(choice(vnicTypes), 'What the network card of the device is.', {
      default: 'normal',
      policy: true,
      extension: 'binding',
    }),
    'binding:host_id': optional(hostName, 'The host that the device runs on.', {
      default: chosenByServer,
      filter: true,
      policy: true,
      index: true,
      extension: 'binding',
    }),
    'binding:profile': optional(bindingProfile, 'What the compute service tells the host about the card.', {
      default: chosenByServer,
      policy: true,
      extension: 'binding',
    }),
    trunk_details: computed(
      jsonObject,
      'Of the parent of a trunk: its id, and the ports behind it with their addresses.',
      { derived: true, extension: 'trunk-details' },
    ),
    port_security_enabled: optional(
      flag,
      "Whether the port may send from its own addresses only; the network's unless given.",
      {
        default: chosenByServer,
        policy: true,
        extension: 'port-security',
      },
    ),
    security_groups: optional(
      groupIds,
      "The security groups that say what it admits; left out, its project's default group.",
      {
        default: chosenByServer,
        childTable: 'port_security_groups',
        filter: true,
        extension: 'security-group',
      },
    ),
    dns_name: optional(dnsName, 'The name of the host, relative or fully qualified.', {
      default: '',
      extension: 'dns-integration',
    }),
    dns_assignment: computed(dnsAssignments, 'The names that the internal DNS has for its addresses.', {
      derived: true,
      extension: 'dns-integration',
    }),
    dns_domain: optional(dnsDomain, "The domain of the name; the network's where empty.", {
      default: '',
      extension: 'dns-domain-ports',
    }),
    dns_zone: computed(
      text(255),
      'The domain, besides the configured one, under which the internal DNS has its name.',
      {
        internal: true,
      },
    ),
    data_plane_status: updatable(
      nullable(choice(['ACTIVE', 'DOWN'])),
      'What a monitor found out about the wire below the port.',
      {
        policy: true,
        extension: 'data-plane-status',
      },
    ),
    propagate_uplink_status: optional(flag, "Whether the card shows the state of the host's uplink.", {
      default: true,
      extension: 'uplink-status-propagation',
    }),
    qos_policy_id: optional(nullable(uuid), 'Its own QoS policy.', {
      default: null,
      references: 'policies',
      index: true,
      policy: true,
      extension: 'qos',
    }),
    qos_network_policy_id: computed(nullable(uuid), 'The QoS policy of its network, for ports without their own.', {
      derived: true,
      extension: 'qos-port-network-policy',
    }),
    resource_request: computed(nullable(jsonObject), 'What the compute service reserves for it in Placement.', {
      derived: true,
      policy: true,
      extension: 'port-resource-request',
    }),
    ...standard,
    tags: optional(tags, 'Words by which lists are searched.', {
      default: [],
      createOnly: true,
      childTable: 'tags',
      extension: 'tag-ports-during-bulk-creation',
    }),
  },
});

export type Port = View<typeof port>;
export type PortRecord = Stored<typeof port>;
export type PortCreate = Create<typeof port>;
export type PortUpdate = Update<typeof port>;
