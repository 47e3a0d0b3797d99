// The agent of one host: the server's view and the switch's inventory come in, a plan is made of them, rounds bring the
// host to it, and what is really there is reported. Everything that it needs from outside is handed to it.

import { join } from 'node:path';
import { agentSocketName, type TrafficEvent } from '@neutronium/model/agent-socket';
import type { Logger } from 'pino';
import type { AgentConfig } from '#config/agent-settings';
import type { Clock } from '#effects/clock';
import type { Exec } from '#effects/exec';
import type { Files } from '#effects/files';
import type { FolderWatch } from '#effects/folder-watch';
import type { LocalSocket } from '#effects/local-socket';
import type { OpenFlow } from '#effects/openflow/openflow';
import type { Ovsdb } from '#effects/ovsdb/ovsdb';
import type { Processes } from '#effects/processes';
import type { Random } from '#effects/random';
import { agentAnswers, type AnswerSources } from '#explain/answers';
import { replyTo, type InspectionSources } from '#explain/questions';
import { WatchClient } from '#intake/watch-client';
import { Planner } from '#plan/planner';
import type { PlannedHost } from '#plan/planner';
import { Reconciler } from '#reconcile/reconciler';
import type { RoundEnd } from '#reconcile/reconciler';
import type { TunnelSettings } from '@neutronium/dataplane/host-plan';
import type { MetadataProxies } from '@neutronium/dataplane/services/isolated-metadata';
import { haFolder } from '@neutronium/dataplane/services/keepalived';
import { metadataSocket } from '@neutronium/dataplane/services/metadata-proxy';
import type { HostView } from '@neutronium/model/host-view';
import type { AgentReport } from '@neutronium/model/watch-protocol';
import type { NovaEndpoint } from './metadata/nova.ts';
import { runMetadataService } from './metadata/metadata-service.ts';
import { agentReports } from '#report/agent-reports';
import type { ReportedConfiguration, ReportedState } from '#report/agent-reports';
import { Reporter } from '#report/reporter';
import { TrafficLog } from './traffic-log/traffic-log.ts';
import { Translations } from '#targets/translations/translations';
import { Connections } from '#targets/connections/connections';
import { DhcpServers } from '#targets/dhcp/dhcp-servers';
import { Namespaces } from '#targets/namespaces/namespaces';
import { Netfilter } from '#targets/netfilter/netfilter';
import { OvsBridges } from '#targets/ovs-bridges';
import { OvsFlows } from '#targets/ovs-flows';
import type { BridgeOfFlows } from '#targets/ovs-flows';
import { OvsMeters } from './targets/ovs-meters.ts';
import { OvsPorts } from '#targets/ovs-ports';
import { OvsTunnels } from '#targets/ovs-tunnels';
import { Services } from '#targets/services/services';
import { TrackedPorts } from '#targets/tracked-ports';
import { Canary } from './canaries/canary.ts';
import { hasCanaryFlow } from './canaries/flows.ts';
import { hasOurFirstRules } from './canaries/packet-filter.ts';
import { ConntrackZones } from './conntrack-zones.ts';
import { HaStates } from './ha-states.ts';
import { InventoryWatch } from './inventory.ts';
import type { SwitchInventory } from './inventory.ts';
import { RoundLog } from '#report/round-log';
import { hostStages } from './stages.ts';
import type { HostTargets } from './stages.ts';

export interface AgentParts {
  readonly config: AgentConfig;
  readonly hostName: string;
  /** What agents and server share. */
  readonly secret: string;
  /** Where Nova is, and what it and the metadata service share; null where there is no metadata service. */
  readonly metadata: { readonly secret: string; readonly nova: NovaEndpoint } | null;
  readonly effects: AgentEffects;
  readonly log: Logger;
}

export interface AgentEffects {
  readonly clock: Clock;
  readonly random: Random;
  readonly exec: Exec;
  readonly files: Files;
  readonly folders: FolderWatch;
  readonly processes: Processes;
  readonly ovsdb: Ovsdb;
  readonly openflow: OpenFlow;
  readonly socket: LocalSocket;
}

