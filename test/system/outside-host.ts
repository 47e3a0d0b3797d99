// A host that is no instance: a namespace on the bridge that leads to a physical network.

import type { Embedded } from '@neutronium/testkit/lab/embedded';
import { startTcpServer } from '@neutronium/testkit/lab/tcp';

/** The port that instances and hosts outside answer on. */
export const servicePort = 22;

export interface OutsideHost {
  readonly netns: string;
  readonly bridge: string;
  /** With their prefix lengths. */
  readonly addresses: readonly string[];
}

/** Makes the host, which answers on the service's port, once there is the bridge. */
export async function addOutsideHost(embedded: Embedded, { netns, bridge, addresses }: OutsideHost): Promise<void> {
  const { host } = embedded;
  await host.script(`
    ip netns add ${netns}
    ip -n ${netns} link set lo up
    ip link add x-${netns} type veth peer name eth0 netns ${netns}
    ip netns exec ${netns} ethtool -K eth0 tx off >/dev/null
    ip link set x-${netns} up; ip -n ${netns} link set eth0 up
    for address in ${addresses.join(' ')}; do
      case $address in *:*) nodad=nodad;; *) nodad=;; esac
      ip -n ${netns} addr add $address dev eth0 $nodad
    done`);
  await embedded.until(bridge, async () => (await host.vsctl('list-br')).split('\n').includes(bridge));
  await host.vsctl('add-port', bridge, `x-${netns}`);
  await startTcpServer(host, { netns, port: servicePort });
}
