// The mark of a packet within a router: its lower half says where it came from and what for, its upper half the address
// scope of the network that it came from.

/** A request for metadata, which only the proxy of the router may be given. */
export const metadataMark = '0x1/0xffff';
/** Came from the external network. */
export const ingressMark = '0x2/0xffff';

/** Hexadecimal, as iptables-save prints it. */
export const scopeMask = '0xffff0000';
/** A connection of whose address scope nothing is remembered yet. */
export const noScope = `0x0/${scopeMask}`;
