// The mechanism driver `openvswitch`: a port is plugged into the integration bridge of an Open vSwitch agent.

import type { SegmentView } from '@neutronium/model/host-view';
import type { BindingRequest, Bound, HostAgent, MechanismDriver } from './mechanism-driver.ts';

const agentType = 'Open vSwitch agent';

export const openVSwitch: MechanismDriver = { name: 'openvswitch', bind };

function bind(request: BindingRequest): Bound | undefined {
  const agent = request.agents.find(
    (candidate) => candidate.agent_type === agentType && candidate.alive && candidate.admin_state_up,
  );
  if (agent === undefined || !canPlug(request, agent)) return undefined;
  if (!request.segments.some((segment) => carries(agent, segment))) return undefined;
  return { vif_type: 'ovs', vif_details: vifDetails(agent) };
}

/** Which kinds of device the agent's bridge can take. */
function canPlug({ vnic_type, profile }: BindingRequest, agent: HostAgent): boolean {
  switch (vnic_type) {
    case 'normal':
    case 'vdpa':
      return true;
    case 'direct':
      // A virtual function whose packets the card hands to Open vSwitch; others bypass the bridge.
      return textsOf(profile['capabilities']).includes('switchdev');
    case 'smart-nic':
      return agent.configurations['baremetal_smartnic'] === true;
    // vnic_type is open text here because other drivers bring other types; none of those is for a bridge.
    default:
      return false;
  }
}

/** Whether one of the agent's bridges leads to the wire of the segment; never for segments that have none. */
export function leadsTo(
  { agent_type, configurations }: Pick<HostAgent, 'agent_type' | 'configurations'>,
  { physical_network }: SegmentView,
): boolean {
  return (
    agent_type === agentType &&
    physical_network !== null &&
    physical_network in recordOf(configurations['bridge_mappings'])
  );
}

/** Whether the agent reaches the segment, by a bridge or by tunnels. */
export function carries(agent: Pick<HostAgent, 'agent_type' | 'configurations'>, segment: SegmentView): boolean {
  if (agent.agent_type !== agentType) return false;
  switch (segment.network_type) {
    case 'local':
      return true;
    case 'flat':
    case 'vlan':
      return leadsTo(agent, segment);
    case 'gre':
    case 'vxlan':
    case 'geneve':
      return textsOf(agent.configurations['tunnel_types']).includes(segment.network_type);
  }
}

function vifDetails({ configurations }: HostAgent): Readonly<Record<string, unknown>> {
  return {
    connectivity: 'l2',
    port_filter: true,
    ovs_hybrid_plug: configurations['ovs_hybrid_plug'] === true,
    datapath_type: configurations['datapath_type'] ?? 'system',
    bridge_name: configurations['integration_bridge'] ?? 'br-int',
    // By the level of the binding, of which there is one: nothing binds for others here.
    bound_drivers: { 0: openVSwitch.name },
  };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

function recordOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}
