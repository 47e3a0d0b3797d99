// Whether a security group admits a packet, for logs that are about what one of a port's groups admits.

import type { HostView, SecurityGroupRuleView } from '@neutronium/model/host-view';
import { cidrContains, isCidr } from '@neutronium/net/cidr';
import type { IpAddress } from '@neutronium/net/ip';
import type { IpSummary } from './frame.ts';

type Direction = SecurityGroupRuleView['direction'];

/** Whether one of the group's rules admits the first packet of a connection in that direction. */
export function groupAdmits(
  view: Pick<HostView, 'security_groups' | 'address_set_members'>,
  groupId: string,
  { direction, packet }: { readonly direction: Direction; readonly packet: IpSummary },
): boolean {
  const far = direction === 'ingress' ? packet.src : packet.dst;
  const rules = view.security_groups.get(groupId)?.rules ?? [];
  return rules.some(
    (rule) => rule.direction === direction && isTraffic(rule, packet) && isRemote(view, rule.remote, far),
  );
}

function isTraffic(
  { ethertype, protocol, port_range_min: min, port_range_max: max }: SecurityGroupRuleView,
  packet: IpSummary,
): boolean {
  if (ethertype !== `IPv${packet.family}`) return false;
  if (protocol === null) return true;
  if (protocol !== packet.protocol) return false;
  if (packet.icmp !== null)
    return (min ?? packet.icmp.type) === packet.icmp.type && (max ?? packet.icmp.code) === packet.icmp.code;
  if (min === null && max === null) return true;
  return packet.ports !== null && packet.ports.dst >= (min ?? 0) && packet.ports.dst <= (max ?? 65_535);
}

function isRemote(
  { address_set_members }: Pick<HostView, 'address_set_members'>,
  remote: SecurityGroupRuleView['remote'],
  far: IpAddress,
): boolean {
  switch (remote.kind) {
    case 'any':
      return true;
    case 'prefix':
      return cidrContains(remote.cidr, far);
    case 'set':
      for (const { set_id, addresses } of address_set_members.values()) {
        if (set_id === remote.id && addresses.some(({ ip }) => (isCidr(ip) ? cidrContains(ip, far) : ip === far)))
          return true;
      }
      return false;
  }
}
