// `neutronium up`: everything on one machine, in the foreground. Starts Open vSwitch (unless the machine runs its own),
// the API server and the agent, in this order, and keeps them running. Ctrl-C ends the server and the agent; the
// switch, the namespaces and the DHCP servers go on, and the next `up` takes them over.

import { constants } from 'node:fs';
import { access, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hostname } from 'node:os';
import { Session } from '../cloud/session.ts';
import { nodeCommand } from '../node-command.ts';
import { renderClouds } from './clouds.ts';
import { type Layout, paths } from './layout.ts';
import { renderNextSteps } from './next-steps.ts';
import { detectDatapathType, foreignOpenVswitch, openVswitchServices } from './open-vswitch.ts';
import { type Program, runningPid, startProgram, stop } from './process.ts';
import { keptSecret } from './secret.ts';
import { type Service, supervise, type Tell } from './supervisor.ts';

export interface UpOptions {
  readonly layout: Layout;
  readonly host: string;
  readonly port: number;
  /** A configuration file that both programs read; what `up` itself decides goes over it. */
  readonly config: string | undefined;
  /** `physnet:bridge` pairs that the agent wires flat and VLAN networks to. */
  readonly bridgeMappings: readonly string[];
  /** Whether instances get their metadata from us; else from where the configuration file says, such as Nova. */
  readonly ownMetadata: boolean;
  /** How the caller ran us, for the instructions that we print. */
  readonly command: string;
}

/** How long a program may take from its start to its first answer. */
const readyMs = 20_000;
const stopGraceMs = 5000;
/** How much of its log is shown when a program does not start. */
const lastWordLines = 10;

/** Runs until `signal` aborts. Rejects when something could not be started the first time. */
export async function up(options: UpOptions, { signal, tell }: { signal: AbortSignal; tell: Tell }): Promise<void> {
  const { layout } = options;
  const files = paths(layout);
  await requireRoot();
  await mkdir(layout.stateDir, { recursive: true, mode: 0o711 });
  await mkdir(layout.runDir, { recursive: true });
  await mkdir(files.logs, { recursive: true, mode: 0o750 });
  await refuseSecondUp(layout);
  await writeFile(files.pidFile('up'), `${process.pid}\n`);

  const ending = new AbortController();
  signal.addEventListener('abort', () => ending.abort(), { once: true });
  const supervised: Promise<void>[] = [];
  try {
    await runEverything(options, { signal: ending.signal, tell, supervised });
  } finally {
    // Also after a failed start: what supervises must end before what is supervised.
    ending.abort();
    await Promise.allSettled(supervised);
    for (const program of programNames) await stopProgram(layout, program);
  }
  tell('stopped; the networks go on working');
}

/** Starts one thing after the other, adding each one's supervision to `supervised`; then waits for `signal`. */
async function runEverything(
  options: UpOptions,
  { signal, tell, supervised }: { signal: AbortSignal; tell: Tell; supervised: Promise<void>[] },
): Promise<void> {
  const { layout } = options;
  const files = paths(layout);
  const endpoint = `http://${options.host}:${options.port}`;
  const datapath = await detectDatapathType();
  const begin = async (service: Service, what: string) => {
    const startedAt = performance.now();
    const { finished } = await supervise(service, { signal, tell });
    supervised.push(finished);
    tell(`${what} (${Math.round(performance.now() - startedAt)} ms)`);
  };

  if (await foreignOpenVswitch(layout)) {
    tell(`Open vSwitch: the one that this machine runs already, at ${files.ovsSocket}`);
  } else {
    for (const service of openVswitchServices(layout, datapath)) await begin(service, `${service.name} runs`);
  }
  const server = await serverProgram(options, endpoint);
  const beginning = [
    begin(
      programService(layout, server, () => answers(`${endpoint}/healthcheck`)),
      `the API server answers at ${endpoint}`,
    ),
  ];
  if (options.ownMetadata) {
    const address = `http://${metadataAddress.host}:${metadataAddress.port}`;
    const metadata = await metadataProgram(options);
    const service = programService(layout, metadata, () => answers(address));
    beginning.push(begin(service, `metadata of instances is at ${address}`));
  }
  await Promise.all(beginning);
  const cloud = await administrator(layout, endpoint);
  const agent = agentProgram(options, { endpoint, datapath });
  await begin(
    programService(layout, agent, () => agentsAreAlive(cloud)),
    'the agent of this host is alive',
  );
  await writeClouds(options, endpoint);
  tell(renderNextSteps({ endpoint, cloudsFile: files.clouds, command: options.command }));

  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
}

