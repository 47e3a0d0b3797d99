import { describe, expect, it } from 'vitest';
import type { SegmentView } from '@neutronium/model/host-view';
import { bindPort } from './bind-port.ts';
import type { BindingRequest, HostAgent } from './mechanism-driver.ts';
import { openVSwitch } from './open-vswitch.ts';

const agent: HostAgent = {
  agent_type: 'Open vSwitch agent',
  admin_state_up: true,
  alive: true,
  configurations: {
    bridge_mappings: { physnet1: 'br-ex' },
    tunnel_types: ['vxlan'],
    integration_bridge: 'br-int',
    datapath_type: 'netdev',
    ovs_hybrid_plug: false,
  },
};

const segment = (network_type: SegmentView['network_type'], physical_network: string | null = null): SegmentView => ({
  id: 'segment',
  network_type,
  physical_network,
  segmentation_id: null,
});

const request: BindingRequest = { vnic_type: 'normal', profile: {}, segments: [segment('local')], agents: [agent] };
const vifType = (changes: Partial<BindingRequest>, host = 'host1'): string =>
  bindPort([openVSwitch], host, { ...request, ...changes }).vif_type;

describe('bindPort', () => {
  it('leaves a port without a host unbound', () => {
    expect(vifType({}, '')).toBe('unbound');
  });

  it('binds through a live Open vSwitch agent and says how to plug', () => {
    expect(bindPort([openVSwitch], 'host1', request)).toEqual({
      vif_type: 'ovs',
      vif_details: {
        connectivity: 'l2',
        port_filter: true,
        ovs_hybrid_plug: false,
        datapath_type: 'netdev',
        bridge_name: 'br-int',
        bound_drivers: { 0: 'openvswitch' },
      },
    });
  });

  it.each([
    ['no agent', { agents: [] }],
    ['a dead agent', { agents: [{ ...agent, alive: false }] }],
    ['a disabled agent', { agents: [{ ...agent, admin_state_up: false }] }],
    ['another kind of agent', { agents: [{ ...agent, agent_type: 'DHCP agent' }] }],
    ['an unmapped physical network', { segments: [segment('vlan', 'physnet2')] }],
    ['a tunnel type that the agent does not speak', { segments: [segment('gre')] }],
    ['no segment', { segments: [] }],
    ['a virtual function without switchdev', { vnic_type: 'direct' }],
    ['a device that no bridge takes', { vnic_type: 'macvtap' }],
  ])('fails with %s', (_, changes) => {
    expect(vifType(changes)).toBe('binding_failed');
  });

  it.each([
    ['a mapped flat network', { segments: [segment('flat', 'physnet1')] }],
    ['a tunnel that the agent speaks', { segments: [segment('vxlan')] }],
    ['any segment of several', { segments: [segment('vlan', 'physnet2'), segment('vlan', 'physnet1')] }],
    ['a virtual function with switchdev', { vnic_type: 'direct', profile: { capabilities: ['switchdev'] } }],
  ])('succeeds with %s', (_, changes) => {
    expect(vifType(changes)).toBe('ovs');
  });
});
