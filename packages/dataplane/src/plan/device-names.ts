// Names of devices and namespaces: Neutron's, so that its guides and tools apply.

/** What a Linux link name may have at most is 15 characters; Neutron uses 14: a prefix and the beginning of the id. */
const neutronNameLength = 14;

/** The device of a port that the host plugs itself, or that Nova plugs as a tap. */
export function tapName(portId: string): string {
  return `tap${portId}`.slice(0, neutronNameLength);
}

export function dhcpNamespaceName(networkId: string): string {
  return `qdhcp-${networkId}`;
}
