// A plan on a real Open vSwitch, which can then be asked what becomes of packets (ofproto/trace; ovs-vswitchd(8)). For
// tests.

import type { LabHost } from '@neutronium/cli/lab/host';
import { deadVlan } from './bridges/dead-vlan.ts';
import type { HostPlan, Inventory } from './host-plan.ts';
import { renderMatch } from './openflow/match-text.ts';
import type { Match } from './openflow/match.ts';
import { renderFlows } from './openflow/render.ts';
import type { Trace } from './trace/trace.ts';

/** The device by which br-ex meets the world. */
export const wire = 'wire0';

/** Makes the flows of every bridge those of the plan. */
export async function replaceFlows(host: LabHost, plan: HostPlan): Promise<void> {
  for (const [bridge, flows] of plan.flows) {
    const target = `unix:${host.switch.runDir}/${bridge}.mgmt`;
    await host.run(['ovs-ofctl', '-O', 'OpenFlow14', '--bundle', 'replace-flows', target, '-'], {
      stdin: renderFlows(flows),
    });
  }
}

/** What Open vSwitch says of a packet that comes into br-int, when connection tracking says the same of it as in `as`. */
export async function askSwitch(
  host: LabHost,
  frame: Match,
  as: Trace,
): Promise<{ readonly met: readonly string[]; readonly text: string }> {
  const description = describe(frame);
  const mark = as.tracked[0]?.mark ?? 0n;
  const next = as.tracked.flatMap(({ state }) => ['--ct-next', ctWords(state)]);
  const packet = mark === 0n ? description : `ct_mark=${mark},${description}`;
  const text = await host.appctl('ofproto/trace', '--names', 'br-int', packet, ...next);
  return { met: metFlows(text), text };
}

/** What dump-flows prints with one name for several fields, a switch that reads a packet wants by the field's own. */
function describe(frame: Match): string {
  const words = renderMatch(frame);
  const [protocol = ''] = /\b(tcp|udp|sctp|icmp6?)/.exec(words) ?? [];
  return words.replaceAll('icmp_', protocol === 'icmp6' ? 'icmpv6_' : 'icmp_').replaceAll('tp_', `${protocol}_`);
}

/** `table/priority` of the flows of br-int, in the order in which the packet met them. */
function metFlows(text: string): readonly string[] {
  const all = [...text.matchAll(/^ *([0-9]+)\. .*?priority ([0-9]+)/gm)].map(
    ([, table, priority]) => `${table}/${priority}`,
  );
  // br-ex has table 0 only, and no packet comes back to br-int's.
  return all.filter((each, index) => index === 0 || !each.startsWith('0/'));
}

/** The same of our own trace. */
export function metInTrace({ steps }: Trace): readonly string[] {
  return steps.map(({ table, flow }) => `${table}/${flow?.priority}`);
}

/** The devices by which copies of the packet leave the switch; one that bears a VLAN tag is `device/vlan`. */
export function outputsOf(text: string): readonly string[] {
  const stages = [...text.matchAll(/^Datapath actions: (.*)$/gm)].map(([, actions = '']) => actions);
  return stages.flatMap(devicesOf).toSorted();
}

function devicesOf(actions: string): readonly string[] {
  let tag = '';
  const devices: string[] = [];
  for (const [, vid, device] of actions.matchAll(/push_vlan\(vid=([0-9]+)|pop_vlan|\b(tap[\w-]+|wire0|stranger)\b/g)) {
    if (vid !== undefined) tag = `/${vid}`;
    else if (device === undefined) tag = '';
    else devices.push(`${device}${tag}`);
  }
  return devices;
}

const ctWordsByBit = ['new', 'est', 'rel', 'rpl', 'inv', 'trk'];

/** A connection's state as --ct-next takes it. */
function ctWords(state: bigint): string {
  return ctWordsByBit.filter((_, bit) => ((state >> BigInt(bit)) & 1n) === 1n).join();
}

/** Plugs what the plan names, under the OpenFlow port numbers of the inventory, a device `stranger` that nobody described, and a wire behind br-ex. */
export async function plug(host: LabHost, plan: HostPlan, inventory: Inventory): Promise<void> {
  for (const { name } of plan.bridges) {
    await host.vsctl('add-br', name, '--', 'set', 'Bridge', name, 'datapath_type=netdev', 'fail_mode=secure');
    await host.vsctl('set', 'Bridge', name, 'protocols=[OpenFlow10,OpenFlow13,OpenFlow14,OpenFlow15]');
  }
  for (const bridge of plan.bridges) {
    for (const { name, peer } of bridge.patches) {
      const ofport = inventory.patchPorts.get(name) ?? 0;
      await addPort(host, bridge.name, name, ['type=patch', `options:peer=${peer}`, `ofport_request=${ofport}`]);
    }
  }
  for (const { portId, device, tag } of plan.ports) {
    const ofport = inventory.plugged.get(portId)?.ofport ?? 0;
    await addPort(host, 'br-int', device, ['type=internal', `ofport_request=${ofport}`]);
    await host.vsctl('set', 'Port', device, `tag=${tag}`);
  }
  // What plugs a device gives it the dead VLAN: without a tag it would be a trunk and hear every network.
  await addPort(host, 'br-int', 'stranger', ['type=internal']);
  await host.vsctl('set', 'Port', 'stranger', `tag=${deadVlan}`);
  await addPort(host, 'br-ex', wire, ['type=internal']);
}

async function addPort(host: LabHost, bridge: string, name: string, settings: readonly string[]): Promise<void> {
  await host.vsctl('add-port', bridge, name, '--', 'set', 'Interface', name, ...settings);
}
