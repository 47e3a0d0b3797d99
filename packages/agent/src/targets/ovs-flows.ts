// The flows of each bridge. Flows are told apart by our cookie, which is the same in every run: a restarted agent finds
// what it wants already there and changes nothing. On the integration bridge all flows are ours to decide and others'
// are swept away, as Neutron's agent does with what earlier runs have left; on a provider bridge others' flows stay.

import { type Flow, type FlowRule, type FlowSet, flowKey, sameActions } from '@neutronium/dataplane/openflow/flow';
import { canonicalFlow, type InstalledFlow } from '@neutronium/dataplane/openflow/wire/flow-messages';
import { BridgeUnreachable, type FlowReference, type OpenFlow } from '#effects/openflow/openflow';
import type { Depth, Target } from '../target.ts';
import { isOwnCookie, ownCookie } from './ovs-ownership.ts';

export interface BridgeOfFlows {
  readonly name: string;
  /** Whether flows without our cookie are removed. */
  readonly sweepForeign: boolean;
}

export interface ObservedFlows {
  /** By flowKey. */
  readonly own: ReadonlyMap<string, FlowRule>;
  /** Others' flows, by flowKey, as far as we have words for them. */
  readonly foreign: ReadonlyMap<string, FlowRule>;
  /** To be removed whatever is wanted: flows that bear our cookie but say what we never would, and what is swept. */
  readonly strays: readonly FlowReference[];
}

/** By bridge name; null where there is no connection to the bridge, which is no reason to leave the others alone. */
export type ObservedBridges = ReadonlyMap<string, ObservedFlows | null>;

export interface FlowStep {
  readonly bridge: string;
  readonly add: readonly Flow[];
  readonly remove: readonly FlowReference[];
}

export class OvsFlows implements Target<ReadonlyMap<string, FlowSet>, ObservedBridges, FlowStep>, Disposable {
  readonly name = 'flows';
  readonly #openflow: OpenFlow;
  readonly #bridges: readonly BridgeOfFlows[];
  /** What each bridge was last seen or made to hold; forgotten when the connection to it is lost. */
  readonly #remembered = new Map<string, ObservedFlows>();
  readonly #subscription: Disposable;

  constructor(parts: { readonly openflow: OpenFlow; readonly bridges: readonly BridgeOfFlows[] }) {
    this.#openflow = parts.openflow;
    this.#bridges = parts.bridges;
    this.#subscription = this.#openflow.onEvent(({ bridge }) => this.forget(bridge));
  }

  /** Whether the bridge was last seen or made to hold flows of ours. */
  remembers(bridge: string): boolean {
    return (this.#remembered.get(bridge)?.own.size ?? 0) > 0;
  }

  /** The next observation looks at the bridge itself, because something has happened to its flows. */
  forget(bridge: string): void {
    this.#remembered.delete(bridge);
  }

  async observe(signal: AbortSignal, depth: Depth): Promise<ObservedBridges> {
    const entries = this.#bridges.map(async (bridge) => {
      const remembered = depth === 'recall' ? this.#remembered.get(bridge.name) : undefined;
      return [bridge.name, remembered ?? (await this.#look(bridge, signal))] as const;
    });
    return new Map(await Promise.all(entries));
  }

  plan(desired: ReadonlyMap<string, FlowSet>, actual: ObservedBridges): readonly FlowStep[] {
    return [...desired].flatMap(([bridge, { flows }]) => {
      // Of a bridge that cannot be reached nothing is known: the step that adds everything fails, and says why.
      const { own, foreign, strays } = actual.get(bridge) ?? nothing;
      const add = [...flows]
        .filter(([key, flow]) => {
          const present = own.get(key) ?? foreign.get(key);
          return present === undefined || !sameActions(present, flow);
        })
        .map(([, flow]) => flow);
      const remove = [...strays, ...[...own].filter(([key]) => !flows.has(key)).map(([, flow]) => flow)];
      return add.length === 0 && remove.length === 0 ? [] : [{ bridge, add, remove }];
    });
  }

  async apply(step: FlowStep, signal?: AbortSignal): Promise<void> {
    const { bridge, add, remove } = step;
    const before = this.#remembered.get(bridge);
    this.#remembered.delete(bridge);
    await this.#openflow.changeFlows(bridge, { add, remove, cookie: ownCookie }, signal);
    if (before !== undefined) this.#remembered.set(bridge, after(before, step));
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  async #look({ name, sweepForeign }: BridgeOfFlows, signal: AbortSignal): Promise<ObservedFlows | null> {
    try {
      const observed = sorted(await this.#openflow.dumpFlows(name, { signal }), sweepForeign);
      this.#remembered.set(name, observed);
      return observed;
    } catch (error) {
      if (error instanceof BridgeUnreachable) return null;
      throw error;
    }
  }
}

const nothing: ObservedFlows = { own: new Map(), foreign: new Map(), strays: [] };

function sorted(installed: readonly InstalledFlow[], sweepForeign: boolean): ObservedFlows {
  const own = new Map<string, FlowRule>();
  const foreign = new Map<string, FlowRule>();
  const strays: FlowReference[] = [];
  for (const flow of installed) {
    // What one of our flows has learned goes by itself.
    if (isOwnCookie(flow.cookie) && !lasting(flow)) continue;
    const rule = lasting(flow) ? canonicalFlow(flow) : null;
    if (isOwnCookie(flow.cookie)) {
      if (rule === null) strays.push(flow);
      else own.set(flowKey(rule), rule);
    } else if (sweepForeign) strays.push(flow);
    else if (rule !== null) foreign.set(flowKey(rule), rule);
  }
  return { own, foreign, strays };
}

/** Flows that are planned stay until they are removed. */
function lasting(flow: InstalledFlow): boolean {
  return flow.idleTimeoutSeconds === 0 && flow.hardTimeoutSeconds === 0;
}

function after(before: ObservedFlows, { add, remove }: FlowStep): ObservedFlows {
  const own = new Map(before.own);
  const foreign = new Map(before.foreign);
  for (const flow of remove) if ('match' in flow) own.delete(flowKey({ ...flow, actions: [] }));
  for (const flow of add) {
    own.set(flowKey(flow), flow);
    foreign.delete(flowKey(flow));
  }
  // Every step removes all strays there are.
  return { own, foreign, strays: [] };
}
