// How long highly available routers take to go on elsewhere when the host is lost that many of them are active on.

import { missingForLab } from '@neutronium/cli/lab/host';
import { Lab } from '@neutronium/cli/lab/lab';
import { plainTopology } from '@neutronium/cli/lab/topology';
import { type Benchmark, judged, percentile } from './result.ts';

const routers = 20;
const advertInt = 1;

const failOver: Benchmark = {
  ids: ['routers.ha.fail-over.p50', 'routers.ha.fail-over.last'],
  async run() {
    const missing = missingForLab();
    if (missing.length > 0) throw new Error(`the figures of highly available routers need ${missing.join(', ')}`);
    await using lab = await Lab.start({
      ...plainTopology(2),
      server: { 'quotas.router': '-1' },
      agent: { 'l3.ha_vrrp_advert_int': String(advertInt) },
    });
    await addRouters(lab);
    const active = async (host: string): Promise<readonly (readonly [id: string, sinceMs: number])[]> => {
      const { stdout } = await lab.host(host).run(['sh', '-c', listPrimaries]);
      const lines = stdout.split('\n').filter((line) => line !== '');
      return lines.map((line) => {
        const [id = '', since = ''] = line.split(' ');
        return [id, Number(since) * 1000] as const;
      });
    };
    const activeOnBoth = async () => (await active('h1')).length + (await active('h2')).length;
    await lab.until('that every router is active', async () => (await activeOnBoth()) === routers);
    const [lost, other] =
      (await active('h1')).length >= routers / 2 ? (['h1', 'h2'] as const) : (['h2', 'h1'] as const);
    const before = new Set((await active(other)).map(([id]) => id));
    const lostAt = Date.now();
    await lab.loseHost(lost);
    await lab.until('that every router is active again', async () => (await active(other)).length === routers);
    const times = (await active(other)).filter(([id]) => !before.has(id)).map(([, sinceMs]) => sinceMs - lostAt);
    return [
      judged({ id: 'routers.ha.fail-over.p50', value: percentile(times, 0.5), unit: 'ms' }),
      judged({
        id: 'routers.ha.fail-over.last',
        value: Math.max(...times),
        unit: 'ms',
        atMost: advertInt * 4 * 1000,
      }),
    ];
  },
};

/** Says of each router that is active on a host since when, in seconds since 1970. */
const listPrimaries = `
  cd /var/lib/neutronium/agent/ha_confs 2>/dev/null || exit 0
  for id in *; do
    if grep -qs primary $id/state; then echo "$id $(stat -c %.Y $id/state)"; fi
  done`;

async function addRouters(lab: Lab): Promise<void> {
  const api = await lab.api();
  for (let number = 0; number < routers; number += 1) {
    const network = await api.expect<{ id: string }>('POST', '/networks', { network: {} });
    const subnet = { network_id: network.id, ip_version: 4, cidr: `10.0.${number}.0/24`, enable_dhcp: false };
    const { id: subnet_id } = await api.expect<{ id: string }>('POST', '/subnets', { subnet });
    const { id } = await api.expect<{ id: string }>('POST', '/routers', { router: { ha: true } });
    await api.expect('PUT', `/routers/${id}/add_router_interface`, { subnet_id });
  }
}

export const haRouterBenchmarks: readonly Benchmark[] = [failOver];
