import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agentSettings } from '@neutronium/agent/config/agent-settings';
import { loadAgentConfig } from '@neutronium/agent/config/load';
import { loadServerConfig } from '@neutronium/server/config/load';
import { serverSettings } from '@neutronium/server/config/server-settings';
import { expect, it } from 'vitest';

it('one file can hold the options of the server and of the agent', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nn-config-'));
  try {
    const path = join(folder, 'neutronium.toml');
    const sections = [...Object.keys(serverSettings), ...Object.keys(agentSettings)];
    const lines = sections.map((name) => (name === 'agent' ? '[agent]\nhost = "h1"' : `[${name}]`));
    await writeFile(path, `${lines.join('\n')}\n`);
    expect((await loadAgentConfig({ path, environment: {} })).agent.host).toBe('h1');
    expect((await loadServerConfig({ path, environment: {} })).api.port).toBe(9696);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
