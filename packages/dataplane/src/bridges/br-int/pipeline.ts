// The tables of the integration bridge, where every device of the host is plugged. Numbers and names are Neutron's, so
// that its troubleshooting guides hold here too.

import { Pipeline, type FlowOf } from '../../openflow/pipeline.ts';

export const brInt = new Pipeline('br-int', {
  LOCAL_SWITCHING: {
    number: 0,
    purpose: 'sorts packets by where they come from; a port that nobody wired gets no further',
    next: ['DVR_TO_SRC_MAC', 'DVR_TO_SRC_MAC_PHYSICAL', 'ARP_SPOOF', 'MAC_SPOOF', 'LOCAL_EGRESS', 'PACKET_RATE_LIMIT'],
    miss: { priority: 0, to: 'drop' },
  },
  DVR_TO_SRC_MAC: {
    number: 1,
    purpose: 'gives what distributed routers of other hosts send by tunnels the address of the router again',
    next: ['PACKET_RATE_LIMIT'],
    miss: { priority: 1, to: 'drop' },
  },
  DVR_TO_SRC_MAC_PHYSICAL: {
    number: 2,
    purpose: 'gives what distributed routers of other hosts send by wires the address of the router again',
    next: ['PACKET_RATE_LIMIT'],
    miss: { priority: 1, to: 'drop' },
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
    purpose: 'answers for local IPs and translates them',
    next: ['LOCAL_IP', 'PACKET_RATE_LIMIT'],
    miss: { priority: 0, to: 'PACKET_RATE_LIMIT' },
  },
  BANDWIDTH_LIMIT: {
    number: 58,
    purpose: 'meters the bits that a port with such a limit sends',
    next: ['TRANSIENT'],
    miss: { priority: 0, to: 'drop' },
  },
  PACKET_RATE_LIMIT: {
    number: 59,
    purpose: 'marks what ports send, and meters its packets',
    next: ['BANDWIDTH_LIMIT', 'TRANSIENT'],
    miss: { priority: 0, to: 'TRANSIENT' },
  },
  TRANSIENT: {
    number: 60,
    purpose: 'where packets of all origins meet and are forwarded',
    next: [
      'TRANSIENT_EGRESS',
      'BASE_EGRESS',
      'ACCEPT_OR_INGRESS',
      'BASE_INGRESS',
      'FLOOD',
      'INGRESS_PACKET_RATE_LIMIT',
    ],
    miss: { priority: 3, to: 'NORMAL' },
  },
  TRANSIENT_EGRESS: {
    number: 62,
    purpose: 'forwards what was admitted by other means',
    next: [],
    miss: { priority: 3, to: 'NORMAL' },
  },
  BASE_EGRESS: {
    number: 71,
    purpose: 'lets a guarded port speak for its own addresses only, and never as a server or router',
    next: ['RULES_EGRESS', 'ACCEPT_OR_INGRESS', 'DROPPED', 'ACCEPTED_EGRESS_NORMAL'],
    miss: { priority: 0, to: 'drop' },
  },
  RULES_EGRESS: {
    number: 72,
    purpose: 'lets a guarded port send what its security groups admit',
    next: ['RULES_EGRESS', 'ACCEPT_OR_INGRESS', 'DROPPED', 'ACCEPTED_EGRESS_NORMAL'],
    miss: { priority: 0, to: 'drop' },
  },
  ACCEPT_OR_INGRESS: {
    number: 73,
    purpose: 'hands what may be sent to the local port that it is for, or out',
    next: ['BASE_INGRESS', 'ACCEPTED_EGRESS', 'ACCEPTED_EGRESS_NORMAL', 'INGRESS_PACKET_RATE_LIMIT'],
    miss: { priority: 0, to: 'ACCEPTED_EGRESS_NORMAL' },
  },
  BASE_INGRESS: {
    number: 81,
    purpose: 'lets a guarded port receive what the network itself needs, and has the rest tracked',
    next: ['RULES_INGRESS', 'INGRESS_PACKET_RATE_LIMIT'],
    miss: { priority: 0, to: 'drop' },
  },
  RULES_INGRESS: {
    number: 82,
    purpose: 'lets a guarded port receive what its security groups admit',
    next: ['RULES_INGRESS', 'ACCEPTED_INGRESS', 'DROPPED', 'INGRESS_PACKET_RATE_LIMIT'],
    miss: { priority: 0, to: 'drop' },
  },
  ACCEPTED_EGRESS: {
    number: 91,
    purpose: 'counts the connections that guarded ports open to elsewhere',
    next: ['ACCEPTED_EGRESS_NORMAL'],
    miss: { priority: 1, to: 'ACCEPTED_EGRESS_NORMAL' },
  },
  ACCEPTED_INGRESS: {
    number: 92,
    purpose: 'counts the connections that guarded ports accept; they were delivered before',
    next: [],
    miss: { priority: 0, to: 'drop' },
  },
  DROPPED: {
    number: 93,
    purpose: 'counts what guarded ports may not send or receive',
    next: [],
    miss: { priority: 0, to: 'drop' },
  },
  ACCEPTED_EGRESS_NORMAL: {
    number: 94,
    purpose: 'forwards what may be sent and is for no guarded port of this host',
    next: ['FLOOD'],
    miss: { priority: 1, to: 'NORMAL' },
  },
  FLOOD: {
    number: 95,
    purpose: 'gives a broadcast or multicast frame to every port of its network, to guarded ports past their rules',
    next: ['BASE_INGRESS', 'FLOOD'],
    miss: { priority: 0, to: 'drop' },
  },
  INGRESS_PACKET_RATE_LIMIT: {
    number: 96,
    purpose: 'gives answers to local IPs these addresses again, and meters the packets that ports get',
    next: ['INGRESS_PACKET_RATE_LIMIT', 'INGRESS_BANDWIDTH_LIMIT'],
    miss: { priority: 0, to: 'INGRESS_BANDWIDTH_LIMIT' },
  },
  INGRESS_BANDWIDTH_LIMIT: {
    number: 97,
    purpose: 'meters the bits that ports get, and delivers what was judged',
    next: [],
    miss: { priority: 0, to: 'drop' },
  },
});

