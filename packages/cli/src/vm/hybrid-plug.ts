// The Linux bridge between an instance's device and the integration bridge, which os-vif makes where the agent filters
// by iptables (`ovs_hybrid_plug` in binding:vif_details): `tap – qbr – qvb/qvo – br-int`.

import { run } from '../command.ts';
import { ignoreMissing } from './instance-namespace.ts';
import { hybridNames, tapName } from './mark.ts';

/** The alias by which the devices are known as ours. */
const alias = 'neutronium-vm';

/**
 * Makes the bridge with the port's tap device in it, and the pair that leads to the switch. Gives the end that is to be
 * plugged. `mtu` in bytes.
 */
export async function makeBridge(portId: string, mtu: number): Promise<string> {
  const { bridge, bridgeEnd, switchEnd } = hybridNames(portId);
  // It learns nothing and snoops on nothing: it has two ports, and what comes by one is for the other.
  await run('ip', ['link', 'add', bridge, 'type', 'bridge', 'ageing_time', '0', 'mcast_snooping', '0']);
  await run('ip', ['link', 'set', 'dev', bridge, 'alias', alias]);
  await run('ip', ['link', 'add', bridgeEnd, 'type', 'veth', 'peer', 'name', switchEnd]);
  // The host itself does not take part in the instance's network.
  const settings = [bridge, bridgeEnd, switchEnd, tapName(portId)].map(
    (device) => `net.ipv6.conf.${device}.disable_ipv6=1`,
  );
  await run('sysctl', ['-q', '-w', ...settings]);
  for (const device of [bridgeEnd, switchEnd]) {
    await run('ip', ['link', 'set', 'dev', device, 'alias', alias, 'mtu', String(mtu), 'up']);
  }
  for (const device of [bridgeEnd, tapName(portId)]) await run('ip', ['link', 'set', 'dev', device, 'master', bridge]);
  await run('ip', ['link', 'set', 'dev', bridge, 'up']);
  return switchEnd;
}

/** Removes what `makeBridge` has made. Nothing there is no error. The switch must have let go of its end. */
export async function removeBridge(portId: string): Promise<void> {
  const { bridge, switchEnd } = hybridNames(portId);
  for (const device of [switchEnd, bridge]) await run('ip', ['link', 'delete', 'dev', device]).catch(ignoreMissing);
}

/** Removes all bridges and pairs of ours, of whatever ports, and gives their names. */
export async function removeAllBridges(): Promise<readonly string[]> {
  const links: readonly unknown[] = JSON.parse(await run('ip', ['-j', 'link', 'show']));
  const names = links.flatMap((link) => {
    if (typeof link !== 'object' || link === null || Reflect.get(link, 'ifalias') !== alias) return [];
    const name: unknown = Reflect.get(link, 'ifname');
    return typeof name === 'string' ? [name] : [];
  });
  // One end of a pair goes with the other.
  for (const name of names) await run('ip', ['link', 'delete', 'dev', name]).catch(ignoreMissing);
  return names;
}
