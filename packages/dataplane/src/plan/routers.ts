// The routers of a host: their namespaces, chains and services, and the devices by which they are plugged into br-int.

import type { HostView } from '@neutronium/model/host-view';
import type { FloatingIpPlan, HostPlan, Inventory, ServicePlan } from '../host-plan.ts';
import { entranceOf, hostedRouters, type HostedRouter, type HostFacts } from '../routers/hosted-router.ts';
import { agentGateways, floatingNamespaces } from '../routers/floating-namespace.ts';
import { routerNamespace } from '../routers/namespace.ts';
import { routerNetfilter } from '../routers/netfilter.ts';
import { routerTranslations } from '../routers/translations.ts';
import { keepalivedService } from '../services/keepalived.ts';
import { metadataService } from '../services/metadata-proxy.ts';
import { radvdService } from '../services/radvd.ts';
import { wiringOf } from './wiring.ts';

type RoutersPlan = Pick<
  HostPlan,
  'namespaces' | 'netfilter' | 'services' | 'routerWatches' | 'translations' | 'floatingIps'
>;

export function routersPlan(view: HostView, inventory: Inventory): RoutersPlan {
  const routers = hostedRouters(view, inventory);
  // A device that has no number yet has no flows: it is connected by a later plan.
  const isWired = (portId: string): boolean =>
    inventory.plugged.has(portId) && wiringOf(view, inventory, portId).kind === 'wired';
  return {
    namespaces: [...routers.map((router) => routerNamespace(router, isWired)), ...floatingNamespaces(routers, isWired)],
    netfilter: routers.map(routerNetfilter),
    services: routers.filter(({ isActive }) => isActive).flatMap((router) => routerServices(router, inventory)),
    routerWatches: routers.flatMap((router) => keepalivedService(router, inventory) ?? []),
    translations: routers.map(routerTranslations),
    floatingIps: routers.filter(({ isActive }) => isActive).flatMap(floatingIpPlans),
  };
}

/** The ports that the routers of the host are plugged by, with the names of their devices. */
export function routerDevices(view: HostView, inventory: HostFacts): readonly OwnDevice[] {
  const routers = hostedRouters(view, inventory);
  return [
    ...routers.flatMap((router) =>
      portsOf(router).map(({ port, device }) => ({ portId: port.id, device, namespace: router.namespace })),
    ),
    ...agentGateways(routers).map(({ gateway: { port, device }, namespace }) => ({
      portId: port.id,
      device,
      namespace,
    })),
  ];
}

/** A device that the host makes and plugs itself, one end of it in a namespace. */
export interface OwnDevice {
  readonly portId: string;
  readonly device: string;
  readonly namespace: string;
}

function routerServices(router: HostedRouter, { stateDir, metadataProxies }: Inventory): readonly ServicePlan[] {
  const { namespace, view } = router;
  // The centre of a distributed router serves nobody: its other parts do.
  if (view.distributed && router.local === null) return [];
  const advertiser = radvdService(router, stateDir);
  return [
    ...(metadataProxies === 'none'
      ? []
      : [metadataService({ namespace, serves: { kind: 'router', id: view.id }, stateDir })]),
    ...(advertiser === null ? [] : [advertiser]),
  ];
}

function floatingIpPlans(router: HostedRouter): readonly FloatingIpPlan[] {
  return router.floatingIps.flatMap((floatingIp) => {
    const entrance = entranceOf(router, floatingIp);
    if (entrance === undefined) return [];
    const { id, floating_ip_address: floating, fixed_ip_address: fixed } = floatingIp;
    return [{ id, floating, fixed, namespace: router.namespace, gatewayPortId: entrance.port.id }];
  });
}

/** The ports that the router has devices on br-int for. */
function portsOf({ gateways, interfaces, local, ha }: HostedRouter): HostedRouter['interfaces'] {
  if (local !== null) return interfaces;
  return [...interfaces, ...gateways, ...(ha === null ? [] : [ha.port])];
}
