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

/** The namespace of the centre of a distributed router. */
export function centreNamespaceName(routerId: string): string {
  return `snat-${routerId}`;
}

/** The device of a port at which the centre of a distributed router is on a network behind it. */
export function centreInterfaceName(portId: string): string {
  return `sg-${portId}`.slice(0, neutronNameLength);
}

/** The namespace in which a host is on an external network for the floating IPs of its instances. */
export function floatingNamespaceName(networkId: string): string {
  return `fip-${networkId}`;
}

/** The device by which it is there. */
export function agentGatewayName(portId: string): string {
  return `fg-${portId}`.slice(0, neutronNameLength);
}

/** The ends of the pair between a router and such a namespace: `id` is the router's, or tells several networks apart. */
export function jointNames(id: string): { readonly router: string; readonly floating: string } {
  return {
    router: `${jointRouterPrefix}${id}`.slice(0, neutronNameLength),
    floating: `fpr-${id}`.slice(0, neutronNameLength),
  };
}

export const jointRouterPrefix = 'rfp-';

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
