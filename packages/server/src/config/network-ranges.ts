// The grammar in which operators write physical networks and id ranges: Neutron's own, so that values may be copied
// from an ml2_conf.ini.

import { written } from '@neutronium/model/setting-kinds';
import { parseMac, type Mac } from '@neutronium/net/mac';
import { accept, refuse, type Parsed } from '@neutronium/net/parsed';
import { parseVlanId } from '@neutronium/net/vlan';
import { firstTunnelId, lastTunnelId, type TunnelType } from '@neutronium/net/vni';

/** Ids that tenant networks may be given, both ends included. */
export interface IdRange {
  readonly first: number;
  readonly last: number;
}

/** `physnet1:100:199`, or `physnet1` alone for a wire whose VLAN ids only administrators choose. */
export interface VlanRange {
  readonly physical_network: string;
  readonly range: IdRange | null;
}

/** `physnet1:9000` */
export interface PhysicalNetworkMtu {
  readonly physical_network: string;
  /** Bytes of the largest IP packet. */
  readonly mtu: number;
}

export const vlanRange = written<VlanRange>({
  placeholder: 'PHYSNET[:FIRST:LAST]',
  parse: (text) => {
    const [physical_network = '', first, last, ...rest] = text.split(':');
    if (physical_network === '') return refuse(`'${text}' names no physical network`);
    if (first === undefined) return accept({ physical_network, range: null });
    if (last === undefined || rest.length > 0) return refuse(`'${text}' is not PHYSNET or PHYSNET:FIRST:LAST`);
    const range = parseIdRange(`${first}:${last}`, (id) => parseVlanId(id));
    return range.ok ? accept({ physical_network, range: range.value }) : refuse(`'${text}': ${range.reason}`);
  },
  render: ({ physical_network, range }) =>
    range === null ? physical_network : `${physical_network}:${range.first}:${range.last}`,
});

export function tunnelIdRange(...types: readonly TunnelType[]): ReturnType<typeof written<IdRange>> {
  const last = Math.min(...types.map((type) => lastTunnelId[type]));
  return written<IdRange>({
    placeholder: 'FIRST:LAST',
    parse: (text) =>
      parseIdRange(text, (id) =>
        id >= firstTunnelId && id <= last ? accept(id) : refuse(`${id} is not between ${firstTunnelId} and ${last}`),
      ),
    render: (range) => `${range.first}:${range.last}`,
  });
}

function parseIdRange(text: string, check: (id: number) => Parsed<number>): Parsed<IdRange> {
  const matched = /^(\d{1,10}):(\d{1,10})$/.exec(text.trim());
  if (matched === null) return refuse(`'${text}' is not FIRST:LAST`);
  const [first, last] = [Number(matched[1]), Number(matched[2])];
  const wrong = [check(first), check(last)].find((end) => !end.ok);
  if (wrong?.ok === false) return refuse(wrong.reason);
  return first <= last ? accept({ first, last }) : refuse(`'${text}' ends before it begins`);
}

export const physicalNetworkMtu = written<PhysicalNetworkMtu>({
  placeholder: 'PHYSNET:MTU',
  parse: (text) => {
    const matched = /^([^:]+):(\d{2,5})$/.exec(text);
    if (matched === null) return refuse(`'${text}' is not PHYSNET:MTU`);
    return accept({ physical_network: matched[1] ?? '', mtu: Number(matched[2]) });
  },
  render: ({ physical_network, mtu }) => `${physical_network}:${mtu}`,
});

export const baseMac = written<Mac>({
  placeholder: 'MAC',
  parse: (text) => {
    const parsed = parseMac(text);
    return parsed.ok && (Number.parseInt(parsed.value.slice(0, 2), 16) & 1) === 1
      ? refuse(`'${text}' is a multicast address`)
      : parsed;
  },
  render: (value) => value,
});
