// Security groups, their rules and the members of address sets as hosts see them: the part of the topology that is
// about what traffic ports admit. A set is the ports of a security group or the addresses of an address group, and has
// the id of either. One rule, port or address that comes or goes costs as much as there are hosts that see it, whatever
// the size of groups and sets.

import { isDeepStrictEqual } from 'node:util';
import type {
  AddressSetMemberView,
  HostObject,
  ObjectKey,
  PortView,
  SecurityGroupRuleView,
  SecurityGroupView,
} from '@neutronium/model/host-view';
import type { AddressGroupAddress } from '@neutronium/model/resources/address-group';
import { securityGroup, type SecurityGroupRecord } from '@neutronium/model/resources/security-group';
import { securityGroupRule, type SecurityGroupRuleRecord } from '@neutronium/model/resources/security-group-rule';
import type { Reader } from '../store/store.ts';
import { AffectedKeys } from './affected-keys.ts';
import type { ChangedSecurity } from './changed-security.ts';
import { GroupHosts, type SightListener } from './group-hosts.ts';
import { IndexOfSets } from './index-of-sets.ts';
import type { Sight } from './missed-entries.ts';
import { addressGroupMember, memberId, portMember, ruleView, setIdOf } from './project-security-groups.ts';

type GroupFacts = Pick<SecurityGroupView, 'id' | 'name' | 'stateful'>;

interface KnownRule {
  readonly groupId: string;
  readonly view: SecurityGroupRuleView;
}

export class SecurityGroups {
  readonly #ports: ReadonlyMap<string, PortView>;
  readonly #groups = new Map<string, GroupFacts>();
  readonly #rules = new Map<string, KnownRule>();
  readonly #rulesOfGroup = new IndexOfSets<string, string>();
  /** Views that were asked for since the group last changed: many hosts ask for the same. */
  readonly #views = new Map<string, SecurityGroupView>();
  readonly #portsOfGroup = new IndexOfSets<string, string>();
  readonly #addressesOfGroup = new IndexOfSets<string, string>();
  readonly #hosts = new GroupHosts();

  /** `ports` are all ports as hosts see them, by id. */
  constructor(ports: ReadonlyMap<string, PortView>) {
    this.#ports = ports;
  }

  /** Takes in everything that the store has; ports come afterwards. */
  async load(reader: Reader): Promise<void> {
    for (const record of await reader.list(securityGroup, {})) this.putGroup(record.id, record);
    for (const record of await reader.list(securityGroupRule, {})) this.putRule(record.id, record);
    for (const row of await reader.db.selectFrom('address_group_addresses').selectAll().execute()) {
      this.putAddress(memberId(row.address_group_id, row.address), row);
    }
  }

