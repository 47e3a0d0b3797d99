// The domain, besides the configured one, in which the internal DNS has a port's name: the port's own, or its network's.
// As in Neutron it is settled by the request that names the port, with what its words mean for the caller of that; a
// network that gets another domain later leaves the names of its ports as they are.

import { fillIn } from '@neutronium/model/kinds/dns';
import { network } from '@neutronium/model/resources/network';
import type { PortCreate, PortRecord, PortUpdate } from '@neutronium/model/resources/port';
import type { RequestContext } from '../../context.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../handlers.ts';

type NamedPort = Pick<PortRecord, 'project_id' | 'network_id' | 'dns_name' | 'dns_domain'>;

/** The requests with their zones; one statement, whatever their number. */
export async function withZones<P extends PortCreate>(
  call: Call<Reader>,
  requests: readonly P[],
): Promise<readonly (P & { readonly dns_zone: string })[]> {
  const domains = await domainsOfNetworks(call.store, requests);
  return requests.map((request) => ({ ...request, dns_zone: zoneOf(call.context, request, domains) }));
}

/** What a change of its name or its domain makes of a port's zone. */
export async function changedZone(
  call: Call<Reader>,
  current: PortRecord,
  changes: PortUpdate,
): Promise<Partial<Pick<PortRecord, 'dns_zone'>>> {
  const { dns_name = current.dns_name, dns_domain = current.dns_domain } = changes;
  if (dns_name === current.dns_name && dns_domain === current.dns_domain) return {};
  const changed = { ...current, dns_name, dns_domain };
  return { dns_zone: zoneOf(call.context, changed, await domainsOfNetworks(call.store, [changed])) };
}

/** The domains of the networks whose ports have a name and no domain of their own. */
async function domainsOfNetworks(store: Reader, ports: readonly NamedPort[]): Promise<ReadonlyMap<string, string>> {
  const asked = ports.filter(({ dns_name, dns_domain }) => dns_name !== '' && dns_domain === '');
  const networks = await store.getMany(network, [...new Set(asked.map(({ network_id }) => network_id))]);
  return new Map(networks.map(({ id, dns_domain }) => [id, dns_domain]));
}

/** Empty for none: a port without a name, a domain that is not given, or a word of it that means nothing here. */
function zoneOf(context: RequestContext, port: NamedPort, domains: ReadonlyMap<string, string>): string {
  const { dns_name, dns_domain } = port;
  // A name that is fully qualified says its domain itself.
  if (dns_name === '' || dns_name.endsWith('.')) return '';
  const domain = dns_domain === '' ? (domains.get(port.network_id) ?? '') : dns_domain;
  const zone = fillIn(domain, (word) => meaningOf(word, context, port)).toLowerCase();
  return isZone(zone) && dns_name.length + 1 + zone.length <= longestName ? zone : '';
}

/** Most characters of a fully qualified name (RFC 1035 section 2.3.4). */
const longestName = 255;

/** What is known of the caller is known of the port only where they are of one project. */
function meaningOf(word: string, context: RequestContext, { project_id }: NamedPort): string {
  const own = context.projectId === project_id;
  const meanings: Readonly<Record<string, string | null>> = {
    project_id,
    project_name: own ? context.projectName : null,
    user_id: context.userId,
    user_name: context.userName,
  };
  return meanings[word] ?? '';
}

/** Names of projects and users are any text, and a zone is made of labels of letters, digits and hyphens. */
function isZone(text: string): boolean {
  return text
    .split('.')
    .slice(0, -1)
    .every((label) => /^[a-z0-9-]{1,63}$/.test(label));
}