/** `program` as a service that serves once `ready` says so. A run that an earlier `up` left behind is ended first. */
function programService(
  layout: Layout,
  program: Program & { readonly name: ProgramName },
  ready: () => Promise<boolean>,
): Service {
  return {
    name: program.name,
    async start(signal) {
      await stopProgram(layout, program.name);
      const running = await startProgram(program);
      let ended: string | undefined;
      void running.exited.then((reason) => (ended = reason));
      const deadline = performance.now() + readyMs;
      while (!(await ready())) {
        if (ended !== undefined) {
          const lastWords = (await readFile(program.logFile, 'utf8')).trimEnd().split('\n').slice(-lastWordLines);
          throw new Error(
            `${program.name} ended at once (${ended}); ${program.logFile} says:\n${lastWords.join('\n')}`,
          );
        }
        if (performance.now() > deadline) throw new Error(`no answer for ${readyMs / 1000} s; see ${program.logFile}`);
        await delay(20, undefined, { signal });
      }
      return running;
    },
  };
}

/** What the command line of each program has that no other process has. The one that uses others ends first. */
const programMarkers = {
  agent: 'agent/src/main.ts',
  metadata: 'cli/src/metadata/main.ts',
  server: 'server/src/main.ts',
} as const;

type ProgramName = keyof typeof programMarkers;
// The keys of an object that has no others.
export const programNames = Object.keys(programMarkers) as readonly ProgramName[];

/** Ends a program of `layout`, whoever started it. */
export async function stopProgram(layout: Layout, name: ProgramName): Promise<void> {
  const marker = programMarkers[name];
  const pid = runningPid(paths(layout).pidFile(name), marker);
  if (pid !== undefined) await stop({ pid, marker, graceMs: stopGraceMs });
}

async function serverProgram(
  { layout, host, port, config }: UpOptions,
  endpoint: string,
): Promise<Program & { readonly name: 'server' }> {
  const files = paths(layout);
  await Promise.all([files.adminPassword, files.demoPassword, files.agentSecret].map((file) => keptSecret(file)));
  return {
    name: 'server',
    command: programCommand('@neutronium/server/main', config),
    env: {
      NEUTRONIUM_API_HOST: host,
      NEUTRONIUM_API_PORT: String(port),
      NEUTRONIUM_API_PUBLIC_URL: endpoint,
      NEUTRONIUM_DATABASE_URL: `sqlite:${files.database}`,
      NEUTRONIUM_AUTH_ADMIN_PASSWORD_FILE: files.adminPassword,
      NEUTRONIUM_AUTH_DEMO_PASSWORD_FILE: files.demoPassword,
      NEUTRONIUM_AGENTS_SECRET_FILE: files.agentSecret,
    },
    logFile: files.log('server'),
    pidFile: files.pidFile('server'),
  };
}