/** The pauses before a round that failed is run again. */
const retry = { firstMs: 100, lastMs: 10_000 } as const;

/** Runs until `signal` is aborted. What is on the host then stays as it is. */
export async function runAgent(parts: AgentParts, signal: AbortSignal): Promise<void> {
  const { config, effects, log } = parts;
  const { clock, ovsdb, openflow } = effects;
  const { integration_bridge: integrationBridge } = config.ovs;
  const tunnels = tunnelSettings(config);
  const random = (): number => effects.random.fraction();
  const bridgeMappings = new Map(
    config.ovs.bridge_mappings.map(({ physicalNetwork, bridge }) => [physicalNetwork, bridge]),
  );
  using inventory = new InventoryWatch({ ovsdb, scope: { integrationBridge } });
  using flows = new OvsFlows({ openflow, bridges: bridgesOfFlows(config) });
  const netfilter = new Netfilter({ exec: effects.exec, patterns: filteredNamespaces });
  const targets = otherTargets(parts, () => reconciler.request('ended'));

  const agents = (): readonly AgentReport[] =>
    agentReports(reportedConfiguration(config), reportedState(watch.view, inventory.current, ovsdb));
  const watch = new WatchClient({
    server: config.agent.server_url,
    secret: parts.secret,
    host: parts.hostName,
    agents,
    events: {
      onView: () => reconciler.request('view'),
      onQuestion({ id, about }) {
        void replyTo(about, inspections).then((answer) => watch.send({ kind: 'reply', id, answer }));
      },
      onConnected() {
        log.info({ server: config.agent.server_url }, 'connected to the server');
        reporter.connected();
      },
      onDisconnected: (reason, pauseMs) => log.warn({ reason, pauseMs }, 'no connection to the server'),
    },
    clock,
    random,
  });
  using reporter = new Reporter({
    send: (message) => watch.send(message),
    agents,
    clock,
    intervalMs: config.agent.report_interval * 1000,
  });
  const zones = new ConntrackZones({
    effects,
    used: config.securitygroup.firewall_driver === 'iptables_hybrid',
    onKnown: () => reconciler.request('inventory'),
    onFailed: (error) => log.error({ err: error }, 'the zones of connection tracking cannot be read'),
  });
  using haStates = new HaStates({
    files: effects.files,
    folders: effects.folders,
    stateDir: config.agent.state_dir,
    onChange: () => reconciler.request('inventory'),
    onFailed: (error) => log.error({ err: error }, 'what this host is to highly available routers cannot be read'),
  });
  const planner = new Planner({
    view: () => watch.view,
    inventory: () => inventory.current,
    zones: () => zones.known,
    haStates: () => haStates.known,
    configured: {
      host: parts.hostName,
      integrationBridge,
      bridgeMappings,
      tunnels,
      firewallDriver: config.securitygroup.firewall_driver,
      metadataProxies: metadataProxies(config.metadata),
      stateDir: config.agent.state_dir,
      vrrpAdvertInt: config.l3.ha_vrrp_advert_int,
      loggedPackets: { rate: config.network_log.rate_limit, burst: config.network_log.burst_limit },
    },
  });
  const roundLog = new RoundLog(log);
  const reconciler = new Reconciler<PlannedHost>({
    stages: hostStages({ ...targets, flows, netfilter }, integrationBridge),
    plan: () => planner.current(),
    onBegin: (planned) => reporter.beginning(planned),
    onEnd(end: RoundEnd<PlannedHost>) {
      roundLog.write(end, end.plan.view.revision);
      haStates.follow(new Set(end.plan.hostPlan.routerWatches.map(({ name }) => name)));
      reporter.finished(end.plan, end.outcome);
      roundLog.writePorts(end.plan, reporter.ports);
    },
    onPlanFailed: (error) => log.error({ err: error }, 'no plan can be made of the view'),
    clock,
    random,
    verifyEveryMs: config.agent.check_interval * 1000,
    retry,
  });
  const inspections: InspectionSources = {
    inspect: () => reconciler.inspect(signal),
    repair: () => reconciler.repair(signal),
  };
  const traffic = trafficLog(parts, () => planner.current());
  using news = new DisposableStack();
  news.use(openflow.onPacket((packet) => traffic.take(packet)));
  news.use(inventory.onChange(() => reconciler.request(planner.lacksOwnDevice() ? 'lost' : 'inventory')));
  news.use(
    openflow.onEvent(({ bridge, event }) => {
      log.warn({ bridge }, event === 'lost' ? 'lost the connection to the switch' : 'connected to the switch again');
      if (event === 'ready') reconciler.request('lost');
    }),
  );
  news.use(
    new Canary({
      clock,
      believed: () => flows.remembers(integrationBridge),
      alive: () => hasCanaryFlow(openflow, integrationBridge),
      onLost() {
        log.warn({ bridge: integrationBridge }, 'somebody has removed the flows of the bridge');
        flows.forget(integrationBridge);
        reconciler.request('lost');
      },
    }),
  );
  news.use(
    new Canary({
      clock,
      believed: () => netfilter.remembersHost,
      alive: () => hasOurFirstRules(effects.exec),
      onLost() {
        log.warn('somebody has removed the rules of the host');
        netfilter.forgetHost();
        reconciler.request('lost');
      },
    }),
  );
  await using answering = new AsyncDisposableStack();
  answering.use(
    await answerQuestions(parts, {
      planned: () => planner.current(),
      reported: () => reporter.ports,
      openflow,
      exec: effects.exec,
      traffic: () => ({ events: traffic.newest, passedOver: traffic.passedOver }),
      ...inspections,
    }),
  );
  const running = [watch.run(signal), reconciler.run(signal), zones.read(signal), haStates.read()];
  if (parts.metadata !== null) {
    const { exec } = parts.effects;
    const stateDir = config.agent.state_dir;
    const metadata = { ...parts.metadata, stateDir, exec, clock, log, random, view: () => watch.view };
    running.push(runMetadataService(metadata, signal));
  }
  await Promise.all(running);
}

