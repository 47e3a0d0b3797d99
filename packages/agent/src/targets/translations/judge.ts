// Which connections are translated as nobody wants any more, and how conntrack(8) is told to end them. Pure.

import type { TranslationPlan, ForwardedPorts } from '@neutronium/dataplane/host-plan';
import { metadataAddress } from '@neutronium/dataplane/services/metadata-proxy';
import { cidrContains, type Cidr } from '@neutronium/net/cidr';
import { parseIp, type IpAddress } from '@neutronium/net/ip';
import type { Connection } from './connection.ts';

/** Conditions of `conntrack -D`, each of which ends some connections that may not go on, and none that may. */
export function endings(connections: readonly Connection[], plan: TranslationPlan): readonly string[] {
  const isWanted = judge(plan);
  return [...new Set(connections.flatMap((connection) => (isWanted(connection) ? [] : [selector(connection)])))];
}

function judge(plan: TranslationPlan): (connection: Connection) => boolean {
  const pairs = new Set(plan.floatingIps.map(({ floating, fixed }) => `${floating} ${fixed}`));
  return ({ protocol, original, reply }) => {
    const redirected = original.destination !== reply.source;
    // Requests for metadata go to the router's proxy, by a translation that is always there.
    if (redirected && original.destination !== metadataAddress) {
      const { destination: floating, destinationPort: port } = original;
      const leads =
        pairs.has(`${floating} ${reply.source}`) ||
        plan.forwardings.some(
          (each) => isForwarded(each, { protocol, floating, port }) && leadsTo(each, reply.source, reply.sourcePort),
        );
      if (!leads) return false;
    }
    if (original.source === reply.destination) return true;
    if (pairs.has(`${reply.destination} ${original.source}`)) return true;
    const gateway = plan.gateways.find(({ address }) => address === reply.destination);
    if (gateway === undefined) return false;
    return redirected || (gateway.translates && isInside(plan.inside, original.source));
  };
}

function isForwarded(
  { protocol, floating, external }: ForwardedPorts,
  asked: { readonly protocol: string; readonly floating: string; readonly port: number | null },
): boolean {
  const { port } = asked;
  return (
    protocol === asked.protocol &&
    floating === asked.floating &&
    port !== null &&
    external.first <= port &&
    port <= external.last
  );
}

function leadsTo({ address, internal }: ForwardedPorts, destination: string, port: number | null): boolean {
  return address === destination && port !== null && internal.first <= port && port <= internal.last;
}

function isInside(prefixes: readonly Cidr[], text: string): boolean {
  const parsed = parseIp(text);
  const address: IpAddress | null = parsed.ok ? parsed.value : null;
  return address !== null && prefixes.some((prefix) => cidrContains(prefix, address));
}

/** What the connection has in common with those that share its fate, so that many are ended at once. */
function selector({ protocol, original, reply }: Connection): string {
  if (original.destination !== reply.source) {
    const ports = original.destinationPort === null ? '' : ` --orig-port-dst ${original.destinationPort}`;
    return `-p ${protocol} --orig-dst ${original.destination} --reply-src ${reply.source}${ports}`;
  }
  return `--orig-src ${original.source} --reply-dst ${reply.destination}`;
}
