// The few things that the commands want of the Networking API, as functions with types.

import { ApiRefused } from './session.ts';
import type { Session } from './session.ts';

/** The part of a port that the commands look at (Networking API: ports). */
export interface Port {
  readonly id: string;
  readonly name: string;
  readonly network_id: string;
  readonly project_id: string;
  readonly mac_address: string;
  readonly status: string;
  readonly device_id: string;
  readonly fixed_ips: readonly { readonly subnet_id: string; readonly ip_address: string }[];
  /** Shown to administrators only. */
  readonly 'binding:vif_type'?: string;
  /** Shown to administrators only. How the port's device is to be plugged. */
  readonly 'binding:vif_details'?: { readonly ovs_hybrid_plug?: boolean; readonly bridge_name?: string };
}

/** Whether the port's device is to be plugged through a Linux bridge, as the agent of its host has asked for. */
export function wantsBridge(port: Port): boolean {
  return port['binding:vif_details']?.ovs_hybrid_plug === true;
}

/** The bridge that the port's device is to be plugged into, where it is not the integration bridge: that of a trunk. */
export function trunkBridgeOf(port: Port, integrationBridge: string): string | null {
  const bridge = port['binding:vif_details']?.bridge_name ?? integrationBridge;
  return bridge === integrationBridge ? null : bridge;
}

export interface Network {
  readonly id: string;
  readonly name: string;
  readonly mtu: number;
}

export interface Subnet {
  readonly id: string;
  readonly cidr: string;
  readonly gateway_ip: string | null;
  readonly dns_nameservers: readonly string[];
  readonly host_routes: readonly { readonly destination: string; readonly nexthop: string }[];
  readonly ip_version: 4 | 6;
  readonly enable_dhcp: boolean;
  readonly ipv6_address_mode: string | null;
}

export interface Agent {
  readonly agent_type: string;
  readonly host: string;
  readonly alive: boolean;
}

/** The network with that id or name. Throws when there is none, or several of the name. */
export async function findNetwork(session: Session, nameOrId: string): Promise<Network> {
  return await findOne<Network>(session, { collection: 'networks', word: 'network', nameOrId });
}

/** The port with that id or name. */
export async function findPort(session: Session, nameOrId: string): Promise<Port> {
  return await findOne<Port>(session, { collection: 'ports', word: 'port', nameOrId });
}

/** The port, or null when there is none. */
export async function showPort(session: Session, id: string): Promise<Port | null> {
  try {
    return member(await session.request('GET', `/ports/${id}`), 'port') as Port;
  } catch (error) {
    if (error instanceof ApiRefused && error.status === 404) return null;
    throw error;
  }
}

export async function createPort(session: Session, port: Readonly<Record<string, unknown>>): Promise<Port> {
  return member(await session.request('POST', '/ports', { port }), 'port') as Port;
}

export async function updatePort(session: Session, id: string, port: Readonly<Record<string, unknown>>): Promise<Port> {
  return member(await session.request('PUT', `/ports/${id}`, { port }), 'port') as Port;
}

/** Deletes the port; one that is gone already is no error. */
export async function deletePort(session: Session, id: string): Promise<void> {
  try {
    await session.request('DELETE', `/ports/${id}`);
  } catch (error) {
    if (!(error instanceof ApiRefused && error.status === 404)) throw error;
  }
}

export async function showNetwork(session: Session, id: string): Promise<Network> {
  return member(await session.request('GET', `/networks/${id}`), 'network') as Network;
}

export async function listSubnets(session: Session, networkId: string): Promise<readonly Subnet[]> {
  return member(await session.request('GET', `/subnets?network_id=${networkId}`), 'subnets') as readonly Subnet[];
}

export async function listAgents(session: Session, host: string): Promise<readonly Agent[]> {
  const path = `/agents?host=${encodeURIComponent(host)}`;
  return member(await session.request('GET', path), 'agents') as readonly Agent[];
}

async function findOne<T>(
  session: Session,
  { collection, word, nameOrId }: { readonly collection: string; readonly word: string; readonly nameOrId: string },
): Promise<T> {
  for (const key of ['id', 'name']) {
    const path = `/${collection}?${key}=${encodeURIComponent(nameOrId)}`;
    const [found, ...more] = member(await session.request('GET', path), collection) as readonly T[];
    if (more.length > 0)
      throw new Error(`${more.length + 1} ${collection} have the name ${nameOrId}: say which by its id`);
    if (found !== undefined) return found;
  }
  throw new Error(`there is no ${word} ${nameOrId}`);
}

/** A member of an answer's body. What shape it has, the Networking API promises. */
function member(body: unknown, name: string): unknown {
  if (typeof body !== 'object' || body === null || !(name in body)) {
    throw new Error(`the API's answer has no ${name}: ${JSON.stringify(body)?.slice(0, 200)}`);
  }
  return Reflect.get(body, name);
}
