import { port, type PortRecord } from '@neutronium/model/resources/port';
import { trunk } from '@neutronium/model/resources/trunk';
import type { Reader } from '../../store/store.ts';
import { trunksOfPorts } from './trunk-membership.ts';

/**
 * What each port shows of the trunk that it is the parent of, by its id: with it an instance that knows its parent knows
 * what else it can reach. Costs a number of statements that does not depend on how many ports there are.
 */
export async function trunkDetails(
  store: Reader,
  ports: readonly PortRecord[],
): Promise<ReadonlyMap<string, Readonly<Record<string, unknown>>>> {
  const memberships = await trunksOfPorts(
    store,
    ports.map(({ id }) => id),
  );
  const ids = [...memberships.values()].flatMap(({ trunk_id, role }) => (role === 'parent' ? [trunk_id] : []));
  if (ids.length === 0) return new Map();
  const trunks = await store.getMany(trunk, ids);
  const behind = await store.getMany(
    port,
    trunks.flatMap(({ sub_ports }) => sub_ports.map(({ port_id }) => port_id)),
  );
  const macs = new Map(behind.map(({ id, mac_address }) => [id, mac_address]));
  return new Map(
    trunks.map(({ id, port_id, sub_ports }) => [
      port_id,
      { trunk_id: id, sub_ports: sub_ports.map((each) => ({ ...each, mac_address: macs.get(each.port_id) })) },
    ]),
  );
}
