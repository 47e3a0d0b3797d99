// The meters of our bridges, which limit what goes through the flows that name them. All meters of such a bridge are ours:
// meters bear no mark, and what nobody wants there is left of an earlier run. They are kept before the flows: a flow that
// names a meter which is not there is refused. A meter that goes takes flows with it, of which none is wanted any more.

import { sameMeter, type RateMeter } from '@neutronium/dataplane/openflow/meter';
import type { InstalledMeter } from '@neutronium/dataplane/openflow/wire/meter-messages';
import { BridgeUnreachable, type OpenFlow } from '#effects/openflow/openflow';
import type { Depth, Target } from '../target.ts';

/** By bridge name and number. */
export type PlannedMeters = ReadonlyMap<string, ReadonlyMap<number, RateMeter>>;

/** By bridge name; null where there is no connection to the bridge. A meter that we have no words for is null. */
export type ObservedMeters = ReadonlyMap<string, ReadonlyMap<number, InstalledMeter> | null>;

export interface MeterStep {
  readonly bridge: string;
  readonly add: readonly RateMeter[];
  readonly modify: readonly RateMeter[];
  /** Their numbers. */
  readonly remove: readonly number[];
}

export class OvsMeters implements Target<PlannedMeters, ObservedMeters, MeterStep>, Disposable {
  readonly name = 'meters';
  readonly #openflow: OpenFlow;
  readonly #bridges: readonly string[];
  /** What each bridge was last seen or made to hold; forgotten when the connection to it is lost. */
  readonly #remembered = new Map<string, ReadonlyMap<number, InstalledMeter>>();
  readonly #subscription: Disposable;

  constructor(parts: { readonly openflow: OpenFlow; readonly bridges: readonly string[] }) {
    this.#openflow = parts.openflow;
    this.#bridges = parts.bridges;
    this.#subscription = this.#openflow.onEvent(({ bridge }) => void this.#remembered.delete(bridge));
  }

  async observe(signal: AbortSignal, depth: Depth): Promise<ObservedMeters> {
    const entries = this.#bridges.map(async (bridge) => {
      const remembered = depth === 'recall' ? this.#remembered.get(bridge) : undefined;
      return [bridge, remembered ?? (await this.#look(bridge, signal))] as const;
    });
    return new Map(await Promise.all(entries));
  }

  plan(desired: PlannedMeters, actual: ObservedMeters): readonly MeterStep[] {
    return [...desired].flatMap(([bridge, meters]) => {
      const present = actual.get(bridge) ?? new Map<number, InstalledMeter>();
      const add = [...meters.values()].filter(({ number }) => !present.has(number));
      const modify = [...meters.values()].filter((meter) => {
        const installed = present.get(meter.number);
        return installed !== undefined && (installed.meter === null || !sameMeter(installed.meter, meter));
      });
      const remove = [...present.keys()].filter((number) => !meters.has(number));
      return add.length + modify.length + remove.length === 0 ? [] : [{ bridge, add, modify, remove }];
    });
  }

  async apply(step: MeterStep, signal?: AbortSignal): Promise<void> {
    const { bridge, add, modify, remove } = step;
    const before = this.#remembered.get(bridge);
    this.#remembered.delete(bridge);
    await this.#openflow.changeMeters(bridge, step, signal);
    if (before === undefined) return;
    const after = new Map(before);
    for (const number of remove) after.delete(number);
    for (const meter of [...add, ...modify]) after.set(meter.number, { number: meter.number, meter });
    this.#remembered.set(bridge, after);
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  async #look(bridge: string, signal: AbortSignal): Promise<ReadonlyMap<number, InstalledMeter> | null> {
    try {
      const installed = await this.#openflow.dumpMeters(bridge, signal);
      const observed = new Map(installed.map((meter) => [meter.number, meter]));
      this.#remembered.set(bridge, observed);
      return observed;
    } catch (error) {
      if (error instanceof BridgeUnreachable) return null;
      throw error;
    }
  }
}

export function describeMeterStep({ bridge, add, modify, remove }: MeterStep): string {
  return `adding ${add.length}, changing ${modify.length} and removing ${remove.length} meters of ${bridge}`;
}
