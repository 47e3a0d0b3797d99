// `neutronium port status`: what the agent of this machine has made of its ports, and why.

import Table from 'cli-table3';
import type { PortEntry } from '@neutronium/model/agent-socket';

export function renderPortStatus(ports: readonly PortEntry[]): string {
  if (ports.length === 0) return 'no ports on this machine';
  const table = new Table({
    head: ['Port', 'Device', 'Addresses', 'VLAN', 'State', 'Why'],
    style: { head: [], border: [] },
  });
  for (const { id, device, fixed_ips, localVlan, state, why } of ports) {
    table.push([id, device ?? '', fixed_ips.join('\n'), localVlan === null ? 'dead' : String(localVlan), state, why]);
  }
  return table.toString();
}