function agentProgram(
  { layout, config, bridgeMappings, ownMetadata }: UpOptions,
  { endpoint, datapath }: { endpoint: string; datapath: string },
): Program & { readonly name: 'agent' } {
  const files = paths(layout);
  return {
    name: 'agent',
    command: programCommand('@neutronium/agent/main', config),
    env: {
      NEUTRONIUM_AGENT_SERVER_URL: endpoint,
      NEUTRONIUM_AGENT_SECRET_FILE: files.agentSecret,
      NEUTRONIUM_AGENT_HOST: hostname(),
      NEUTRONIUM_AGENT_STATE_DIR: files.agentState,
      NEUTRONIUM_OVS_RUN_DIR: layout.ovsRunDir,
      NEUTRONIUM_OVS_DATAPATH_TYPE: datapath,
      // Without an option, the configuration file's stand.
      ...(bridgeMappings.length > 0 && { NEUTRONIUM_OVS_BRIDGE_MAPPINGS: bridgeMappings.join(',') }),
      ...(ownMetadata && {
        NEUTRONIUM_METADATA_SHARED_SECRET_FILE: files.metadataSecret,
        NEUTRONIUM_METADATA_NOVA_METADATA_HOST: metadataAddress.host,
        NEUTRONIUM_METADATA_NOVA_METADATA_PORT: String(metadataAddress.port),
        NEUTRONIUM_METADATA_ENABLE_ISOLATED_METADATA: 'true',
      }),
    },
    logFile: files.log('agent'),
    pidFile: files.pidFile('agent'),
  };
}

/** Where Nova would answer the agent by default. */
const metadataAddress = { host: '127.0.0.1', port: 8775 } as const;

async function metadataProgram({ layout }: UpOptions): Promise<Program & { readonly name: 'metadata' }> {
  const files = paths(layout);
  await keptSecret(files.metadataSecret);
  const { host, port } = metadataAddress;
  return {
    name: 'metadata',
    command: [
      ...programCommand('@neutronium/cli/metadata/main', undefined),
      `--host=${host}`,
      `--port=${port}`,
      `--secret-file=${files.metadataSecret}`,
      `--instances=${files.instances}`,
    ],
    env: {},
    logFile: files.log('metadata'),
    pidFile: files.pidFile('metadata'),
  };
}

function programCommand(entry: string, config: string | undefined): readonly string[] {
  const file = fileURLToPath(import.meta.resolve(entry));
  return nodeCommand(file, config === undefined ? [] : ['--config', config]);
}

/** Whether the services of this host's agent have reported. */
async function agentsAreAlive(cloud: Session): Promise<boolean> {
  const body = await cloud.request('GET', `/agents?host=${encodeURIComponent(hostname())}&alive=true`);
  // A list of agents in the Networking API.
  return (body as { agents: readonly unknown[] }).agents.length >= servicesOfAnAgent;
}

/** The Open vSwitch agent and the DHCP agent. */
const servicesOfAnAgent = 2;

async function administrator(layout: Layout, endpoint: string): Promise<Session> {
  return await Session.open({
    cloud: null,
    authUrl: `${endpoint}/identity/v3`,
    username: 'admin',
    password: await keptSecret(paths(layout).adminPassword),
    userDomain: 'Default',
    project: 'admin',
    projectDomain: 'Default',
  });
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

/** Writes clouds.yaml, readable by whoever called sudo, so that the client needs no root. */
async function writeClouds({ layout }: UpOptions, endpoint: string): Promise<void> {
  const files = paths(layout);
  const text = renderClouds(`${endpoint}/identity/v3`, [
    { name: 'neutronium', username: 'admin', password: await keptSecret(files.adminPassword), project: 'admin' },
    { name: 'demo', username: 'demo', password: await keptSecret(files.demoPassword), project: 'demo' },
  ]);
  await writeFile(files.clouds, text, { mode: 0o600 });
  const [uid, gid] = [process.env['SUDO_UID'], process.env['SUDO_GID']];
  if (uid !== undefined && gid !== undefined) await chown(files.clouds, Number(uid), Number(gid));
}

async function refuseSecondUp(layout: Layout): Promise<void> {
  const pid = runningPid(paths(layout).pidFile('up'), 'main.ts up');
  if (pid !== undefined && pid !== process.pid) throw new Error(`neutronium runs already, as process ${pid}`);
}

async function requireRoot(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('bridges and namespaces need root: run this command with sudo');
  await access('/proc/self/ns/net', constants.R_OK);
}
