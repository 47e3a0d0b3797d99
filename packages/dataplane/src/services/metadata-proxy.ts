// The proxy that instances ask for their metadata: an haproxy in the namespace of their router or of their network's DHCP
// server. It tells the agent, over a unix socket, who has asked and from which router or network, and lets the guest
// say neither. Timeouts and limits are those of Neutron's proxies.

import { hostCidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import type { ServicePlan } from '../host-plan.ts';

/** Where instances look for metadata (EC2; OpenStack has the same). */
export const metadataAddress = ip('169.254.169.254');
export const metadataHost = hostCidr(metadataAddress);
/** The same in IPv6, on every link (Nova: metadata service). */
export const metadataAddress6 = ip('fe80::a9fe:a9fe');

/** The TCP port of a router's proxy; requests to port 80 of the metadata address are redirected to it. */
export const routerProxyPort = 9697;

/** The user and the group of haproxy's package. What a guest writes is read by a process that has no other rights. */
export const proxyUser = 'haproxy';

/** Whose instances a proxy serves, and the headers that say so to the agent. */
export const servedHeaders = { router: 'X-Neutron-Router-ID', network: 'X-Neutron-Network-ID' } as const;

export type MetadataServed =
  | { readonly kind: 'router'; readonly id: string }
  /** `device` is the namespace's device in the network. */
  | { readonly kind: 'network'; readonly id: string; readonly device: string };

export interface MetadataProxy {
  readonly namespace: string;
  readonly serves: MetadataServed;
  /** The agent's, Inventory.stateDir. */
  readonly stateDir: string;
}

/** The socket on which the agent of this host answers proxies. Those who may use its folder are believed. */
export function metadataSocket(stateDir: string): string {
  return `${stateDir}/metadata/proxy.sock`;
}

/** The proxy as a service of its namespace. */
export function metadataService({ namespace, serves, stateDir }: MetadataProxy): ServicePlan {
  const name = `metadata-${serves.id}`;
  const directory = `${stateDir}/services/${name}`;
  return {
    name,
    namespace,
    program: 'haproxy',
    directory,
    files: new Map([['haproxy.cfg', renderHaproxy(serves, metadataSocket(stateDir))]]),
    args: ['-D', '-p', `${directory}/pid`, '-f', `${directory}/haproxy.cfg`],
    onNewFiles: 'restart',
  };
}

function renderHaproxy(serves: MetadataServed, socket: string): string {
  const other = serves.kind === 'router' ? 'network' : 'router';
  return `global
    user ${proxyUser}
    group ${proxyUser}
    maxconn 1024
    # Not as many as the host has processors: there is a proxy for every router.
    nbthread 1

defaults
    mode http
    option http-server-close
    # Adds the true source to what is left of the header, which is nothing.
    option forwardfor
    retries 3
    timeout http-request 30s
    timeout connect 30s
    timeout client 32s
    timeout server 32s
    timeout http-keep-alive 30s

listen metadata
${listeners(serves)
  .map((address) => `    bind ${address}\n`)
  .join('')}    http-request del-header X-Forwarded-For
    http-request del-header ${servedHeaders[other]}
    http-request set-header ${servedHeaders[serves.kind]} ${serves.id}
    server agent unix@${socket}
`;
}

function listeners(serves: MetadataServed): readonly string[] {
  switch (serves.kind) {
    case 'router':
      return [`0.0.0.0:${routerProxyPort}`, `:::${routerProxyPort} v6only`];
    case 'network':
      return [`${metadataAddress}:80`, `${metadataAddress6}:80 interface ${serves.device}`];
  }
}
