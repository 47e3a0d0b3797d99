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

export function routerNamespaceName(routerId: string): string {
  return `qrouter-${routerId}`;
}

/** The device of a router's port in a network behind it. */
export function routerInterfaceName(portId: string): string {
  return `${routerInterfacePrefix}${portId}`.slice(0, neutronNameLength);
}

export const routerInterfacePrefix = 'qr-';

/** The device of a router's port in an external network. */
export function routerGatewayName(portId: string): string {
  return `${routerGatewayPrefix}${portId}`.slice(0, neutronNameLength);
}

export const routerGatewayPrefix = 'qg-';

/** The device by which this host hears the others that have the router. */
export function haPortName(portId: string): string {
  return `ha-${portId}`.slice(0, neutronNameLength);
}

/** The bridge into which the device of a trunk's parent port is plugged. */
export function trunkBridgeName(trunkId: string): string {
  return `${trunkBridgePrefix}${trunkId}`.slice(0, neutronNameLength);
}

export const trunkBridgePrefix = 'tbr-';

/** The two ends of the joint between a trunk's bridge and br-int by which the frames of one of its ports pass. */
export function trunkPatchNames(role: 'parent' | 'subport', portId: string) {
  const letter = role === 'parent' ? 't' : 's';
  return {
    trunkBridge: `${letter}pt-${portId}`.slice(0, neutronNameLength),
    integrationBridge: `${letter}pi-${portId}`.slice(0, neutronNameLength),
  };
}
