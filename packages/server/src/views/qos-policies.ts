// QoS policies and their rules as hosts see them. A host sees the policies of what is on it: of ports that are bound to
// it, of networks that it sees, of routers that it carries and of their floating IPs. A host begins or ends to see a
// policy with the first or last of them; a rule that comes or goes costs as much as there are hosts that see its policy.

import type { HostObject, ObjectKey, QosPolicyView, QosRuleView } from '@neutronium/model/host-view';
import type { AnyResource } from '@neutronium/model/resource';
import { qosPolicy } from '@neutronium/model/resources/qos-policy';
import { qosRules, type QosRuleRecord } from '@neutronium/model/resources/qos-rules';
import { ruleRecord } from '../resources/qos-policy/rules-of-policies.ts';
import type { ChangeEntry, Reader } from '../store/store.ts';
import { AffectedKeys } from './affected-keys.ts';
import { IndexOfSets } from './index-of-sets.ts';
import type { PlacedPort } from './placed-port.ts';

type LoggedObject = Pick<ChangeEntry, 'kind' | 'id' | 'before' | 'after'>;

/** Something that may have a policy. */
export interface PolicyUser {
  readonly id: string;
  /** What decides on which hosts it is: the id of a port, a network or a router. */
  readonly place: string;
  readonly policyId: string | null;
}

/** The types that hosts enforce; the rest is Placement's affair. */
const enforcedTypes = ['bandwidth_limit', 'dscp_marking', 'packet_rate_limit'] as const;

export class QosPolicies {
  readonly #policies = new Set<string>();
  readonly #rules = new Map<string, QosRuleRecord>();
  readonly #rulesOfPolicy = new IndexOfSets<string, string>();
  /** Those that have a policy, by id. */
  readonly #users = new Map<string, PolicyUser & { readonly policyId: string }>();
  readonly #usersAt = new IndexOfSets<string, string>();
  readonly #hostsOfPlace = new IndexOfSets<string, string>();
  /** Users by `<policy> <host>`. Neither ids nor host names have spaces in them. */
  readonly #reasons = new IndexOfSets<string, string>();
  readonly #hostsOfPolicy = new IndexOfSets<string, string>();
  readonly #policiesOfHost = new IndexOfSets<string, string>();

  /** Takes in everything that the store has; what uses policies comes afterwards. */
  async load(reader: Reader): Promise<void> {
    for (const { id } of await reader.list(qosPolicy, {})) this.#policies.add(id);
    for (const type of enforcedTypes) {
      const resource: AnyResource = qosRules[type];
      for (const record of await reader.list(resource, {})) {
        this.#putRule(new AffectedKeys(), String(record['id']), ruleRecord(type, record));
      }
    }
  }

  /** Folds an entry in, if it is about policies or their rules. */
  put({ kind, id, after }: Omit<LoggedObject, 'before'>): AffectedKeys {
    const affected = new AffectedKeys();
    const type = enforcedTypes.find((each) => qosRules[each].name === kind);
    if (type !== undefined) this.#putRule(affected, id, after === null ? undefined : ruleRecord(type, after));
    if (kind !== qosPolicy.name) return affected;
    if (after === null) this.#policies.delete(id);
    else this.#policies.add(id);
    this.#tell(affected, id);
    return affected;
  }

