// The tables of the integration bridge, where every device of the host is plugged. Numbers and names are Neutron's, so
// that its troubleshooting guides hold here too.

import { Pipeline, type FlowOf } from '../../openflow/pipeline.ts';

export const brInt = new Pipeline('br-int', {
  LOCAL_SWITCHING: {
    number: 0,
    purpose: 'sorts packets by where they come from; a port that nobody wired gets no further',
    next: ['ARP_SPOOF', 'MAC_SPOOF', 'PACKET_RATE_LIMIT'],
    miss: { priority: 0, to: 'drop' },
  },
  CANARY: {
    number: 23,
    purpose: 'is never reached; when its one flow is gone, the switch has lost its flows',
    next: [],
    miss: { priority: 0, to: 'drop' },
  },
  ARP_SPOOF: {
    number: 24,
    purpose: 'lets a port claim its own addresses in ARP and neighbour discovery',
    next: ['MAC_SPOOF'],
    miss: { priority: 0, to: 'drop' },
  },
  MAC_SPOOF: {
    number: 25,
    purpose: 'lets a port send from its own MAC addresses',
    next: ['LOCAL_EGRESS'],
    miss: { priority: 0, to: 'drop' },
  },
  LOCAL_EGRESS: {
    number: 30,
    purpose: 'what a guarded port may send; local IPs begin here',
    next: ['LOCAL_IP', 'PACKET_RATE_LIMIT'],
    miss: { priority: 0, to: 'PACKET_RATE_LIMIT' },
  },
  LOCAL_IP: {
    number: 31,
    purpose: 'translates local IPs',
    next: ['PACKET_RATE_LIMIT'],
    miss: { priority: 0, to: 'PACKET_RATE_LIMIT' },
  },
  PACKET_RATE_LIMIT: {
    number: 59,
    purpose: 'meters packets per second',
    next: ['TRANSIENT'],
    miss: { priority: 0, to: 'TRANSIENT' },
  },
  TRANSIENT: {
    number: 60,
    purpose: 'where packets of all origins meet and are forwarded',
    next: ['TRANSIENT_EGRESS'],
    miss: { priority: 3, to: 'NORMAL' },
  },
  TRANSIENT_EGRESS: {
    number: 62,
    purpose: 'forwards what was admitted by other means',
    next: [],
    miss: { priority: 3, to: 'NORMAL' },
  },
});

export type BrIntFlow = FlowOf<typeof brInt.tables>;

/** Which flow of a table is asked first, highest number first. Neutron's numbers. */
export const priorities = {
  LOCAL_SWITCHING: {
    /** Above everything: frames that carry the dead VLAN's tag, and ports that may not speak. */
    dead: 65_535,
    /** ARP and neighbour advertisements of guarded ports, ahead of their other frames. */
    addressClaim: 10,
    fromPort: 9,
    /** Frames from a wire that belong to one of our networks. */
    fromWire: 3,
    restOfWire: 2,
  },
  ARP_SPOOF: { allowed: 2 },
  MAC_SPOOF: { allowed: 2 },
} as const;
