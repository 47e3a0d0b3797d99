// Names of devices, chains and sets on a host where iptables filters: Neutron's, so that its guides apply. What a
// chain's name holds of an id is short, as everything in a name of 28 characters must be; the comments have all of it.

import type { Family } from '@neutronium/net/ip';

const idLength = 11;

/** The devices of a port between its instance and br-int (os-vif, hybrid plug). */
export const hybridDevices = {
  /** The instance's own; where it is filtered. */
  tap: (portId: string): string => `tap${portId.slice(0, idLength)}`,
  /** The Linux bridge that joins it with the pair below. */
  bridge: (portId: string): string => `qbr${portId.slice(0, idLength)}`,
  bridgeEnd: (portId: string): string => `qvb${portId.slice(0, idLength)}`,
  /** On br-int; bears the port's id. */
  switchEnd: (portId: string): string => `qvo${portId.slice(0, idLength)}`,
} as const;

/** The first sixteen characters of `neutron-openvswitch-agent`. */
const prefix = 'neutron-openvswi';

export const chainNames = {
  forward: `${prefix}-FORWARD`,
  input: `${prefix}-INPUT`,
  prerouting: `${prefix}-PREROUTING`,
  /** Where the traffic of all filtered ports comes by. */
  ports: `${prefix}-sg-chain`,
  /** Where what nothing has admitted ends. */
  fallback: `${prefix}-sg-fallback`,
  toInstance: (portId: string): string => `${prefix}-i${portId.slice(0, idLength - 1)}`,
  fromInstance: (portId: string): string => `${prefix}-o${portId.slice(0, idLength - 1)}`,
  ownAddresses: (portId: string): string => `${prefix}-s${portId.slice(0, idLength - 1)}`,
  /** The rules of a security group, which Neutron repeats in the chains of each port. */
  group: (groupId: string, direction: 'ingress' | 'egress'): string =>
    `${prefix}-g${direction === 'ingress' ? 'i' : 'o'}${groupId.replaceAll('-', '').slice(0, idLength - 2)}`,
} as const;

/** Sets of the addresses of a security group's members, or of an address group's: 29 characters. */
export function setName(setId: string, family: Family): string {
  return `NIPv${family}${setId}`.slice(0, 29);
}
