import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverSections } from '@neutronium/model/setting-sections';
import { renderSettingsHelp } from '@neutronium/model/settings';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadServerConfig } from './load.ts';
import { serverSettings } from './server-settings.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'neutronium-config-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function load(toml: string, environment: Record<string, string> = {}) {
  const path = join(folder, 'server.toml');
  await writeFile(path, toml);
  return loadServerConfig({ path, environment });
}

describe('loadServerConfig', () => {
  it('needs neither file nor environment', async () => {
    const config = await loadServerConfig({ environment: {} });
    expect(config.api.port).toBe(9696);
    expect(config.networks.tenant_network_types).toEqual(['local']);
  });

  it('reads the ranges in the form that Neutron has for them', async () => {
    const config = await load(`
      [database]
      url = "postgres://neutronium@/neutronium"
      [networks]
      tenant_network_types = ["vxlan", "vlan"]
      network_vlan_ranges = ["physnet1:100:199", "physnet2"]
      vni_ranges = ["1:1000"]
      physical_network_mtus = ["physnet1:9000"]
    `);
    expect(config.database.url).toEqual({ kind: 'postgres', url: 'postgres://neutronium@/neutronium' });
    expect(config.networks).toMatchObject({
      network_vlan_ranges: [
        { physical_network: 'physnet1', range: { first: 100, last: 199 } },
        { physical_network: 'physnet2', range: null },
      ],
      vni_ranges: [{ first: 1, last: 1000 }],
      physical_network_mtus: [{ physical_network: 'physnet1', mtu: 9000 }],
    });
  });

  it('leaves the sections of the agent alone, and knows no others', async () => {
    await expect(load('[agent]\nhost = "a"\n[ovs]\nrun_dir = "/run"')).resolves.toMatchObject({ api: { port: 9696 } });
    await expect(load('[agnet]\nhost = "a"')).rejects.toThrow('unknown section [agnet]');
    expect(Object.keys(serverSettings)).toEqual(serverSections);
  });

  it.each([
    ['[networks]\nnetwork_vlan_ranges = ["p:1:4095"]', "'p:1:4095': 4095 is not a VLAN id (1-4094)"],
    ['[networks]\nnetwork_vlan_ranges = ["p:9:1"]', "'9:1' ends before it begins"],
    ['[networks]\nvni_ranges = ["0:5"]', '0 is not between 1 and 16777215'],
    ['[networks]\ntenant_network_types = ["flat"]', 'flat networks have no ids to give to tenants'],
    ['[ports]\nbase_mac = "01:00:00:00:00:00"', "'01:00:00:00:00:00' is a multicast address"],
    [
      '[routers]\ndvr_base_mac = "fa:16:3e:80:00:00"',
      'routers.dvr_base_mac and ports.base_mac both begin with fa:16:3e',
    ],
    ['[database]\nurl = "mysql://x"', 'a database is sqlite:PATH or postgres://USER@HOST/NAME'],
    ['[auth]\nmode = "keystone"', 'auth.keystone_url is not set'],
    ['[api]\nport = 9696\nport = 1', 'server.toml:3'],
  ])('refuses %j', async (toml, reason) => {
    await expect(load(toml)).rejects.toThrow(reason);
  });
});

it('explains every setting', async () => {
  await expect(renderSettingsHelp(serverSettings)).toMatchFileSnapshot('golden/server-settings.txt');
});