export type BrIntFlow = FlowOf<typeof brInt.tables>;

/** Which flow of a table is asked first, highest number first. Neutron's numbers. */
export const priorities = {
  LOCAL_SWITCHING: {
    /** Above everything: frames that carry the dead VLAN's tag, and ports that may not speak. */
    dead: 65_535,
    /** What devices of highly available routers say without an address. */
    standby: 12,
    /** ARP and neighbour advertisements of guarded ports, ahead of their other frames. */
    addressClaim: 10,
    /** What ports send where their network has local IPs. */
    toLocalIp: 10,
    fromPort: 9,
    /** Frames from elsewhere for a distributed router: each host has it for its own instances. */
    toRouter: 5,
    /** Frames that distributed routers of other hosts have sent. */
    fromRouter: 4,
    /** Frames from a wire that belong to one of our networks. */
    fromWire: 3,
    restOfWire: 2,
  },
  /** DVR_TO_SRC_MAC and DVR_TO_SRC_MAC_PHYSICAL. */
  DVR_TO_SRC_MAC: { toPort: 20 },
  ARP_SPOOF: { allowed: 2 },
  LOCAL_EGRESS: { fromPort: 10 },
  LOCAL_IP: {
    tracked: 20,
    /** Whoever has the address itself, and whoever it leads to. */
    exempt: 11,
    toLocalIp: 10,
    /** What a port sends that local IPs lead to, where br-int does not filter. */
    answer: 9,
  },
  MAC_SPOOF: { allowed: 2 },
  TRANSIENT: {
    fromGuardedPort: 100,
    /** ARP and neighbour discovery from wires and trusted ports. */
    discovery: 95,
    fromTrustedPort: 90,
    /** Frames from a wire to what is limited and not guarded. */
    toLimit: 91,
    /** Frames from a wire to one guarded port. */
    toPort: 90,
    /** Frames from a wire to a group address. */
    toGroup: 85,
  },
  BASE_EGRESS: {
    /** ARP, neighbour advertisements and address detection: what a port claims. */
    addressClaim: 95,
    /** A DHCP client without an address. */
    dhcpClient: 80,
    /** What only servers and routers say, and claims that were not the port's. */
    imposture: 70,
    ownAddress: 65,
    spoofed: 10,
  },
  /** RULES_EGRESS and RULES_INGRESS; what is not in both is said. */
  RULES: {
    /** What is known for what it is only when its fragments were put together (egress). */
    imposture: 83,
    /** Address detection for an address that the port may not have (egress). */
    foreignDetection: 82,
    /** What an own address is enough for: neighbour discovery, listener reports and DHCP (egress). */
    ownAddressSuffices: 80,
    /** The unspecified address is for nothing else (egress). */
    unspecifiedSource: 79,
    /** Connections that were cut are judged again, ahead of the rules. */
    reconsider: 78,
    /** Rules without a remote set: 74 to 77, the less specific ones lower. */
    anyProtocol: 74,
    anyIcmp: 75,
    icmpType: 76,
    specific: 77,
    /** Rules whose remote end is a set. All have one priority, so that a member needs one flow for all of them. */
    remoteSet: 70,
    /** What the state of the connection decides. */
    state: 50,
    /** What the groups said when they were asked. */
    verdict: 46,
    /** Asks the groups. */
    ask: 45,
    nobodyAllows: 40,
  },
  ACCEPT_OR_INGRESS: {
    /** The same as toAsker, for connections that the receiver will not commit. */
    opensToAsker: 105,
    /** To what is not guarded and may be answered by a local IP. */
    toAsker: 104,
    /** The same as toLimit, for connections that the receiver will not commit. */
    opensToLimit: 103,
    /** To what is limited and not guarded. */
    toLimit: 102,
    /** The same as toPort, for connections that the receiver will not commit. */
    toStatelessPort: 101,
    toPort: 100,
    newConnection: 90,
  },
  BASE_INGRESS: {
    dhcpServer: 95,
    /** Ports of stateless groups. */
    stateless: 92,
    untracked: 90,
    tracked: 80,
  },
  /** ACCEPTED_EGRESS, ACCEPTED_INGRESS and DROPPED: of ports whose traffic is written down. */
  LOGGED: 53,
  ACCEPTED_EGRESS_NORMAL: { discovery: 20, toGroup: 10 },
  FLOOD: { untracked: 20, network: 10 },
  /** The tables of limits, on both sides. */
  LIMIT: {
    /** Answers that have yet to be asked whether they are of a local IP (ingress). */
    localIpAnswer: 40,
    /** One address of a port: a floating IP, or the address of a router outside. */
    address: 30,
    /** IP of a port that is marked. */
    marked: 20,
    port: 10,
    unlimited: 1,
  },
} as const;
