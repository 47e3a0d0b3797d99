// Where Nova answers for metadata, with the certificates in the files that the configuration names. They are tried once
// when the agent starts, and not when the first instance asks.

import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { NovaEndpoint, NovaTls } from '../metadata/nova.ts';
import type { AgentConfig } from './agent-settings.ts';
import { BadConfiguration } from './load.ts';

/** Throws BadConfiguration, which holds nothing of what is in the files. */
export async function readNovaEndpoint(metadata: AgentConfig['metadata']): Promise<NovaEndpoint> {
  const { nova_metadata_host: host, nova_metadata_port: port, nova_metadata_protocol: protocol } = metadata;
  return { host, port, tls: protocol === 'https' ? await readTls(metadata) : null };
}

async function readTls(metadata: AgentConfig['metadata']): Promise<NovaTls> {
  const { auth_ca_cert: ca, nova_client_cert: cert, nova_client_priv_key: key } = metadata;
  if ((cert === null) !== (key === null)) {
    throw new BadConfiguration(['metadata.nova_client_cert and metadata.nova_client_priv_key go together']);
  }
  const authorities = ca === null ? null : await readPem('auth_ca_cert', ca);
  if (authorities !== null) tryOut('auth_ca_cert', () => parseCertificates(authorities));
  const verifies = !metadata.nova_metadata_insecure;
  if (cert === null || key === null) return { authorities, client: null, verifies };
  const client = {
    certificate: await readPem('nova_client_cert', cert),
    key: await readPem('nova_client_priv_key', key),
  };
  tryOut('nova_client_cert', () => createSecureContext({ cert: client.certificate }));
  tryOut('nova_client_priv_key', () => createSecureContext({ cert: client.certificate, key: client.key }));
  return { authorities, client, verifies };
}

async function readPem(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new BadConfiguration([`metadata.${option}: ${path}: ${messageOf(cause)}`]);
  }
}

/** Node.js passes over what is no certificate of an authority, and would trust nobody then. */
function parseCertificates(text: string): readonly X509Certificate[] {
  const certificates = text.match(/-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----/gs);
  if (certificates === null) throw new Error('there is no certificate in it');
  return certificates.map((certificate) => new X509Certificate(certificate));
}

function tryOut(option: string, attempt: () => unknown): void {
  try {
    attempt();
  } catch (cause) {
    throw new BadConfiguration([`metadata.${option}: ${messageOf(cause)}`]);
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
