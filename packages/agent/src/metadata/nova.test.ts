// Nova behind TLS, with certificates that openssl(1) makes for each run.

import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { ServerOptions } from 'node:https';
import { tmpdir } from 'node:os';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { port } from '@neutronium/dataplane/sample-host';
import { viewOf } from '@neutronium/model/host-view';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { loadAgentConfig } from '#config/load';
import { readNovaEndpoint } from '#config/nova-endpoint';
import { InstanceDirectory } from './instance-directory.ts';
import { connectionsTo } from './nova.ts';
import type { NovaEndpoint, NovaTls } from './nova.ts';
import { relay } from './relay.ts';

const secret = 'do not tell';
const alice = port(5, { network_id: 'net1', device_id: 'the-instance', project_id: 'the-project' });
const asking = { 'X-Neutron-Network-ID': 'net1', 'X-Forwarded-For': '10.0.0.5' };

let folder: string;
const fileOf = (name: string): string => join(folder, name);
const pem = (name: string): string => readFileSync(fileOf(name), 'utf8');

function certify(name: string, ...more: readonly string[]): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', `${name}.key`];
  const certificate = ['-x509', '-days', '2', '-subj', `/CN=${name}`, '-out', `${name}.pem`];
  execFileSync('openssl', ['req', ...key, ...certificate, ...more], { cwd: folder, stdio: 'pipe' });
}

const by = (authority: string): readonly string[] => ['-CA', `${authority}.pem`, '-CAkey', `${authority}.key`];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nova-'));
  for (const authority of ['authority', 'impostor']) certify(authority);
  certify('nova', ...by('authority'), '-addext', 'subjectAltName=IP:127.0.0.1');
  certify('elsewhere', ...by('authority'), '-addext', 'subjectAltName=DNS:elsewhere.example');
  certify('false', ...by('impostor'), '-addext', 'subjectAltName=IP:127.0.0.1');
  certify('agent', ...by('authority'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const servers: Server[] = [];
const told: string[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  told.length = 0;
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has such an address.
  return (server.address() as AddressInfo).port;
}

/** A Nova with that certificate. */
async function nova(name: string, options: ServerOptions = {}): Promise<number> {
  const server = createTlsServer({ cert: pem(`${name}.pem`), key: pem(`${name}.key`), ...options }, (_, response) =>
    response.end('the answer'),
  );
  return await listen(server);
}

/** What an instance is answered by a relay to that Nova. */
async function answer(endpoint: NovaEndpoint): Promise<string> {
  const parts = {
    directory: new InstanceDirectory(() => viewOf(1, [alice])),
    secret,
    nova: endpoint,
    connections: connectionsTo(endpoint, 10),
    timeoutMs: 5000,
    events: {
      onRefused: (why: string) => told.push(why),
      onTrouble: ({ error, ...trouble }: { readonly error?: unknown }) =>
        told.push(JSON.stringify(trouble), String(error)),
    },
  };
  const relayPort = await listen(createServer((incoming, response) => void relay(parts, incoming, response)));
  const response = await fetch(`http://127.0.0.1:${relayPort}/latest/meta-data/`, { headers: asking });
  return `${response.status} ${(await response.text()).trim()}`;
}

function at(port: number, given: Partial<NovaTls> = {}): NovaEndpoint {
  const tls = { authorities: pem('authority.pem'), client: null, verifies: true, ...given };
  return { host: '127.0.0.1', port, tls };
}

describe('a Nova that is spoken to over TLS', () => {
  it('is believed when the authority vouches for it', async () => {
    expect(await answer(at(await nova('nova')))).toBe('200 the answer');
  });

  it.each([
    ['another authority vouches for it', 'false'],
    ['its certificate is that of another host', 'elsewhere'],
  ])('is not when %s, and is told nothing', async (_, name) => {
    const asked: string[] = [];
    const port = await nova(name);
    servers[0]?.on('request', ({ url }) => asked.push(String(url)));
    expect(await answer(at(port))).toMatch(/^503/);
    expect(asked).toEqual([]);
    expect(told.join()).toContain('certificate');
    expect(told.join()).not.toContain(secret);
  });

  it('is not when no authority is named that vouches for it', async () => {
    expect(await answer(at(await nova('nova'), { authorities: null }))).toMatch(/^503/);
  });

  it('is whoever answers when the configuration says so', async () => {
    expect(await answer(at(await nova('false'), { verifies: false }))).toBe('200 the answer');
  });

  it('is shown who asks when it wants to know', async () => {
    const port = await nova('nova', { requestCert: true, rejectUnauthorized: true, ca: pem('authority.pem') });
    const client = { certificate: pem('agent.pem'), key: pem('agent.key') };
    expect(await answer(at(port, { client }))).toBe('200 the answer');
    expect(await answer(at(port))).toMatch(/^503/);
  });
});

describe('the configuration of where Nova is', () => {
  async function read(settings: Readonly<Record<string, string>>): Promise<NovaEndpoint> {
    const environment = Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [`NEUTRONIUM_METADATA_${name.toUpperCase()}`, value]),
    );
    return await readNovaEndpoint((await loadAgentConfig({ environment })).metadata);
  }
  const https = { nova_metadata_protocol: 'https' };
  const both = () => ({ nova_client_cert: fileOf('agent.pem'), nova_client_priv_key: fileOf('agent.key') });

  it('is in the clear unless it says otherwise', async () => {
    expect(await read({})).toEqual({ host: '127.0.0.1', port: 8775, tls: null });
  });

  it('names the files that are read', async () => {
    const { tls } = await read({ ...https, ...both(), auth_ca_cert: fileOf('authority.pem') });
    expect(tls).toEqual({
      authorities: pem('authority.pem'),
      client: { certificate: pem('agent.pem'), key: pem('agent.key') },
      verifies: true,
    });
    expect((await read({ ...https, nova_metadata_insecure: 'true' })).tls?.verifies).toBe(false);
  });

  it('is refused when a file is missing, or holds something else, of which nothing is repeated', async () => {
    await writeFile(fileOf('rubbish.pem'), `-----BEGIN CERTIFICATE-----\n${secret}\n-----END CERTIFICATE-----\n`);
    const refusals = [
      [{ auth_ca_cert: fileOf('nowhere') }, 'metadata.auth_ca_cert: '],
      [{ auth_ca_cert: fileOf('rubbish.pem') }, 'metadata.auth_ca_cert: '],
      [{ nova_client_cert: fileOf('agent.pem') }, 'go together'],
      [{ ...both(), nova_client_cert: fileOf('rubbish.pem') }, 'metadata.nova_client_cert: '],
      [{ ...both(), nova_client_priv_key: fileOf('nova.key') }, 'metadata.nova_client_priv_key: '],
      [{ ...both(), nova_client_priv_key: fileOf('rubbish.pem') }, 'metadata.nova_client_priv_key: '],
    ] as const;
    for (const [settings, reason] of refusals) {
      const message = await read({ ...https, ...settings }).then(
        () => 'taken',
        (error: unknown) => String(error),
      );
      expect(message).toContain(reason);
      expect(message).not.toContain(secret);
    }
  });
});
