// The mark of a packet within a router: its lower half says where it came from and what for, or, of what comes from
// inside, by which of several gateways it leaves; its upper half the address scope of the network that it came from.

/** A request for metadata, which only the proxy of the router may be given. */
export const metadataMark = '0x1/0xffff';
/** Came from the external network. */
export const ingressMark = '0x2/0xffff';

/** The number of a gateway. */
export const gatewayMask = '0xff00';
/** Bound to no gateway. */
export const noGateway = `0x0/${gatewayMask}`;

/** Hexadecimal, as iptables-save prints it. */
export const scopeMask = '0xffff0000';
/** A connection of whose address scope nothing is remembered yet. */
export const noScope = `0x0/${scopeMask}`;
