// script/conformance [--regex R] [--json FILE] [--concurrency N] [--database sqlite|postgres]: Debian's tempest and
// neutron-tempest-plugin against a server of our own on loopback, with an agent that reports but owns no switch.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ServerProcess, testAdminPassword } from '@neutronium/testkit/server-process';
import { findPostgres, startPostgres } from '../../tools/postgres.ts';
import { logIn, prepareCloud } from './cloud.ts';
import { reportAgents } from './reporting-agent.ts';
import { renderTempestConfiguration } from './tempest-configuration.ts';
import { parseTempestOutput } from './tempest-output.ts';

const { values: options } = parseArgs({
  options: {
    regex: { type: 'string', default: String.raw`^(neutron_tempest_plugin\.api|tempest\.api\.network)` },
    json: { type: 'string' },
    // Workers mostly wait: tempest's client sleeps for 10 s before it deletes a subnet.
    concurrency: { type: 'string', default: String(3 * availableParallelism()) },
    database: { type: 'string', default: 'sqlite' },
  },
});

/** The gate of Neutron itself runs with these; four tests need them finite. */
const quotas = {
  // The suites of Neutron 21 lower limits without a word.
  'quotas.check_limit_default': 'false',
  'quotas.router': '100',
  'quotas.floatingip': '500',
  'quotas.security_group': '150',
  'quotas.security_group_rule': '1000',
};
const networks = {
  'networks.tenant_network_types': 'vxlan',
  'networks.network_vlan_ranges': 'foo:1:10,public',
  // A test of network segment ranges knows where the default one ends.
  'networks.vni_ranges': '1:2000',
  'networks.tunnel_id_ranges': '1:10000',
};

/** Names of ports are only kept in a domain other than the default. */
const ports = { 'ports.dns_domain': 'conformance.example.' };

/** How the one line begins that the server prints when nothing is wrong. */
const announcement = 'the Networking API answers at';

/** Where Debian's python3-tempest keeps its test loader. */
const testDiscover = '/usr/lib/python3/dist-packages/tempest/test_discover';

process.exitCode = await main();

async function main(): Promise<number> {
  const work = await mkdtemp(join(tmpdir(), 'nn-tempest-'));
  const startedAt = performance.now();
  await using database = await startDatabase(options.database);
  await using server = await ServerProcess.start({
    settings: {
      ...quotas,
      ...networks,
      ...ports,
      ...database.settings,
      'log.level': 'warn',
      'auth.token_lifetime': '14400',
    },
  });
  try {
    using agent = await reportAgents(server.url);
    const cloud = await logIn({ identity: server.identityUrl, network: server.url, password: testAdminPassword });
    const { publicNetworkId, extensions } = await prepareCloud(cloud);
    await writeWorkspace(work, { identity: server.identityUrl, publicNetworkId, extensions });
    const output = await runTempest(work);
    agent.check();
    const { passed, failed, skipped } = parseTempestOutput(output);
    const summary = {
      database: options.database,
      passed: passed.length,
      failed: failed.length,
      skipped: skipped.length,
      seconds: Math.round((performance.now() - startedAt) / 1000),
      failures: failed,
      skips: skipped,
    };
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(summary, undefined, 2)}\n`);
    for (const name of skipped) console.log(`SKIPPED ${name}`);
    for (const name of failed) console.log(`FAILED ${name}`);
    console.log(`${summary.passed} passed, ${summary.failed} failed, ${summary.skipped} skipped`);
    return failed.length === 0 && passed.length > 0 ? 0 : 1;
  } finally {
    const complaints = server.log.split('\n').filter((line) => line !== '' && !line.startsWith(announcement));
    for (const line of complaints.slice(-100)) console.error(`server: ${line}`);
    await rm(work, { recursive: true, force: true });
  }
}

/** What the server needs to be told of its database, which ends with the run. */
async function startDatabase(
  kind: string,
): Promise<AsyncDisposable & { readonly settings: Readonly<Record<string, string>> }> {
  if (kind === 'sqlite') return { settings: {}, [Symbol.asyncDispose]: async () => {} };
  if (kind !== 'postgres') throw new Error(`--database is sqlite or postgres, not ${kind}`);
  const bin = findPostgres();
  if (bin === undefined) throw new Error('--database postgres needs Debian’s PostgreSQL server');
  const postgres = await startPostgres(bin);
  return { settings: { 'database.url': postgres.url }, [Symbol.asyncDispose]: () => postgres.stop() };
}

async function writeWorkspace(
  work: string,
  cloud: { identity: string; publicNetworkId: string; extensions: readonly string[] },
): Promise<void> {
  for (const folder of ['etc', 'logs', 'lock']) await mkdir(join(work, folder));
  const configuration = renderTempestConfiguration({ ...cloud, work, adminPassword: testAdminPassword });
  await writeFile(join(work, 'etc', 'tempest.conf'), configuration);
  const stestr = [
    '[DEFAULT]',
    `test_path=${testDiscover}`,
    `top_dir=${join(testDiscover, '..')}`,
    String.raw`group_regex=([^\.]*\.)*`,
  ];
  await writeFile(join(work, '.stestr.conf'), `${stestr.join('\n')}\n`);
}

/** Runs the suites in `work`, and gives what they printed, which is also shown as it comes. */
async function runTempest(work: string): Promise<string> {
  const env = {
    ...process.env,
    PATH: `/usr/bin:${process.env['PATH'] ?? ''}`,
    TEMPEST_CONFIG_DIR: join(work, 'etc'),
    PYTHONWARNINGS: 'ignore',
  };
  const command = async (program: string, args: readonly string[]) => {
    const child = spawn(program, args, { cwd: work, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      process.stdout.write(text);
      output += text;
    });
    await once(child, 'close');
    return output;
  };
  await command('/usr/bin/stestr', ['init']);
  const configuration = ['--config-file', join(work, 'etc', 'tempest.conf')];
  const selection = ['--regex', options.regex, '--concurrency', options.concurrency];
  return await command('/usr/bin/tempest', ['run', ...configuration, ...selection]);
}