/** Writes down what the switch sends of logged ports. What cannot be written to the file is in the agent's log. */
function trafficLog({ config, effects, log }: AgentParts, planned: () => PlannedHost | null): TrafficLog {
  const { rate_limit: rate, burst_limit: burst, local_output_log_base: path } = config.network_log;
  const toLog = (event: TrafficEvent): void => log.info({ traffic: event }, 'traffic of a logged port');
  let written = Promise.resolve();
  return new TrafficLog({
    planned,
    clock: effects.clock,
    limit: { rate, burst },
    write(event, line) {
      if (path === null) {
        toLog(event);
        return;
      }
      // One after the other, so that the lines are in their order.
      written = written
        .then(() => effects.files.appendText(path, `${line}\n`))
        .catch((error: unknown) => {
          log.error({ err: error }, 'traffic cannot be written down');
          toLog(event);
        });
    },
  });
}

/** Answers to the commands on this machine. The networks do not depend on it: without a socket, they work all the same. */
async function answerQuestions(
  { config, effects, log }: AgentParts,
  sources: AnswerSources,
): Promise<AsyncDisposable | null> {
  const path = join(config.agent.state_dir, agentSocketName);
  try {
    return await effects.socket.serve(path, agentAnswers(sources));
  } catch (error) {
    log.error({ err: error }, 'commands on this machine cannot ask the agent anything');
    return null;
  }
}

/** Named namespaces that may have chains of ours: those of routers, in each of their parts. */
const filteredNamespaces = ['qrouter-*', 'snat-*', 'fip-*'] as const;

