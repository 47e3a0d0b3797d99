import { randomInt } from 'node:crypto';
import { network } from '@neutronium/model/resources/network';
import { subnet, type SubnetRecord } from '@neutronium/model/resources/subnet';
import { networkRecord, subnetRecord } from '@neutronium/testkit/records';
import { portRequest, serverConfig } from '@neutronium/testkit/requests';
import { withStores } from '@neutronium/testkit/store';
import { beforeAll, expect, it } from 'vitest';
import { serverContext } from '../../context.ts';
import { DhcpScheduler } from '../../scheduling/dhcp.ts';
import type { Store } from '../../store/store.ts';
import { createPorts } from '../port/create-ports.ts';
import { subnetHandlers } from './subnet-handlers.ts';

const config = serverConfig();
const ports = { config, now: () => new Date(), random: (limit: number) => randomInt(limit), drivers: [] };
const subnets = subnetHandlers({ config, dhcp: new DhcpScheduler(ports) });
const context = serverContext('req-test');

withStores((fixture) => {
  let store: Store;
  let other: Store;
  beforeAll(async () => {
    const url = await fixture.newDatabase();
    store = await fixture.open(url);
    other = fixture.kind === 'postgres' ? await fixture.open(url) : store;
  });

  /** A network with one subnet. */
  const place = async (): Promise<SubnetRecord> => {
    const made = networkRecord();
    const record = subnetRecord({ network_id: made.id });
    await store.write(context, async (writer) => {
      await writer.insert(network, [made]);
      await writer.insert(subnet, [record]);
    });
    return record;
  };

  it('leaves no port with an address of a subnet that was removed at the same moment', async () => {
    for (let round = 0; round < 20; round += 1) {
      const record = await place();
      const [, removal] = await Promise.allSettled([
        other.write(context, (writer) => createPorts(ports, writer, [portRequest(record.network_id)])),
        store.write(context, async (writer) => subnets.remove?.({ context, store: writer }, record)),
      ]);
      const addresses = await store.read(({ db }) =>
        db.selectFrom('ip_allocations').select('ip_address').where('subnet_id', '=', record.id).execute(),
      );
      const left = await store.read((reader) => reader.get(subnet, record.id));
      // Whoever came second found what the first had done.
      expect(addresses.length).toBe(left === undefined ? 0 : 1);
      if (removal.status === 'rejected') expect(removal.reason).toMatchObject({ type: 'SubnetInUse' });
    }
  });
});