  /** Something has this policy from now on, and is there. */
  putUser(affected: AffectedKeys, { id, place, policyId }: PolicyUser): void {
    const before = this.#users.get(id);
    if (before?.policyId === policyId && before.place === place) return;
    if (before !== undefined) {
      for (const host of this.#hostsOfPlace.get(before.place)) this.#removeReason(affected, before, host);
      this.#usersAt.delete(before.place, id);
      this.#users.delete(id);
    }
    if (policyId === null) return;
    const user = { id, place, policyId };
    this.#users.set(id, user);
    this.#usersAt.add(place, id);
    for (const host of this.#hostsOfPlace.get(place)) this.#addReason(affected, user, host);
  }

  /** A port has become another, with the same id, or is with other hosts; undefined where there is none. */
  putPort(affected: AffectedKeys, before: PlacedPort | undefined, after: PlacedPort | undefined): void {
    const id = (after ?? before)?.view.id ?? '';
    const [was, is] = [hostsWithPolicy(before), hostsWithPolicy(after)];
    for (const host of was) if (!is.includes(host)) this.leave(affected, id, host);
    this.putUser(affected, { id, place: id, policyId: is.length === 0 ? null : (after?.view.qos_policy_id ?? null) });
    for (const host of is) if (!was.includes(host)) this.arrive(affected, id, host);
  }

  /** The network or router of that id is on the host from now on. */
  arrive(affected: AffectedKeys, place: string, host: string): void {
    this.#hostsOfPlace.add(place, host);
    for (const user of this.#usersOf(place)) this.#addReason(affected, user, host);
  }

  leave(affected: AffectedKeys, place: string, host: string): void {
    this.#hostsOfPlace.delete(place, host);
    for (const user of this.#usersOf(place)) this.#removeReason(affected, user, host);
  }

  object(host: string, id: string): HostObject | undefined {
    return this.#reasons.has(`${id} ${host}`) && this.#policies.has(id) ? this.#viewOf(id) : undefined;
  }

  keysOf(host: string): readonly ObjectKey[] {
    return [...this.#policiesOfHost.get(host)].map((id) => ({ section: 'qos_policies', id }));
  }

  /** Adds the names of what may differ for the host between a state before `entries` and this one. */
  addChangedSince(
    affected: AffectedKeys,
    host: string,
    {
      entries,
      routerOf,
    }: { readonly entries: readonly LoggedObject[]; readonly routerOf: (portId: string) => string | undefined },
  ): void {
    for (const { kind, id, before, after } of entries) {
      const records = [before, after].filter((record) => record !== null);
      const named = records.flatMap((record) => textOf(record['qos_policy_id']));
      if (kind === qosPolicy.name) named.push(id);
      // What has come to the host, or has left it, came or left with what it is a part of.
      const places = records.flatMap((record) => ['network_id', 'router_id'].flatMap((key) => textOf(record[key])));
      for (const place of [...places, routerOf(id) ?? ''])
        named.push(...this.#usersOf(place).map((user) => user.policyId));
      for (const policyId of named) affected.add(host, 'qos_policies', policyId);
    }
  }

  /** Adds the names of the policies of what is there: the host may have begun or ceased to see the network or router. */
  addAllOf(affected: AffectedKeys, host: string, place: string): void {
    for (const { policyId } of this.#usersOf(place)) affected.add(host, 'qos_policies', policyId);
  }

  #putRule(affected: AffectedKeys, id: string, rule: QosRuleRecord | undefined): void {
    const before = this.#rules.get(id);
    if (before !== undefined) {
      this.#rules.delete(id);
      this.#rulesOfPolicy.delete(before.qos_policy_id, id);
    }
    if (rule !== undefined) {
      this.#rules.set(id, rule);
      this.#rulesOfPolicy.add(rule.qos_policy_id, id);
    }
    this.#tell(affected, (rule ?? before)?.qos_policy_id ?? '');
  }

  #viewOf(id: string): QosPolicyView {
    const rules = [...this.#rulesOfPolicy.get(id)].toSorted().flatMap((ruleId) => {
      const rule = this.#rules.get(ruleId);
      return rule === undefined ? [] : ruleView(rule);
    });
    return { section: 'qos_policies', id, rules };
  }

  #usersOf(place: string): readonly (PolicyUser & { readonly policyId: string })[] {
    return [...this.#usersAt.get(place)].flatMap((id) => this.#users.get(id) ?? []);
  }

  #addReason(affected: AffectedKeys, { id, policyId }: { id: string; policyId: string }, host: string): void {
    const key = `${policyId} ${host}`;
    const begins = !this.#reasons.has(key);
    this.#reasons.add(key, id);
    if (!begins) return;
    this.#hostsOfPolicy.add(policyId, host);
    this.#policiesOfHost.add(host, policyId);
    affected.add(host, 'qos_policies', policyId);
  }

  #removeReason(affected: AffectedKeys, { id, policyId }: { id: string; policyId: string }, host: string): void {
    const key = `${policyId} ${host}`;
    this.#reasons.delete(key, id);
    if (this.#reasons.has(key)) return;
    this.#hostsOfPolicy.delete(policyId, host);
    this.#policiesOfHost.delete(host, policyId);
    affected.add(host, 'qos_policies', policyId);
  }

  #tell(affected: AffectedKeys, policyId: string): void {
    for (const host of this.#hostsOfPolicy.get(policyId)) affected.add(host, 'qos_policies', policyId);
  }
}

/** The hosts of a port with a policy of its own; none for any other. */
function hostsWithPolicy(port: PlacedPort | undefined): readonly string[] {
  return port?.view.qos_policy_id === undefined ? [] : port.hosts;
}

function ruleView(rule: QosRuleRecord): readonly QosRuleView[] {
  switch (rule.type) {
    case 'bandwidth_limit': {
      const { type, id, direction, max_kbps, max_burst_kbps } = rule;
      return [{ type, id, direction, max_kbps, max_burst_kbps }];
    }
    case 'packet_rate_limit': {
      const { type, id, direction, max_kpps, max_burst_kpps } = rule;
      return [{ type, id, direction, max_kpps, max_burst_kpps }];
    }
    case 'dscp_marking':
      return [{ type: rule.type, id: rule.id, dscp_mark: rule.dscp_mark }];
    case 'minimum_bandwidth':
    case 'minimum_packet_rate':
      return [];
  }
}

function textOf(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : [];
}
