// The local IPs of a host, and the ports that may send to them: those of instances on the same networks. A local IP costs
// a few flows, and so does each port of a network that has some; without any, nothing does.

import type { HostView, LocalIpView } from '@neutronium/model/host-view';
import { isGuarded, type WiredPort } from '../bridges/br-int/local-port.ts';
import {
  answeredFlows,
  askerFlows,
  deliveredAnswerFlow,
  localIpFlows,
  sentAnswerFlow,
  sharedLocalIpFlows,
  type LocalIpTarget,
} from '../bridges/br-int/local-ip.ts';
import type { BrIntFlow } from '../bridges/br-int/pipeline.ts';
import { localIpZones } from '../bridges/br-int/registers.ts';
import type { Inventory } from '../host-plan.ts';

/** `ports` are all ports of br-int that may speak. */
export function* hostLocalIpFlows(
  view: HostView,
  { firewallDriver }: Inventory,
  ports: readonly WiredPort[],
): Generator<BrIntFlow> {
  if (view.local_ips.size === 0) return;
  const targets = targetsOf(view, ports);
  if (targets.length === 0) return;
  yield* sharedLocalIpFlows();
  for (const target of targets) yield* localIpFlows(target);
  for (const target of answering(targets)) {
    yield firewallDriver === 'openvswitch' ? deliveredAnswerFlow(target) : sentAnswerFlow(target);
  }
  const networks = new Set(targets.map(({ port }) => port.view.network_id));
  for (const port of ports) {
    if (!networks.has(port.view.network_id) || port.view.device_owner.startsWith('network:')) continue;
    const guarded = isGuarded(port.view);
    yield* askerFlows(port, { isSorted: guarded && firewallDriver === 'iptables_hybrid' });
    if (!guarded && firewallDriver === 'openvswitch') yield* answeredFlows(port);
  }
}

/** Where each address of a network leads to. Of several ports of the host it is one, whatever their order. */
function targetsOf(view: HostView, ports: readonly WiredPort[]): readonly LocalIpTarget[] {
  const wired = new Map(ports.map((port) => [port.view.id, port]));
  const targets = new Map<string, LocalIpTarget>();
  for (const each of [...view.local_ips.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))) {
    const port = wired.get(each.port_id);
    if (port === undefined) continue;
    const address = `${port.localVlan} ${each.local_ip_address}`;
    if (!targets.has(address)) targets.set(address, { view: each, port, generation: generationOf(each) });
  }
  return [...targets.values()];
}

/** One target for each address that takes the place of local IPs: its answers to all of them are alike. */
function answering(targets: readonly LocalIpTarget[]): Iterable<LocalIpTarget> {
  const translated = targets.filter(({ view }) => view.ip_mode === 'translate');
  return new Map(
    translated.toReversed().map((target) => [`${target.view.port_id} ${target.view.fixed_ip}`, target]),
  ).values();
}

/** Follows from the address that takes its place alone, so that an agent that starts again finds the connections that it had. */
function generationOf({ port_id, fixed_ip }: LocalIpView): number {
  let hash = 0;
  for (const character of `${port_id} ${fixed_ip}`) hash = (hash * 31 + character.charCodeAt(0)) % 65_521;
  return hash % localIpZones.ofNetwork;
}
