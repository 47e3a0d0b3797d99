// The API server as one value: every part built from the configuration and handed to those that need it.

import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { catalogue } from '@neutronium/model/catalogue';
import { openApiDocument } from '@neutronium/model/openapi';
import { policyDefaults } from '@neutronium/model/policy-defaults';
import type { FastifyBaseLogger } from 'fastify';
import serverPackage from '../package.json' with { type: 'json' };
import { openVSwitch } from '#binding/open-vswitch';
import { openAuthentication } from './auth/open-authentication.ts';
import { databaseUrl } from './config/database-url.ts';
import type { ServerConfig } from './config/server-settings.ts';
import { serverContext } from './context.ts';
import { buildApi } from './http/api.ts';
import type { Engine } from './http/engine.ts';
import { startHostService } from './host-service.ts';
import { networkingRoutes } from './http/networking-routes.ts';
import { Enforcer } from './policy/enforcer.ts';
import { loadRuleSet, watchPolicyFile } from './policy/policy-file.ts';
import { Quotas } from './quota/quotas.ts';
import { syncDefaultRanges } from './resources/network-segment-range/default-ranges.ts';
import { resourceHandlers } from './resources/registry.ts';
import { TypeDrivers } from './resources/segment-allocation/type-drivers.ts';
import { DhcpScheduler } from './scheduling/dhcp.ts';
import { L3Scheduler } from './scheduling/l3.ts';
import { Listeners } from './store/listeners.ts';
import { openStore } from './store/open-store.ts';
import type { Store } from './store/store.ts';
import { HostQuestions } from './watch/host-questions.ts';
import { LiveRevisions } from './watch/live-revisions.ts';

export interface Server {
  /** `http://host:port` of the listening socket. */
  readonly url: string;
  /** Finishes what is under way, then ends everything. */
  close(): Promise<void>;
}

/** Starts the server on the database that `open` gives it; resolves once it answers. */
export async function startServer(
  config: ServerConfig,
  logger: FastifyBaseLogger,
  open: (url: string) => Promise<Store> = openStore,
): Promise<Server> {
  await using parts = new AsyncDisposableStack();
  const enforcer = new Enforcer(await loadRuleSet(policyDefaults, config.policy.file));
  parts.defer(watchRules(config.policy.file, enforcer, logger));
  const store = await open(databaseUrl.render(config.database.url));
  parts.defer(() => store.close());

  const now = (): Date => new Date();
  const ports = {
    config,
    now,
    random: (bound: number) => Number(randomBelow(BigInt(bound))),
    drivers: [openVSwitch],
  };
  const drivers = new TypeDrivers(config.networks);
  await store.write(serverContext(`req-${randomUUID()}`), (writer) => syncDefaultRanges(writer, drivers));
  const dhcp = new DhcpScheduler(ports);
  const l3 = new L3Scheduler(ports);
  const live = new LiveRevisions();
  const questions = new HostQuestions();
  const ending = new AbortController();
  const quotas = new Quotas(config.quotas, catalogue);
  const agentChanges = new Listeners();
  parts.defer(() => agentChanges.close());
  const onAgentChange = (): void => agentChanges.callSoon();
  const handlers = resourceHandlers({
    config,
    now,
    random: randomBelow,
    drivers,
    ports,
    dhcp,
    l3,
    quotas,
    onAgentChange,
  });
  const engine: Engine = {
    store,
    enforcer,
    quotas,
    handlersByName: new Map(handlers.map((each) => [each.resource.name, each])),
    maxPage: config.api.pagination_max_limit < 0 ? null : config.api.pagination_max_limit,
  };
  const authentication = await openAuthentication({
    config,
    store,
    standing: (credentials) => enforcer.standing(credentials),
    now,
  });
  const app = buildApi({
    authenticator: authentication.authenticator,
    routes: networkingRoutes(engine, { dhcp, routing: { ports, l3 }, live, questions, now, ending: ending.signal }),
    describe: () => openApiDocument(catalogue, serverPackage.version),
    logger,
    publicUrl: config.api.public_url,
    maxBodyBytes: config.api.max_body_bytes,
  });
  parts.defer(() => app.close());
  // Before the HTTP server, which waits until what it answers is answered.
  parts.defer(() => ending.abort());
  authentication.register(app);
  await app.listen({ host: config.api.host, port: config.api.port });
  // Ends before the HTTP server, which waits for its connections.
  parts.defer(
    await startHostService({
      store,
      ports,
      dhcp,
      l3,
      agentChanges,
      live,
      questions,
      httpServer: app.server,
      logger,
    }),
  );

  const running = parts.move();
  return { url: urlOf(app.server.address(), config.api.host), close: () => running.disposeAsync() };
}

/** Keeps the rules those of the operator's file; gives back what ends that. */
function watchRules(path: string | null, enforcer: Enforcer, logger: FastifyBaseLogger): () => void {
  if (path === null) return () => {};
  return watchPolicyFile({
    path,
    defaults: policyDefaults,
    onRules: (rules) => enforcer.replaceRules(rules),
    onProblem: (problem) => logger.error({ err: problem }, 'the policy file has changed and cannot be used'),
  });
}

/** `crypto.randomInt` draws from a pool of random bytes and is quick, but only reaches so far. */
const randomIntBound = 2n ** 48n - 1n;

function randomBelow(bound: bigint): bigint {
  if (bound <= randomIntBound) return BigInt(randomInt(Number(bound)));
  // 128 random bits favour no number that anybody could notice, in pools of up to an IPv6 /64.
  return randomBytes(16).reduce((number, byte) => number * 256n + BigInt(byte), 0n) % bound;
}

function urlOf(address: AddressInfo | string | null, host: string): string {
  if (address === null || typeof address === 'string') return `http://${host}`;
  return `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
}