function otherTargets({ config, effects }: AgentParts, onEnded: () => void): Omit<HostTargets, 'flows' | 'netfilter'> {
  const { clock, exec, files, openflow, ovsdb, processes } = effects;
  const { integration_bridge: integrationBridge, tunnel_bridge, datapath_type: datapathType } = config.ovs;
  const ourBridges = [integrationBridge, tunnel_bridge];
  const { state_dir: stateDir } = config.agent;
  const daemons = { exec, files, processes, clock, onLost: onEnded };
  return {
    bridges: new OvsBridges({ ovsdb, configuration: { ourBridges, datapathType } }),
    tunnels: new OvsTunnels({ ovsdb, tunnelBridge: tunnel_bridge }),
    ports: new OvsPorts({ ovsdb, integrationBridge }),
    meters: new OvsMeters({ openflow, bridges: [integrationBridge] }),
    tracking: new TrackedPorts({ ovsdb, openflow, integrationBridge }),
    namespaces: new Namespaces({ exec }),
    dhcp: new DhcpServers({ exec, files, processes, clock, stateDir, onLost: onEnded }),
    translations: new Translations({ exec }),
    connections: new Connections({ exec }),
    services: new Services({
      ...daemons,
      name: 'services',
      programs: ['haproxy', 'radvd'],
      folder: `${stateDir}/services`,
    }),
    routerWatches: new Services({
      ...daemons,
      name: 'router-watches',
      programs: ['keepalived'],
      folder: haFolder(stateDir),
    }),
  };
}

function metadataProxies(metadata: AgentConfig['metadata']): MetadataProxies {
  if (metadata.shared_secret_file === null) return 'none';
  if (metadata.force_metadata) return 'all';
  return metadata.enable_isolated_metadata ? 'isolated' : 'routers';
}

/** All flows of the integration and the tunnel bridge are ours to decide; on the other bridges the operator's stay. */
function bridgesOfFlows({ agent, ovs }: AgentConfig): readonly BridgeOfFlows[] {
  const ours = [ovs.integration_bridge, ...(agent.tunnel_types.length === 0 ? [] : [ovs.tunnel_bridge])];
  const others = new Set(ovs.bridge_mappings.map(({ bridge }) => bridge));
  return [
    ...ours.map((name) => ({ name, sweepForeign: true })),
    ...[...others].map((name) => ({ name, sweepForeign: false })),
  ];
}

function tunnelSettings({ agent, ovs }: AgentConfig): TunnelSettings | null {
  if (ovs.local_ip === null || agent.tunnel_types.length === 0) return null;
  return {
    bridge: ovs.tunnel_bridge,
    localIp: ovs.local_ip,
    types: agent.tunnel_types,
    vxlanUdpPort: agent.vxlan_udp_port,
  };
}

function reportedConfiguration(config: AgentConfig): ReportedConfiguration {
  const { agent, ovs, securitygroup, metadata } = config;
  return {
    integrationBridge: ovs.integration_bridge,
    bridgeMappings: Object.fromEntries(ovs.bridge_mappings.map((mapping) => [mapping.physicalNetwork, mapping.bridge])),
    datapathType: ovs.datapath_type,
    firewallDriver: securitygroup.firewall_driver,
    ovsRunDir: ovs.run_dir,
    availabilityZone: agent.availability_zone,
    agentMode: agent.agent_mode,
    tunnels: tunnelSettings(config),
    metadata:
      metadata.shared_secret_file === null
        ? null
        : {
            proxySocket: metadataSocket(agent.state_dir),
            novaHost: metadata.nova_metadata_host,
            novaPort: metadata.nova_metadata_port,
          },
  };
}

function reportedState(view: HostView | null, inventory: SwitchInventory | null, { database }: Ovsdb): ReportedState {
  const [row] = database?.Open_vSwitch.values() ?? [];
  const plugged = [...(inventory?.plugged.keys() ?? [])];
  return {
    view,
    devices: plugged.filter((portId) => view?.ports.has(portId) === true).length,
    capabilities: { datapath_types: row?.datapath_types ?? [], iface_types: row?.iface_types ?? [] },
  };
}
