// What a router translates, in a form that can be held against its connections: one that is translated otherwise is of a
// floating IP, a port forwarding, a gateway or an interface that is gone, and has to end.

import { cidrFamily } from '@neutronium/net/cidr';
import type { TranslationPlan } from '../host-plan.ts';
import { hasPorts } from './chains.ts';
import type { HostedRouter } from './hosted-router.ts';
import { entrances } from './nat.ts';

const known = new WeakMap<HostedRouter, TranslationPlan>();

/** The same object for as long as the router is. */
export function routerTranslations(router: HostedRouter): TranslationPlan {
  let plan = known.get(router);
  if (plan === undefined) {
    plan = translationsOf(router);
    known.set(router, plan);
  }
  return plan;
}

function translationsOf(router: HostedRouter): TranslationPlan {
  const { namespace, gateways, interfaces, view } = router;
  const outside = entrances(router);
  if (gateways.length + outside.length === 0) {
    return { namespace, floatingIps: [], forwardings: [], gateways: [], inside: [] };
  }
  const connected = interfaces.flatMap(({ addresses }) => addresses.map(({ subnet }) => subnet.cidr));
  const routed = view.routes.map(({ destination }) => destination);
  return {
    namespace,
    floatingIps: router.floatingIps.flatMap(({ floating_ip_address: floating, fixed_ip_address: fixed }) =>
      fixed === null ? [] : [{ floating, fixed }],
    ),
    forwardings: router.portForwardings
      .filter((each) => hasPorts(each.view.protocol))
      .map(({ view: { protocol, external_ports, internal_ports, internal_ip_address }, floatingIp: floating }) => ({
        protocol,
        floating,
        external: external_ports,
        address: internal_ip_address,
        internal: internal_ports,
      })),
    gateways: outside.map(({ port, address }) => ({
      address,
      translates: gateways.some((gateway) => gateway === port && gateway.enableSnat),
    })),
    inside: [...new Set([...connected, ...routed].filter((prefix) => cidrFamily(prefix) === 4))].toSorted(),
  };
}
