// Where we answer otherwise than Neutron 21, on purpose. Each has its reason; anything that is not here is a defect.

import { isDeepStrictEqual } from 'node:util';
import {
  asShown,
  errorOf,
  given,
  isCreationOf,
  listOf,
  rulesOf,
  withoutAttributes,
  withoutMacs,
  withoutMembers,
  withoutPorts,
} from './answers.ts';
import type { Answer, Step } from './step.ts';

export interface Difference {
  readonly reason: string;
  applies(step: Step, ours: Answer, theirs: Answer): boolean;
}

export const agreedDifferences: readonly Difference[] = [
  {
    reason: 'Neutron 21 answers 500 where a request is plainly wrong; we say what is wrong with it.',
    applies: (_, ours, theirs) => theirs.status >= 500 && ours.status >= 400 && ours.status < 500,
  },
  {
    reason:
      'Who may not plug into a network is told by Neutron 21 that there is none, or so without a rule; later releases ' +
      'and we name the rules.',
    applies: (step, ours, theirs) =>
      isCreationOf(['port', 'subnet'], step) &&
      errorOf(ours).type === 'PolicyNotAuthorized' &&
      ['NetworkNotFound', 'HTTPForbidden'].includes(errorOf(theirs).type),
  },
  {
    reason: 'Neutron 21 lets everyone put a subnet on a shared network; later releases and we only the owner.',
    applies: (step, ours) =>
      step.as !== 'admin' &&
      isCreationOf(['subnet'], step) &&
      errorOf(ours).message === 'rule:create_subnet is disallowed by policy',
  },
  {
    reason: 'Neutron 21 has no rules for tags: who sees an object may tag it. Later releases and we ask for more.',
    applies: (step, ours, theirs) =>
      /\/tags(\/red)?$/.test(step.path) &&
      errorOf(ours).type === 'PolicyNotAuthorized' &&
      errorOf(theirs).type !== 'PolicyNotAuthorized',
  },
  {
    reason:
      'Later releases have rules for the device_id of a port; and we name the rules of those parts of a segment that ' +
      'a request gives, Neutron those of all.',
    applies: (_, ours, theirs) =>
      errorOf(ours).type === 'PolicyNotAuthorized' &&
      errorOf(theirs).type === 'PolicyNotAuthorized' &&
      isDeepStrictEqual(rulesOf(ours), rulesOf(theirs)),
  },
  {
    reason: 'Of a way out that is no map Neutron names the rule too, which has no parts then.',
    applies: (_, ours, theirs) =>
      errorOf(ours).type === 'PolicyNotAuthorized' &&
      errorOf(theirs).type === 'PolicyNotAuthorized' &&
      isDeepStrictEqual(
        [...rulesOf(ours)],
        [...rulesOf(theirs)].filter((rule) => !rule.endsWith('router:external_gateway_info')),
      ),
  },
  {
    reason: 'In Neutron 21 any administrator may give a port its binding:profile; later, and here, only services may.',
    applies: (step, ours, theirs) =>
      step.as === 'admin' &&
      errorOf(theirs).type !== 'PolicyNotAuthorized' &&
      /rule:(create|update)_port:binding:profile\) is disallowed by policy$/.test(errorOf(ours).message),
  },
  {
    reason: 'Subnet pools can be created in bulk, as everything else can.',
    applies: (step, _, theirs) =>
      step.path === '/v2.0/subnetpools' && errorOf(theirs).message === 'Bulk operation not supported',
  },
  {
    reason:
      'The answer to an update of a subnet pool shows lengths as numbers and no default_quota of null in Neutron 21. ' +
      'We show what a GET shows.',
    applies: (step, ours, theirs) =>
      step.method === 'PUT' &&
      /^\/v2.0\/subnetpools\/[^/]+$/.test(step.path) &&
      theirs.status === 200 &&
      isDeepStrictEqual(ours, asShown(theirs)),
  },
  {
    reason: "Neutron takes anything for a host's name, and then there is no such host.",
    applies: (step, ours) =>
      typeof given(step, 'binding:host_id') !== 'string' &&
      errorOf(ours).message.startsWith('Invalid input for binding:host_id.'),
  },
  {
    reason: 'Python reads texts and objects as the lists of their characters and keys.',
    applies: (step, ours) => {
      const { message } = errorOf(ours);
      const [, read = ''] = /^Invalid input for (\w+)\. Reason: /.exec(message) ?? [];
      const name = message === 'Subnet service types must be a list.' ? 'service_types' : read;
      const value = given(step, name);
      return lists.has(name) && (typeof value === 'string' || (typeof value === 'object' && !Array.isArray(value)));
    },
  },
  {
    reason: 'In a bulk request, Neutron words some faults of a member as faults of the whole.',
    applies: (step, ours, theirs) =>
      step.method === 'POST' &&
      ours.status === 400 &&
      theirs.status === 400 &&
      Object.keys(step.body ?? {}).some((key) => key.endsWith('s')) &&
      errorOf(theirs).message === 'Body contains invalid data',
  },
  {
    reason: 'Neutron looks at the revision last, when it writes; we look before anything else about the object.',
    applies: (step, ours, theirs) => step.ifMatch === 'stale' && ours.status === 412 && theirs.status >= 400,
  },
  {
    reason: 'The reverse order of a list that has no pages: Neutron turns the order, we have no page to turn.',
    applies: (step, ours, theirs) =>
      step.path.includes('&limit=0&') &&
      /&page_reverse=true/i.test(step.path) &&
      isDeepStrictEqual(listOf(ours), listOf(theirs).toReversed()),
  },
  {
    reason: 'Errors of the Python library that reads prefixes go by its own names.',
    applies: (_, ours, theirs) => ours.status === 400 && errorOf(theirs).type === 'AddrFormatError',
  },
  {
    reason: 'Quota details of another project: the one place that does not name the rule which refuses.',
    applies: (step, ours, theirs) =>
      step.path.includes('/details') &&
      errorOf(ours).type === 'PolicyNotAuthorized' &&
      errorOf(theirs).type === 'AdminRequired',
  },
  {
    reason: 'Of a body that is no request and a path that leads nowhere, Neutron names now the one and now the other.',
    applies: (step, ours, theirs) => {
      const errors = [ours, theirs].map(errorOf);
      return (
        errors.some(({ type }) => type.endsWith('NotFound') || type === 'HTTPMethodNotAllowed') &&
        errors.some(({ message }) => /^Unable to find|contains invalid data$|^Bulk operation not/.test(message)) &&
        step.method !== 'GET'
      );
    },
  },
  {
    reason: 'Neutron 21 does not look whether the marker of a list exists, but in those of networks and ports.',
    applies: (step, ours, theirs) =>
      /^\/v2.0\/(?!networks|ports)\w+\?.*&marker=0/.test(step.path) && ours.status === 404 && theirs.status === 200,
  },
  {
    reason: 'Neutron 21 forgets the subnets of other projects when it looks whether a pool is in use.',
    applies: (step, ours, theirs) =>
      step.method === 'DELETE' && errorOf(ours).type === 'SubnetPoolDeleteError' && theirs.status === 204,
  },
  {
    reason:
      'Pools of Neutron notice that a prefix of two addresses has no room for a gateway, we that it has none for DHCP.',
    applies: (step, ours, theirs) =>
      isCreationOf(['subnet'], step) &&
      errorOf(ours).message.includes('prefix length that is incompatible with DHCP') &&
      errorOf(theirs).type === 'IpamValueInvalid',
  },
  {
    reason: 'Neutron reads the revision of a request for a subnet pool before its body, of others after it.',
    applies: (step, ours, theirs) =>
      step.ifMatch === 'rubbish' &&
      step.path.startsWith('/v2.0/subnetpools/') &&
      ours.status === 400 &&
      errorOf(theirs).message.startsWith('Bad if-match request'),
  },
  {
    reason: 'Asked to compare limits with what is in use, Neutron 21 takes -1 for less than nothing.',
    applies: (step, _, theirs) =>
      step.path.startsWith('/v2.0/quotas/') && errorOf(theirs).message.startsWith('Quota limit -1 for '),
  },
  {
    reason: 'Neutron counts address pairs while it reads a request, we when we know the port.',
    applies: (_, ours, theirs) =>
      errorOf(theirs).type === 'AllowedAddressPairExhausted' && (ours.status === 403 || ours.status === 404),
  },
  {
    reason: 'Later releases and we keep packets as large as the subnets of their network need; Neutron 21 does not.',
    applies: (_, ours, theirs) => errorOf(ours).type === 'NetworkMTUSubnetConflict' && theirs.status === 200,
  },
  {
    reason:
      'Whose object a part belongs to is looked at first here, and by Neutron 21 last or, in lists of conntrack helpers, ' +
      'not at all.',
    applies: (step, ours, theirs) =>
      /\/(port_forwardings|conntrack_helpers)(\/|\?|$)/.test(step.path) &&
      ['FloatingIPNotFound', 'RouterNotFound'].includes(errorOf(ours).type) &&
      (theirs.status >= 400 || listOf(theirs).length === 0),
  },
  {
    reason: 'Neutron 21 compares the revision of a router once more after it has changed its way out itself.',
    applies: (step, ours, theirs) =>
      step.ifMatch === 'current' &&
      step.path.startsWith('/v2.0/routers/') &&
      ours.status < 300 &&
      errorOf(theirs).type === 'RevisionNumberConstraintFailed',
  },
  {
    reason:
      'The answer of Neutron 21 to an update of a port forwarding shows single ports that it does not have any more.',
    applies: (step, ours, theirs) =>
      step.method === 'PUT' &&
      step.path.includes('/port_forwardings/') &&
      isDeepStrictEqual(...withoutPorts(ours, theirs)),
  },
  {
    reason: 'Of a range of ports, lists of Neutron 21 leave out the single port; we show none.',
    applies: (step, ours, theirs) =>
      step.method === 'GET' &&
      step.path.includes('/port_forwardings') &&
      isDeepStrictEqual(...withoutPorts(ours, theirs)),
  },
  {
    reason:
      'Of several things that are wrong with a new router Neutron tells all that its callbacks find, we the first.',
    applies: (step, ours, theirs) =>
      isCreationOf(['router'], step) &&
      ours.status === theirs.status &&
      errorOf(theirs).message.split('\n').includes(errorOf(ours).message),
  },
  {
    reason:
      'Neutron takes addresses on the outside as an administrator would, and so tells of subnets that the caller does ' +
      'not see; to us they are not there.',
    applies: (step, ours, theirs) =>
      /^\/v2.0\/(floatingips|routers)/.test(step.path) &&
      errorOf(ours).type === 'SubnetNotFound' &&
      errorOf(theirs).message.includes('because fixed_ips included invalid subnet'),
  },
  {
    reason: "Later releases and we give the owner of a router's interface its newer name, too.",
    applies: (step, ours, theirs) =>
      step.path.endsWith('_router_interface') && isDeepStrictEqual(withoutMembers(ours, ['project_id']), theirs),
  },
  {
    reason:
      'In the answer to an action Neutron 21 shows everybody what else only administrators see, and does not say that a ' +
      'way out has no QoS policy.',
    applies: (step, ours, theirs) =>
      step.path.endsWith('_extraroutes') &&
      [theirs, withoutAttributes(theirs, ['distributed', 'ha'])].some((shown) =>
        isDeepStrictEqual(withoutAbsentPolicy(ours), withoutAbsentPolicy(shown)),
      ),
  },
  {
    reason: 'Neutron 21 asks whether the caller may choose a flavor before it looks whether it is one.',
    applies: (step, ours, theirs) =>
      isCreationOf(['router'], step) &&
      theirs.status === 403 &&
      errorOf(ours).message.startsWith('Invalid input for flavor_id.'),
  },
  {
    reason: 'Neutron takes the id 0 for none and tunnel ids that no header has room for; we refuse both.',
    applies: (step, ours, theirs) =>
      isCreationOf(['network'], step) &&
      theirs.status === 201 &&
      /segmentation_id (out of range|prohibited)/.test(errorOf(ours).message),
  },
  {
    reason:
      'Neutron tells which of its callbacks has refused a policy, which one does for want of a new target; we tell why.',
    applies: (step, ours, theirs) =>
      step.path.startsWith('/v2.0/rbac_policies') &&
      errorOf(theirs).message.includes('Callback neutron.') &&
      (ours.status === theirs.status || errorOf(theirs).message.endsWith(`"'target_project'"`)),
  },
  {
    reason: 'Neutron lets administrators share what is not there, where its database lets it.',
    applies: (step, ours) =>
      step.as === 'admin' && isCreationOf(['rbac_policie'], step) && errorOf(ours).message.endsWith('not be found.'),
  },
  {
    reason: 'The lists of RBAC policies have no pages in Neutron, which passes over what a request says of them.',
    applies: (step, ours, theirs) =>
      /^\/v2.0\/rbac_policies\?.*limit=/.test(step.path) && ours.status >= 400 && theirs.status === 200,
  },
  {
    reason:
      'Neutron 21 tells that there is a rule to others than the owner of its group, and shows it where the group is ' +
      'shared; later releases do not show it, and to us it is not there.',
    applies: (step, ours) =>
      step.path.startsWith('/v2.0/security_group_rules/') && errorOf(ours).type === 'SecurityGroupRuleNotFound',
  },
  {
    reason: 'Neutron 21 forgets the description of a rule where none is given, and then does not find the rule by it.',
    applies: (step, ours, theirs) =>
      /^\/v2.0\/security_group_rules\?.*description=/.test(step.path) && ours.status === 200 && theirs.status === 200,
  },
  {
    reason: 'Whose group it is that a rule is added to, Neutron 21 asks last; later releases and we ask it first.',
    applies: (step, ours, theirs) =>
      isCreationOf(['security_group_rule'], step) &&
      ['PolicyNotAuthorized', 'SecurityGroupNotFound'].includes(errorOf(ours).type) &&
      theirs.status >= 400,
  },
  {
    reason: 'Neutron 21 lets those add rules to a group with whom it is shared; later releases and we only its owner.',
    applies: (step, ours, theirs) =>
      isCreationOf(['security_group_rule'], step) &&
      step.as !== 'admin' &&
      errorOf(ours).message === 'rule:create_security_group_rule is disallowed by policy' &&
      theirs.status === 201,
  },
  {
    reason: 'Neutron takes anything for the id of the far end of a rule, and then there is nothing of that id.',
    applies: (step, ours) =>
      isCreationOf(['security_group_rule'], step) &&
      /^Invalid input for (security_group_id|remote_(address_)?group_id)\./.test(errorOf(ours).message),
  },
  {
    reason: 'Neutron 21 asks no rule before it changes the addresses of a group; later releases and we do.',
    applies: (step, ours, theirs) =>
      step.path.endsWith('_addresses') && errorOf(ours).type === 'HTTPNotFound' && theirs.status !== 403,
  },
  {
    reason: 'Neutron says that nobody may give whether an address group is shared, we that it has no such attribute.',
    applies: (_, ours, theirs) =>
      errorOf(ours).message === "Unrecognized attribute(s) 'shared'" &&
      ['Cannot update read-only attribute shared', "Attribute 'shared' not allowed in POST"].includes(
        errorOf(theirs).message,
      ),
  },
  {
    reason:
      'Neutron takes the way out away before it gives another, and so takes a router that gets one and answers for ' +
      'others for one that loses it; we look at the new way out.',
    applies: (_, ours, theirs) =>
      errorOf(theirs).message.endsWith("The router's external gateway will be unset.") && ours.status !== 500,
  },
  {
    reason: 'Neutron takes null for whether something is enabled, which is neither.',
    applies: (step, ours) => given(step, 'enabled') === null && ours.status === 400,
  },
  {
    reason: 'Neutron has one more sentence for a protocol of port forwardings that is not text.',
    applies: (step, ours, theirs) =>
      step.path.includes('/port_forwardings') &&
      ours.status === theirs.status &&
      /^Invalid input for operation: Input value .* must be string type\.$/.test(errorOf(theirs).message),
  },
  {
    reason: 'Neutron takes anything for what a driver should know, and we text.',
    applies: (_, ours) => errorOf(ours).message.startsWith('Invalid input for metainfo.'),
  },
  {
    reason: 'Neutron makes a topology before it removes it, and refuses where it cannot make one.',
    applies: (step, ours, theirs) =>
      step.method === 'DELETE' &&
      step.path.startsWith('/v2.0/auto-allocated-topology/') &&
      ours.status === 204 &&
      errorOf(theirs).type === 'AutoAllocationFailure',
  },
  {
    reason: 'Neutron names the project by its older name alone when a topology is only tried.',
    applies: (step, ours, theirs) =>
      step.path.endsWith('?fields=dry-run') && isDeepStrictEqual(withoutAttributes(ours, ['project_id']), theirs),
  },
  {
    reason: 'Neutron joins flavors and profiles that are not there, where its database lets it.',
    applies: (step, ours) =>
      /\/flavors\/[^/]+\/service_profiles$/.test(step.path) &&
      ['FlavorNotFound', 'ServiceProfileNotFound'].includes(errorOf(ours).type),
  },
  {
    reason: 'A subnet pool that has lost all its prefixes can still be renamed.',
    applies: (step, ours, theirs) =>
      step.method === 'PUT' && ours.status === 200 && errorOf(theirs).type === 'EmptySubnetPoolPrefixList',
  },
  {
    reason:
      'Neutron finds ports in use that the caller does not see, and trunks of other projects only in its database.',
    applies: (step, ours, theirs) => {
      const inUse = ['TrunkPortInUse', 'ParentPortInUse'];
      const hidden = errorOf(ours).type === 'PortNotFound' && inUse.includes(errorOf(theirs).type);
      const late = inUse.includes(errorOf(ours).type) && errorOf(theirs).type === 'NeutronDbObjectDuplicateEntry';
      return step.path.startsWith('/v2.0/trunks') && (hidden || late);
    },
  },
  {
    reason:
      'Neutron does not look whether there is a local IP, or whose it is, when it is asked about its associations.',
    applies: (step, ours) => step.path.includes('/port_associations') && errorOf(ours).type === 'LocalIPNotFound',
  },
  {
    reason: 'Only where Neutron shows a single port it knows the addresses of those behind the parent of a trunk.',
    applies: (step, ours, theirs) =>
      /^\/v2.0\/ports(\?|\/|$)/.test(step.path) && isDeepStrictEqual(withoutMacs(ours), withoutMacs(theirs)),
  },
];

/** Attributes that are lists. */
const lists = new Set([
  'dns_nameservers',
  'host_routes',
  'allocation_pools',
  'fixed_ips',
  'extra_dhcp_opts',
  'allowed_address_pairs',
  'service_types',
  'prefixes',
  'segments',
  'availability_zone_hints',
]);

function withoutAbsentPolicy(answer: Answer): unknown {
  const text = JSON.stringify(answer);
  return JSON.parse(text, (key, value: unknown) => (key === 'qos_policy_id' && value === null ? undefined : value));
}
