// Which segments of networks hosts are on: those whose wire a bridge of the host's Open vSwitch agent leads to. It does
// not matter whether the agent is heard of just now: the wire is where it is.

import { agent } from '@neutronium/model/resources/agent';
import { segmentFacts } from '#ipam/network-facts';
import type { Reader } from '../store/store.ts';
import { leadsTo } from './open-vswitch.ts';

/** The segments of a network that a host is on; none for a host or a network that was not asked about. */
export type SegmentsOfHost = (networkId: string, host: string) => ReadonlySet<string>;

/** Two statements, however many places; none without any. */
export async function hostSegments(
  store: Reader,
  places: readonly { readonly network_id: string; readonly host: string }[],
): Promise<SegmentsOfHost> {
  const hosts = [...new Set(places.map(({ host }) => host))].filter((host) => host !== '');
  if (hosts.length === 0) return () => new Set();
  const networkIds = [...new Set(places.map(({ network_id }) => network_id))];
  const agents = await store.list(agent, { where: [{ op: 'equals', attribute: 'host', values: hosts }] });
  const segments = await segmentFacts(store, networkIds);
  return (networkId, host) => {
    const ofHost = agents.filter((each) => each.host === host);
    const reached = (segments.get(networkId) ?? []).filter((segment) => ofHost.some((each) => leadsTo(each, segment)));
    return new Set(reached.map(({ id }) => id));
  };
}
