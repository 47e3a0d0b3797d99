// Which ports are plugged in such that their traffic passes Open vSwitch.

const supportedVifTypes: ReadonlySet<string> = new Set(['ovs', 'vhostuser']);
const supportedVnicTypes: ReadonlySet<string> = new Set(['normal', 'direct']);
const unplugged: ReadonlySet<string> = new Set(['unbound', 'binding_failed']);

/** Whether the port's traffic passes Open vSwitch, or will once the port is bound. */
export function isSwitched(port: {
  readonly 'binding:vif_type': string;
  readonly 'binding:vnic_type': string;
}): boolean {
  const vifType = port['binding:vif_type'];
  return unplugged.has(vifType) ? supportedVnicTypes.has(port['binding:vnic_type']) : supportedVifTypes.has(vifType);
}
