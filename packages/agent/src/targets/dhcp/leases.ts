// dnsmasq's lease file, and which of its leases are to be given up: an address that is still leased to the device that
// had it before is refused to the one that has it now.

import type { DhcpPlan } from '@neutronium/dataplane/host-plan';
import { cidrContains } from '@neutronium/net/cidr';
import { parseIp } from '@neutronium/net/ip';

export type Lease =
  | { readonly version: 4; readonly ip: string; readonly mac: string; readonly clientId: string | null }
  | {
      readonly version: 6;
      readonly ip: string;
      readonly iaid: string;
      readonly duid: string;
      readonly serverDuid: string;
    };

/**
 * The leases in dnsmasq's file: `<expiry> <mac> <ip> <name> <client-id>` for IPv4; then a line `duid <server's>` and
 * `<expiry> [T]<iaid> <ip> <name> <duid>` for IPv6. Lines of another shape are passed over: dnsmasq may be writing.
 */
export function parseLeases(text: string): readonly Lease[] {
  const leases: Lease[] = [];
  let serverDuid: string | null = null;
  for (const line of text.split('\n')) {
    const words = line.trim().split(/\s+/);
    const [first = '', second = '', ip = '', , last = ''] = words;
    if (first === 'duid') {
      serverDuid = second;
    } else if (words.length === 5) {
      if (serverDuid !== null) {
        // A temporary address; its prefix letter is no part of the number.
        leases.push({ version: 6, ip, iaid: second.replace(/^T/, ''), duid: last, serverDuid });
      } else {
        // A hardware type other than Ethernet's stands before the address as `<type>-`.
        leases.push({ version: 4, ip, mac: second, clientId: last === '*' ? null : last });
      }
    }
  }
  return leases;
}

/**
 * The leases of addresses that are no longer reserved, or are reserved for another device. Those of subnets that are not
 * served keep nobody from an address, and cannot be given up: dnsmasq does not listen there. They are stale once the
 * subnet is served again.
 */
export function staleLeases(
  leases: readonly Lease[],
  { reservations, served }: Pick<DhcpPlan, 'reservations' | 'served'>,
): readonly Lease[] {
  const macs = new Map(reservations.map(({ ip, mac }): [string, string] => [ip, mac]));
  return leases.filter((lease) => {
    const address = parseIp(lease.ip);
    if (!address.ok || !served.some((subnet) => cidrContains(subnet, address.value))) return false;
    const mac = macs.get(lease.ip);
    if (mac === undefined) return true;
    const holder = lease.version === 4 ? lease.mac : macOfDuid(lease.duid);
    return holder !== null && holder !== mac;
  });
}

/** A lease file for a server that has none: without it, clients that ask it to renew would be left unanswered. */
export function initialLeases(plan: Pick<DhcpPlan, 'args' | 'reservations'>, now: Date): string {
  const seconds = Number(/,(\d+)s?$/.exec(plan.args.findLast((arg) => arg.startsWith('--dhcp-range=')) ?? '')?.[1]);
  // An expiry of 0 never comes.
  const expiry = Number.isNaN(seconds) ? 0 : Math.floor(now.getTime() / 1000) + seconds;
  return plan.reservations
    .filter(({ ip }) => !ip.includes(':'))
    .map(({ mac, ip }) => `${expiry} ${mac} ${ip} * *\n`)
    .join('');
}

/** The command that gives up a lease, as the client itself would. */
export function releaseCommand(device: string, lease: Lease): readonly string[] {
  if (lease.version === 4) {
    return ['dhcp_release', device, lease.ip, lease.mac, ...(lease.clientId === null ? [] : [lease.clientId])];
  }
  const { duid, serverDuid, iaid, ip } = lease;
  const client = ['--client-id', duid, '--server-id', serverDuid, '--iaid', iaid];
  return ['dhcp_release6', '--iface', device, ...client, '--ip', ip];
}

/** The Ethernet address in a DUID of type 1 or 3 (RFC 8415 sections 11.2 and 11.4), null in others. */
function macOfDuid(duid: string): string | null {
  const match = /^00:(?:01:00:01(?::[0-9a-f]{2}){4}|03:00:01):((?:[0-9a-f]{2}:){5}[0-9a-f]{2})$/i.exec(duid);
  return match?.[1]?.toLowerCase() ?? null;
}
