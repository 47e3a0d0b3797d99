// The newest plan for the host: the server's view and the switch's inventory, compiled. Nothing is planned before both
// are there. Pure apart from remembering the local VLANs and the zones that it has given out.

import { allocateConntrackZones, allocateLocalVlans, compile } from '@neutronium/dataplane/compile';
import type { HostPlan, Inventory } from '@neutronium/dataplane/host-plan';
import type { HostView } from '@neutronium/model/host-view';
import type { SwitchInventory } from '../inventory.ts';

/** A plan with what it was made from. */
export interface PlannedHost {
  readonly view: HostView;
  readonly inventory: Inventory;
  readonly hostPlan: HostPlan;
}

/** The part of the inventory that the configuration decides. */
export type ConfiguredInventory = Pick<
  Inventory,
  | 'host'
  | 'integrationBridge'
  | 'bridgeMappings'
  | 'tunnels'
  | 'firewallDriver'
  | 'metadataProxies'
  | 'stateDir'
  | 'vrrpAdvertInt'
  | 'loggedPackets'
>;

export interface PlannerSources {
  /** Null until the server has sent the view. */
  readonly view: () => HostView | null;
  /** Null while the switch cannot be looked at. */
  readonly inventory: () => SwitchInventory | null;
  /** Zones of connection tracking by port id that an earlier agent has given out; null until that is known. */
  readonly zones: () => ReadonlyMap<string, number> | null;
  /** What this host is to its highly available routers; null until that is known. */
  readonly haStates: () => Inventory['haStates'] | null;
  readonly configured: ConfiguredInventory;
}

/** What a plan is made of, and changes. */
interface Circumstances {
  readonly view: HostView;
  readonly found: SwitchInventory;
  readonly haStates: Inventory['haStates'];
}

export class Planner {
  readonly #sources: PlannerSources;
  #localVlans: ReadonlyMap<string, number> = new Map();
  #zones: ReadonlyMap<string, number> = new Map();
  #last: (Circumstances & { readonly planned: PlannedHost }) | null = null;

  constructor(sources: PlannerSources) {
    this.#sources = sources;
  }

  /**
   * Whether a device that the agent has plugged itself, and that the last plan found there, is there no more: someone
   * has taken it, or the namespace that its other end was in.
   */
  lacksOwnDevice(): boolean {
    const found = this.#sources.inventory();
    if (found === null || this.#last === null) return false;
    const { hostPlan, inventory } = this.#last.planned;
    return hostPlan.ports.some(
      ({ plug, portId }) => plug !== null && inventory.plugged.has(portId) && !found.plugged.has(portId),
    );
  }

  /** The plan as of now; null while the host must not be touched. The same object while nothing has changed. */
  current(): PlannedHost | null {
    const view = this.#sources.view();
    const found = this.#sources.inventory();
    const zones = this.#sources.zones();
    const haStates = this.#sources.haStates();
    if (view === null || found === null || zones === null || haStates === null) return null;
    const same = this.#last?.view === view && this.#last.found === found && this.#last.haStates === haStates;
    if (same && this.#last !== null) return this.#last.planned;

    // A number that was given out in this run counts although no port may carry it yet.
    const remembered = new Map([...found.rememberedVlans, ...this.#localVlans]);
    this.#localVlans = allocateLocalVlans(view, remembered);
    const seen = {
      ...this.#sources.configured,
      plugged: found.plugged,
      trunkDevices: found.trunkDevices,
      patchPorts: found.patchPorts,
      tunnelPorts: found.tunnelPorts,
      localVlans: this.#localVlans,
      haStates,
    };
    this.#zones = allocateConntrackZones(view, seen, new Map([...zones, ...this.#zones]));
    const inventory: Inventory = { ...seen, conntrackZones: this.#zones };
    const planned = { view, inventory, hostPlan: compile(view, inventory) };
    this.#last = { view, found, haStates, planned };
    return planned;
  }
}
