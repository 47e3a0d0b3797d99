// IP protocols by the names that security group rules may use for them (Networking API: security group rules); the
// numbers are IANA's (Assigned Internet Protocol Numbers).

/** In the order in which messages list them. */
export const ipProtocols: Readonly<Record<string, number>> = {
  ah: 51,
  dccp: 33,
  egp: 8,
  esp: 50,
  gre: 47,
  hopopt: 0,
  icmp: 1,
  igmp: 2,
  ip: 0,
  ipip: 4,
  'ipv6-encap': 41,
  'ipv6-frag': 44,
  'ipv6-icmp': 58,
  icmpv6: 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  'ipv6-route': 43,
  ospf: 89,
  pgm: 113,
  rsvp: 46,
  sctp: 132,
  tcp: 6,
  udp: 17,
  udplite: 136,
  vrrp: 112,
};

/** The number of a protocol that is written as its name or as its number in decimal digits. */
export function protocolNumber(protocol: string): number {
  return ipProtocols[protocol] ?? Number(protocol);
}
