// The tables of the tunnel bridge, which joins br-int to the hosts that share a tunnelled network with this one. Numbers
// and names are Neutron's. Where each frame goes is said by the server: nothing is learned from traffic, so that no
// flow outlives the port that it was made for, and no port can draw the frames of another. Ports of highly available
// routers are the exception: on which of their hosts they are is learned from what comes from those hosts.

import { Pipeline, type FlowOf } from '../../openflow/pipeline.ts';

export const brTun = new Pipeline('br-tun', {
  LOCAL_SWITCHING: {
    number: 0,
    purpose: 'sorts frames by where they come from: br-int or one of the tunnels',
    next: ['DVR_PROCESS', 'PATCH_LV_TO_TUN', 'GRE_TUN_TO_LV', 'VXLAN_TUN_TO_LV', 'GENEVE_TUN_TO_LV'],
    miss: { priority: 0, to: 'drop' },
  },
  DVR_PROCESS: {
    number: 1,
    purpose: 'lets what distributed routers of the host send leave as from the host, and keeps what is theirs here',
    next: ['PATCH_LV_TO_TUN'],
    miss: { priority: 0, to: 'PATCH_LV_TO_TUN' },
  },
  PATCH_LV_TO_TUN: {
    number: 2,
    purpose: 'sorts what br-int sends: to one, to many, or a question for an address',
    next: ['UCAST_TO_TUN', 'ARP_RESPONDER', 'FLOOD_TO_TUN'],
    miss: { priority: 0, to: 'UCAST_TO_TUN' },
  },
  GRE_TUN_TO_LV: {
    number: 3,
    purpose: 'gives what GRE brings the local VLAN of its network',
    next: ['LEARN_FROM_TUN'],
    miss: { priority: 0, to: 'drop' },
  },
  VXLAN_TUN_TO_LV: {
    number: 4,
    purpose: 'gives what VXLAN brings the local VLAN of its network',
    next: ['LEARN_FROM_TUN'],
    miss: { priority: 0, to: 'drop' },
  },
  GENEVE_TUN_TO_LV: {
    number: 6,
    purpose: 'gives what Geneve brings the local VLAN of its network',
    next: ['LEARN_FROM_TUN'],
    miss: { priority: 0, to: 'drop' },
  },
  LEARN_FROM_TUN: {
    number: 10,
    purpose: 'hands to br-int what tunnels bring, and learns which host a router is active on',
    next: ['ROAMING_TO_TUN'],
    miss: { priority: 0, to: 'drop' },
  },
  UCAST_TO_TUN: {
    number: 20,
    purpose: 'sends a frame to the one host that has its destination',
    next: ['FLOOD_TO_TUN', 'ROAMING_TO_TUN'],
    miss: { priority: 0, to: 'FLOOD_TO_TUN' },
  },
  ARP_RESPONDER: {
    number: 21,
    purpose: 'answers questions for addresses of other hosts, or takes them to the one host that can',
    next: ['FLOOD_TO_TUN'],
    miss: { priority: 0, to: 'FLOOD_TO_TUN' },
  },
  FLOOD_TO_TUN: {
    number: 22,
    purpose: 'sends a frame to every host that has ports of its network',
    next: [],
    miss: { priority: 0, to: 'drop' },
  },
  ROAMING_TO_TUN: {
    number: 23,
    purpose:
      'sends a frame for a highly available router to the host that it was last heard from, or to all of its hosts',
    next: [],
    miss: { priority: 0, to: 'drop' },
  },
});

export type BrTunFlow = FlowOf<typeof brTun.tables>;

/** Which flow of a table is asked first, highest number first. Neutron's numbers where Neutron has the flow. */
export const priorities = {
  LOCAL_SWITCHING: 1,
  PATCH_LV_TO_TUN: { question: 2, toMany: 1 },
  TUN_TO_LV: 1,
  LEARN_FROM_TUN: { roaming: 2, rest: 1 },
  UCAST_TO_TUN: 2,
  ARP_RESPONDER: 1,
  FLOOD_TO_TUN: 1,
  ROAMING_TO_TUN: { learned: 2, unheard: 1 },
} as const;
