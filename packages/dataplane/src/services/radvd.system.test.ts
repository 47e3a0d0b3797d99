// radvd itself is asked whether it takes the configuration.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Ipv6Mode } from '@neutronium/model/host-view';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { missingForLab } from '@neutronium/cli/lab/host';
import { describe, expect, it } from 'vitest';
import { hosted, router } from '../routers/sample-router.ts';
import { id, port, subnet } from '../sample-host.ts';
import { radvdService } from './radvd.ts';

describe.skipIf(missingForLab().length > 0)('radvd', () => {
  it.each<Ipv6Mode>(['slaac', 'dhcpv6-stateful', 'dhcpv6-stateless'])('takes what it is told of %s', async (mode) => {
    const six = subnet(2, {
      network_id: id('network', 1),
      ip_version: 6,
      cidr: cidr('2001:db8:2::/64'),
      ipv6_ra_mode: mode,
      ipv6_address_mode: mode,
      dns_nameservers: [ip('2001:db8::53')],
    });
    const fixed_ips = [{ subnet_id: six.id, ip_address: ip('2001:db8:2::1') }];
    const text = radvdService(hosted(router(), six, port(1, { fixed_ips })), '/state')?.files.get('radvd.conf') ?? '';
    const folder = await mkdtemp(join(tmpdir(), 'radvd-'));
    try {
      const file = join(folder, 'radvd.conf');
      await writeFile(file, text);
      const { stderr } = await promisify(execFile)('radvd', ['--configtest', '-C', file]);
      expect(stderr).toMatch(/config file.*syntax ok/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
