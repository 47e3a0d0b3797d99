// Records of routers, and of what is attached to them, as the parts of them that a host must know.

import type {
  ConntrackHelperView,
  FloatingIpView,
  NdpProxyView,
  PortForwardingView,
  PortRange,
} from '@neutronium/model/host-view';
import type { ConntrackHelperRecord } from '@neutronium/model/resources/conntrack-helper';
import type { FloatingIpRecord } from '@neutronium/model/resources/floatingip';
import type { NdpProxyRecord } from '@neutronium/model/resources/ndp-proxy';
import type { PortForwardingRecord } from '@neutronium/model/resources/port-forwarding';
import { qosPolicyOf } from './project.ts';

/** Undefined for one that no router serves. */
export function floatingIpView(record: FloatingIpRecord): FloatingIpView | undefined {
  const { id, router_id, floating_network_id, floating_ip_address, fixed_ip_address, port_id } = record;
  if (router_id === null || floating_ip_address === null) return undefined;
  return {
    section: 'floating_ips',
    id,
    router_id,
    floating_network_id,
    floating_ip_address,
    fixed_ip_address,
    port_id,
    ...qosPolicyOf(record),
  };
}

/** Undefined where the floating IP has no router, or there are no ports. */
export function portForwardingView(
  record: PortForwardingRecord,
  routerId: string | null | undefined,
): PortForwardingView | undefined {
  const [external, internal] = [rangeOf(record.external_port_range), rangeOf(record.internal_port_range)];
  if (routerId === null || routerId === undefined || external === undefined || internal === undefined) return undefined;
  return {
    section: 'port_forwardings',
    id: record.id,
    floatingip_id: record.floatingip_id,
    router_id: routerId,
    protocol: record.protocol,
    external_ports: external,
    internal_ip_address: record.internal_ip_address,
    internal_ports: internal,
  };
}

export function conntrackHelperView({
  id,
  router_id,
  protocol,
  port,
  helper,
}: ConntrackHelperRecord): ConntrackHelperView {
  return { section: 'conntrack_helpers', id, router_id, protocol, port, helper };
}

export function ndpProxyView({ id, router_id, port_id, ip_address }: NdpProxyRecord): NdpProxyView | undefined {
  return ip_address === null ? undefined : { section: 'ndp_proxies', id, router_id, port_id, ip_address };
}

/** `80:90` as the API writes it. */
function rangeOf(text: string | null): PortRange | undefined {
  if (text === null) return undefined;
  const [first, last = first] = text.split(':').map(Number);
  return first === undefined || last === undefined ? undefined : { first, last };
}