  putGroup(id: string, record: SecurityGroupRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const after = record === null ? undefined : { id, name: record.name, stateful: record.stateful };
    if (isDeepStrictEqual(this.#groups.get(id), after)) return affected;
    if (after === undefined) this.#groups.delete(id);
    else this.#groups.set(id, after);
    this.#groupChanged(affected, id);
    return affected;
  }

  putRule(id: string, record: SecurityGroupRuleRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const before = this.#rules.get(id);
    const after = record === null ? undefined : { groupId: record.security_group_id, view: ruleView(record) };
    if (isDeepStrictEqual(before, after)) return affected;
    const listener = this.#telling(affected);
    // What is new comes before what goes, so that a host which goes on seeing a set is not told its members anew.
    if (after !== undefined) {
      this.#rules.set(id, after);
      this.#rulesOfGroup.add(after.groupId, id);
      const setId = setOf(after);
      if (setId !== undefined) this.#hosts.addRule({ groupId: after.groupId, setId, ruleId: id }, listener);
    }
    if (before !== undefined) {
      const setId = setOf(before);
      const stays = after?.groupId === before.groupId;
      if (after === undefined) this.#rules.delete(id);
      if (!stays) this.#rulesOfGroup.delete(before.groupId, id);
      if (setId !== undefined && !(stays && setOf(after) === setId)) {
        this.#hosts.removeRule({ groupId: before.groupId, setId, ruleId: id }, listener);
      }
    }
    for (const either of [before, after]) if (either !== undefined) this.#groupChanged(affected, either.groupId);
    return affected;
  }

  /** One address of an address group is there, or is there no more; `id` names both. */
  putAddress(id: string, record: AddressGroupAddress | null): AffectedKeys {
    const affected = new AffectedKeys();
    const { setId, member } = splitMemberId(id);
    if ((record !== null) === this.#addressesOfGroup.get(setId).has(member)) return affected;
    if (record === null) this.#addressesOfGroup.delete(setId, member);
    else this.#addressesOfGroup.add(setId, member);
    for (const host of this.#hosts.hostsOfSet(setId)) affected.add(host, 'address_set_members', id);
    return affected;
  }

  /** A port has become another, with the same id; undefined where there is none. */
  putPort(affected: AffectedKeys, before: PortView | undefined, after: PortView | undefined): void {
    const port = after ?? before;
    if (port === undefined) return;
    const listener = this.#telling(affected);
    const [had, has] = [new Set(before?.security_groups), new Set(after?.security_groups)];
    for (const groupId of has) {
      this.#portsOfGroup.add(groupId, port.id);
      if (after !== undefined && after.host !== '') {
        this.#hosts.addPort({ host: after.host, groupId, portId: port.id }, listener);
      }
    }
    const sameAddresses = before !== undefined && after !== undefined && hasSameAddresses(before, after);
    for (const groupId of new Set([...had, ...has])) {
      if (sameAddresses && had.has(groupId) && has.has(groupId)) continue;
      for (const host of this.#hosts.hostsOfSet(groupId)) {
        affected.add(host, 'address_set_members', memberId(groupId, port.id));
      }
    }
    for (const groupId of had) {
      if (before === undefined || before.host === '') continue;
      if (before.host === after?.host && has.has(groupId)) continue;
      this.#hosts.removePort({ host: before.host, groupId, portId: port.id }, listener);
    }
    // Last: a host that sees a set no more is told that all members go, the leaving one among them.
    for (const groupId of had) if (!has.has(groupId)) this.#portsOfGroup.delete(groupId, port.id);
  }

  object(host: string, { section, id }: ObjectKey): HostObject | undefined {
    if (section === 'security_groups') return this.#hosts.hasGroup(host, id) ? this.#viewOf(id) : undefined;
    const { setId, member } = splitMemberId(id);
    return this.#hosts.seesSet(host, setId) ? this.#member(setId, member) : undefined;
  }

  /** The names of all that the host sees. */
  keysOf(host: string): readonly ObjectKey[] {
    const groups = [...this.#hosts.groupsOf(host)].map((id): ObjectKey => ({ section: 'security_groups', id }));
    const members = [...this.#hosts.setsOf(host)].flatMap((setId) => [...this.#memberKeys(setId)]);
    return [...groups, ...members];
  }

  /** What the host has to do with now, as far as it is about what ports admit. */
  sightOf(host: string): Pick<Sight, 'groups' | 'sets' | 'setsNamedBy'> {
    return {
      groups: this.#hosts.groupsOf(host),
      sets: this.#hosts.setsOf(host),
      setsNamedBy: (groupId) => this.#hosts.setsNamedBy(groupId),
    };
  }

  /**
   * Adds the names of what may differ for the host because groups, rules, addresses and ports have changed. Members of
   * a set are named one by one where it is certain that the host has seen the set all the time.
   */
  addChangedSince(affected: AffectedKeys, host: string, changed: ChangedSecurity): void {
    for (const id of changed.groups) affected.add(host, 'security_groups', id);
    for (const id of changed.members) affected.add(host, 'address_set_members', id);
    const sets = new Set(changed.rules.flatMap((rule) => setIdOf(rule) ?? []));
    for (const { security_group_id: id } of changed.rules) affected.add(host, 'security_groups', id);
    for (const groupId of changed.groupsOfPorts) {
      affected.add(host, 'security_groups', groupId);
      for (const setId of this.#hosts.setsNamedBy(groupId)) sets.add(setId);
    }
    const touched = { ports: changed.ports, rules: new Set(changed.rules.map(({ id }) => id)) };
    for (const setId of sets) {
      if (this.#hasBeenSeen(host, setId, touched)) continue;
      for (const { section, id } of this.#memberKeys(setId)) affected.add(host, section, id);
    }
  }

  /** Whether a port and a rule by which the host sees the set are not among those that have changed. */
  #hasBeenSeen(host: string, setId: string, touched: Touched): boolean {
    return [...this.#hosts.groupsShowing(host, setId)].some(
      (groupId) =>
        [...this.#hosts.portsOf(host, groupId)].some((id) => !touched.ports.has(id)) &&
        [...this.#hosts.rulesNaming(groupId, setId)].some((id) => !touched.rules.has(id)),
    );
  }

  #groupChanged(affected: AffectedKeys, id: string): void {
    this.#views.delete(id);
    for (const host of this.#hosts.hostsOfGroup(id)) affected.add(host, 'security_groups', id);
  }

  #telling(affected: AffectedKeys): SightListener {
    return {
      group: (host, groupId) => affected.add(host, 'security_groups', groupId),
      set: (host, setId) => {
        for (const { section, id } of this.#memberKeys(setId)) affected.add(host, section, id);
      },
    };
  }

  #viewOf(id: string): SecurityGroupView | undefined {
    const facts = this.#groups.get(id);
    if (facts === undefined) return undefined;
    let view = this.#views.get(id);
    if (view === undefined) {
      const rules = [...this.#rulesOfGroup.get(id)].toSorted().flatMap((rule) => this.#rules.get(rule)?.view ?? []);
      view = { section: 'security_groups', ...facts, rules };
      this.#views.set(id, view);
    }
    return view;
  }

  #member(setId: string, member: string): AddressSetMemberView | undefined {
    if (this.#addressesOfGroup.get(setId).has(member)) return addressGroupMember(setId, member);
    const port = this.#portsOfGroup.get(setId).has(member) ? this.#ports.get(member) : undefined;
    return port === undefined ? undefined : portMember(setId, port);
  }

  *#memberKeys(setId: string): Generator<ObjectKey> {
    for (const members of [this.#portsOfGroup.get(setId), this.#addressesOfGroup.get(setId)]) {
      for (const member of members) yield { section: 'address_set_members', id: memberId(setId, member) };
    }
  }
}

interface Touched {
  readonly ports: ReadonlySet<string>;
  readonly rules: ReadonlySet<string>;
}

/** Ids have no slashes; addresses may have one. */
function splitMemberId(id: string): { readonly setId: string; readonly member: string } {
  const slash = id.indexOf('/');
  return { setId: id.slice(0, slash), member: id.slice(slash + 1) };
}

function setOf(rule: KnownRule | undefined): string | undefined {
  return rule?.view.remote.kind === 'set' ? rule.view.remote.id : undefined;
}

function hasSameAddresses(before: PortView, after: PortView): boolean {
  const addresses = ({ fixed_ips, allowed_address_pairs, mac_address }: PortView) => ({
    fixed_ips,
    allowed_address_pairs,
    mac_address,
  });
  return isDeepStrictEqual(addresses(before), addresses(after));
}
