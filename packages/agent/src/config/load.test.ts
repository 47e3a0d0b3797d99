import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentSections } from '@neutronium/model/setting-sections';
import { renderSettingsHelp } from '@neutronium/model/settings';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentSettings } from './agent-settings.ts';
import { loadAgentConfig, readSecret } from './load.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'neutronium-agent-config-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function fileOf(text: string): Promise<string> {
  const path = join(folder, 'file');
  await writeFile(path, text);
  return path;
}

describe("the agent's configuration", () => {
  it('needs neither file nor environment', async () => {
    const config = await loadAgentConfig({ environment: {} });
    expect(config.ovs).toMatchObject({ integration_bridge: 'br-int', bridge_mappings: [] });
    expect(config.agent).toMatchObject({ report_interval: 30, host: null });
  });

  it('has tunnels only with an address at which they end', async () => {
    const tunnels = { NEUTRONIUM_AGENT_TUNNEL_TYPES: 'vxlan,gre' };
    await expect(loadAgentConfig({ environment: tunnels })).rejects.toThrow('ovs.local_ip: tunnels');
    const config = await loadAgentConfig({ environment: { ...tunnels, NEUTRONIUM_OVS_LOCAL_IP: '2001:DB8::1' } });
    expect(config.ovs.local_ip).toBe('2001:db8::1');
    const nowhere = { ...tunnels, NEUTRONIUM_OVS_LOCAL_IP: '2001:db8::1/64' };
    await expect(loadAgentConfig({ environment: nowhere })).rejects.toThrow('is not a valid IP address');
  });

  it("reads its own sections of a file that is the server's too, and lets the environment overrule them", async () => {
    const path = await fileOf(`
      [networks]
      tenant_network_types = ["flat"]
      [agent]
      host = "from file"
      report_interval = 5
      [ovs]
      bridge_mappings = ["physnet1:br-ex", "physnet2:br-two"]
    `);
    const config = await loadAgentConfig({ path, environment: { NEUTRONIUM_AGENT_HOST: 'from environment' } });
    expect(config.agent).toMatchObject({ host: 'from environment', report_interval: 5 });
    expect(config.ovs.bridge_mappings).toEqual([
      { physicalNetwork: 'physnet1', bridge: 'br-ex' },
      { physicalNetwork: 'physnet2', bridge: 'br-two' },
    ]);
  });

  it.each([
    ['[ovs]\nbridge_mappings = ["br-ex"]', "'br-ex' is not a physical network and a bridge"],
    ['[ovs]\nbridge_mappings = ["physnet1:br-much-too-long"]', 'may be 15 characters long'],
    ['[ovs]\ndatapath_type = "kernel"', 'is not one of system, netdev'],
    ['[agent]\nreport_intervall = 3', 'did you mean report_interval?'],
    ['[agent', 'file'],
  ])('refuses %j', async (text, reason) => {
    await expect(loadAgentConfig({ path: await fileOf(text), environment: {} })).rejects.toThrow(reason);
  });

  it('knows a misspelt section from one of another program', async () => {
    const path = await fileOf('[agnet]\nhost = "a"');
    await expect(loadAgentConfig({ path, environment: {} })).rejects.toThrow(
      'unknown section [agnet] (did you mean agent?)',
    );
    expect(Object.keys(agentSettings)).toEqual(agentSections);
  });

  it('explains every setting', async () => {
    await expect(`${renderSettingsHelp(agentSettings)}\n`).toMatchFileSnapshot('golden/agent-settings.txt');
  });
});

describe('the secret', () => {
  it('is the text of its file', async () => {
    expect(await readSecret('agent.secret_file', await fileOf('sesame\n'))).toBe('sesame');
  });

  it('must be there', async () => {
    await expect(readSecret('agent.secret_file', await fileOf('\n'))).rejects.toThrow('the file is empty');
    await expect(readSecret('agent.secret_file', join(folder, 'nowhere'))).rejects.toThrow('nowhere');
  });
});
