// Writes down what the switch says of logged ports: each packet that it sends becomes a line in a file, or in the
// agent's own log where there is none, and one of the newest events, which the agent's socket tells of.

import { loggedIn } from '@neutronium/dataplane/bridges/br-int/traffic-log';
import { groupAdmits } from '@neutronium/dataplane/traffic-log/admits';
import { renderFrame, summarize, type FrameSummary } from '@neutronium/dataplane/traffic-log/frame';
import { isOf, logsOfPort } from '@neutronium/dataplane/traffic-log/logged-ports';
import type { PacketIn } from '@neutronium/dataplane/openflow/wire/packet-in';
import type { TrafficEvent } from '@neutronium/model/agent-socket';
import type { LogView, PortView } from '@neutronium/model/host-view';
import type { Clock } from '#effects/clock';
import type { PlannedHost } from '#plan/planner';
import { TokenBucket } from './token-bucket.ts';

/** How many of the newest events the socket tells of. */
const keptEvents = 1_000;

type Circumstances = Pick<PlannedHost, 'view' | 'inventory'>;

export interface TrafficLogParts {
  readonly planned: () => Circumstances | null;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  /** Events in each second, and how many may come at once. What is above is passed over, and counted. */
  readonly limit: { readonly rate: number; readonly burst: number };
  /** Called with each event, and the line that says it. */
  readonly write: (event: TrafficEvent, line: string) => void;
}

export class TrafficLog {
  readonly #parts: TrafficLogParts;
  readonly #bucket: TokenBucket;
  readonly #newest: TrafficEvent[] = [];
  #number = 0;
  #passedOver = 0;

  constructor(parts: TrafficLogParts) {
    this.#parts = parts;
    this.#bucket = new TokenBucket({ ...parts.limit, now: () => parts.clock.monotonicMs() });
  }

  /** The newest events, the oldest of them first. */
  get newest(): readonly TrafficEvent[] {
    return this.#newest;
  }

  /** How many packets were passed over because there were too many. */
  get passedOver(): number {
    return this.#passedOver;
  }

  /** A flow has sent a packet. */
  take({ table, fields, frame }: PacketIn): void {
    const said = loggedIn(table);
    const planned = this.#parts.planned();
    const packet = summarize(frame);
    if (said === undefined || planned === null || packet === null) return;
    const port = portOf(planned, fields.reg5);
    if (port === undefined) return;
    const direction = fields.in_port === fields.reg5 ? 'egress' : 'ingress';
    const logs = logsOfPort(planned.view, port)
      .filter(isOf(said.action))
      .filter((log) => said.action === 'DROP' || admitted(planned, log, { direction, packet }));
    if (logs.length === 0) return;
    if (!this.#bucket.take()) {
      this.#passedOver += 1;
      return;
    }
    this.#number += 1;
    const event: TrafficEvent = {
      number: this.#number,
      at: this.#parts.clock.now().toISOString(),
      action: said.action,
      direction,
      project_id: port.project_id,
      log_resource_ids: logs.map(({ id }) => id),
      vm_port: port.id,
      pkt: renderFrame(packet),
    };
    this.#newest.push(event);
    if (this.#newest.length > keptEvents) this.#newest.shift();
    this.#parts.write(event, renderEvent(event));
  }
}

/** The line of an event, with the fields that Neutron's agent writes. */
export function renderEvent({
  at,
  action,
  direction,
  project_id,
  log_resource_ids,
  vm_port,
  pkt,
}: TrafficEvent): string {
  const ids = `[${log_resource_ids.map((id) => `'${id}'`).join(', ')}]`;
  return `${at} action=${action} project_id=${project_id} log_resource_ids=${ids} vm_port=${vm_port} direction=${direction} pkt=${pkt}`;
}

function portOf({ view, inventory }: Circumstances, ofport: bigint | undefined): PortView | undefined {
  for (const [portId, plugged] of inventory.plugged) {
    if (ofport !== undefined && BigInt(plugged.ofport) === ofport) return view.ports.get(portId);
  }
  return undefined;
}

/** Whether the log is about what some group admits, or this packet was admitted by the one that it names. */
function admitted(
  { view }: Circumstances,
  { resource_id }: LogView,
  { direction, packet }: { readonly direction: 'ingress' | 'egress'; readonly packet: FrameSummary },
): boolean {
  if (resource_id === null) return true;
  return packet.ip !== null && groupAdmits(view, resource_id, { direction, packet: packet.ip });
}
