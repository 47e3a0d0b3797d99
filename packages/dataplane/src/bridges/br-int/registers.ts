// What br-int's tables tell each other about a packet. A packet comes into the bridge with zeros.

import type { Slice } from '../../openflow/field.ts';
import { registers } from '../../openflow/registers.ts';

export const register = registers({
  localIpAnswer: { field: 'reg2', start: 0, bits: 1, purpose: 'whether it was asked if this answers to a local IP' },
  audience: {
    field: 'reg3',
    start: 0,
    bits: 32,
    purpose: 'whether copies are judged for several ports: see `audience`',
  },
  verdict: { field: 'reg4', start: 0, bits: 32, purpose: 'what the security groups said: see `verdict`' },
  judgedPort: { field: 'reg5', start: 0, bits: 32, purpose: 'OpenFlow port whose rules the packet has to meet' },
  localVlan: { field: 'reg6', start: 0, bits: 32, purpose: 'local VLAN of the network on which the packet is' },
  askedGroup: { field: 'reg7', start: 0, bits: 32, purpose: 'number of the security group that is asked; 0 is none' },
});

export const audience = { one: 0, several: 1 } as const;
export const verdict = { nobodyAsked: 0, asked: 1, allowed: 2 } as const;
export const nobody = 0;

/** Connections of a network are tracked in a zone of their own, whose number is the local VLAN. */
export const networkZone: Slice = { field: 'reg6', start: 0, bits: 16 };

/**
 * Connections to local IPs are tracked apart, in zones above those of networks. On hosts where iptables filters, ports
 * have zones of their own (firewall/hybrid/zones.ts), of which the lowest that are free are taken; these are the highest.
 * A network has several: another association for the same local IP is to know nothing of the connections of the one
 * before it.
 */
export const localIpZones = { first: 0x8000, ofNetwork: 8 } as const;

/** ct_mark of connections: whether a rule still allows them. */
export const connectionMark = { allowed: 0, cut: 1 } as const;
