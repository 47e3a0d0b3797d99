// From the headers that a proxy has set to the instance that asks, or to why nobody is told anything. Pure.

import { servedHeaders } from '@neutronium/dataplane/services/metadata-proxy';
import { family, parseIp } from '@neutronium/net/ip';
import type { IpAddress } from '@neutronium/net/ip';
import type { InstanceDirectory } from './instance-directory.ts';

export type WhoAsks =
  | {
      readonly kind: 'instance';
      /** The device_id of its port. */
      readonly instanceId: string;
      readonly projectId: string;
      readonly address: IpAddress;
    }
  | { readonly kind: 'refused'; readonly status: 404 | 503; readonly why: string };

/** A request's headers, with names in lower case. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Who has sent a request with these headers. Exactly one instance, or nobody. */
export function whoAsks(headers: RequestHeaders, directory: Pick<InstanceDirectory, 'find'>): WhoAsks {
  const router = single(headers, servedHeaders.router);
  const network = single(headers, servedHeaders.network);
  if (router !== null && network !== null) return refused('it names both a router and a network');
  const serves =
    router !== null
      ? ({ kind: 'router', id: router } as const)
      : network !== null
        ? ({ kind: 'network', id: network } as const)
        : null;
  if (serves === null) return refused('it names neither a router nor a network');
  const address = parseSource(single(headers, 'X-Forwarded-For') ?? '');
  if (address === null) return refused('it does not say from which address it came');

  const found = directory.find({ serves, address });
  const where = `${address} of ${serves.kind} ${serves.id}`;
  if (found === null) return { kind: 'refused', status: 503, why: 'the server has not told yet what ports there are' };
  const [port, ...others] = found;
  if (port === undefined) return refused(`no port has ${where}`);
  if (others.length > 0) return refused(`${found.length} ports have ${where}`);
  if (port.device_id === '') return refused(`port ${port.id}, which has ${where}, is no instance's`);
  return { kind: 'instance', instanceId: port.device_id, projectId: port.project_id, address };
}

function refused(why: string): WhoAsks {
  return { kind: 'refused', status: 404, why };
}

function single(headers: RequestHeaders, name: string): string | null {
  const value = headers[name.toLowerCase()];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** One address; an IPv4 address may be written as IPv6 (RFC 4291 section 2.5.5.2), as proxies do that listen to both. */
function parseSource(text: string): IpAddress | null {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(text)?.[1];
  const address = parseIp(mapped ?? text);
  if (!address.ok || (mapped !== undefined && family(address.value) !== 4)) return null;
  return address.value;
}
