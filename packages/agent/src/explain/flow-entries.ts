// The flows of a plan, each with whom it serves and what the switch has counted of it.

import type { FlowEntry, FlowOwner, GroupEntry } from '@neutronium/model/agent-socket';
import type { HostView } from '@neutronium/model/host-view';
import { brInt } from '@neutronium/dataplane/bridges/br-int/pipeline';
import { brPhys } from '@neutronium/dataplane/bridges/br-phys/pipeline';
import { brTun } from '@neutronium/dataplane/bridges/br-tun/pipeline';
import type { Inventory } from '@neutronium/dataplane/host-plan';
import { renderActions } from '@neutronium/dataplane/openflow/action-text';
import type { Action } from '@neutronium/dataplane/openflow/action';
import { flowKey, type Flow } from '@neutronium/dataplane/openflow/flow';
import { renderMatch } from '@neutronium/dataplane/openflow/match-text';
import { flowsInOrder } from '@neutronium/dataplane/openflow/render';
import { canonicalFlow, type InstalledFlow } from '@neutronium/dataplane/openflow/wire/flow-messages';
import type { PlannedHost } from '#plan/planner';

/** What each bridge holds; a bridge that could not be asked is not there. */
export type InstalledFlows = ReadonlyMap<string, readonly InstalledFlow[]>;

/** All flows of the plan, by bridge, table and falling priority. */
export function flowEntries({ view, inventory, hostPlan }: PlannedHost, installed: InstalledFlows): FlowEntry[] {
  const owners = new Owners(view);
  const portsByNumber = new Map([...inventory.plugged.values()].map(({ ofport, portId }) => [BigInt(ofport), portId]));
  return [...hostPlan.flows].toSorted(byName).flatMap(([bridge, set]) => {
    const isIntegration = bridge === inventory.integrationBridge;
    const nameOf = tableNames(tablesOf(bridge, inventory));
    const counted = counters(installed.get(bridge) ?? []);
    return flowsInOrder(set).map((flow): FlowEntry => {
      const { kind, groups } = owners.of(flow);
      return {
        bridge,
        table: { number: flow.table, name: nameOf(flow.table) },
        priority: flow.priority,
        match: renderMatch(flow.match),
        actions: renderActions(flow.actions),
        drops: drops(flow.actions, nameOf),
        of: flow.of,
        owner: kind,
        why: flow.why,
        port: kind === 'port' ? flow.of : isIntegration ? judgedPort(flow, portsByNumber) : null,
        groups,
        counted: counted.get(flowKey(flow)) ?? null,
      };
    });
  });
}

/** The security groups that the host knows, by name. */
export function groupEntries(view: HostView): readonly GroupEntry[] {
  const groups = [...view.security_groups.values()].map(({ id, name }) => ({ id, name }));
  return groups.toSorted((a, b) => (a.name === b.name ? (a.id < b.id ? -1 : 1) : a.name < b.name ? -1 : 1));
}

/** Says what the id that a flow names is the id of, and which groups' rules it is a part of. */
class Owners {
  readonly #view: HostView;
  readonly #groupOfRule = new Map<string, string>();
  readonly #groupsNamingSet = new Map<string, string[]>();

  constructor(view: HostView) {
    this.#view = view;
    for (const group of view.security_groups.values()) {
      for (const rule of group.rules) {
        this.#groupOfRule.set(rule.id, group.id);
        if (rule.remote.kind !== 'set') continue;
        const naming = this.#groupsNamingSet.get(rule.remote.id) ?? [];
        if (!naming.includes(group.id)) this.#groupsNamingSet.set(rule.remote.id, [...naming, group.id]);
      }
    }
  }

  of({ of }: Flow): { readonly kind: FlowOwner; readonly groups: readonly string[] } {
    if (this.#view.ports.has(of)) return { kind: 'port', groups: [] };
    if (this.#view.remote_ports.has(of)) return { kind: 'remote_port', groups: [] };
    if (this.#view.networks.has(of)) return { kind: 'network', groups: [] };
    const group = this.#groupOfRule.get(of);
    if (group !== undefined) return { kind: 'security_group_rule', groups: [group] };
    // A member of an address set is named by the set and by itself.
    const [set = of] = of.split('/');
    const naming = this.#groupsNamingSet.get(set) ?? [];
    if (this.#view.security_groups.has(of)) return { kind: 'security_group', groups: [...new Set([of, ...naming])] };
    return naming.length > 0 ? { kind: 'address_set', groups: naming } : { kind: 'bridge', groups: [] };
  }
}

/** Whose packets a flow of the integration bridge judges, by the port numbers that Neutron's tables keep. */
function judgedPort({ match }: Flow, portsByNumber: ReadonlyMap<bigint, string>): string | null {
  const number = match.reg5?.value ?? match.in_port?.value;
  return number === undefined ? null : (portsByNumber.get(number) ?? null);
}

function drops(actions: readonly Action[], nameOf: (table: number) => string): boolean {
  if (actions.length === 0) return true;
  return actions.some((action) => {
    const leads = action.kind === 'goto' || action.kind === 'resubmit';
    return leads && nameOf(action.table) === 'DROPPED';
  });
}

/** The tables of a bridge, by what the bridge is for. */
function tablesOf(bridge: string, { integrationBridge, tunnels }: Inventory): Tables {
  if (bridge === integrationBridge) return brInt.tables;
  return bridge === tunnels?.bridge ? brTun.tables : brPhys.tables;
}

type Tables = Readonly<Record<string, { readonly number: number }>>;

function tableNames(tables: Tables): (table: number) => string {
  const names = new Map(Object.entries(tables).map(([name, { number }]) => [number, name]));
  return (table) => names.get(table) ?? '';
}

function counters(installed: readonly InstalledFlow[]): ReadonlyMap<string, FlowEntry['counted']> {
  return new Map(
    installed.flatMap((flow) => {
      const rule = canonicalFlow(flow);
      // JSON has no integers beyond 2^53, which at a million packets a second is 285 years.
      const counted = { packets: Number(flow.packets), bytes: Number(flow.bytes) };
      return rule === null ? [] : [[flowKey(rule), counted] as const];
    }),
  );
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
