// Which hosts have to do with which security groups and address sets: a host sees the groups of the ports that are
// bound to it, and the sets that rules of those groups name. A host begins or ends to see a thing with the first or
// last reason for it, and what begins or ends is told to the caller.

import { IndexOfSets } from './index-of-sets.ts';

/** Two names as one key. Neither ids nor host names have spaces in them. */
type Pair = `${string} ${string}`;

/** Told of what a host has begun or ended to see. */
export interface SightListener {
  group(host: string, groupId: string): void;
  set(host: string, setId: string): void;
}

export class GroupHosts {
  readonly #portsOfPlace = new IndexOfSets<Pair, string>();
  readonly #hostsOfGroup = new IndexOfSets<string, string>();
  readonly #groupsOfHost = new IndexOfSets<string, string>();
  readonly #rulesNaming = new IndexOfSets<Pair, string>();
  readonly #setsOfGroup = new IndexOfSets<string, string>();
  readonly #groupsShowing = new IndexOfSets<Pair, string>();
  readonly #hostsOfSet = new IndexOfSets<string, string>();
  readonly #setsOfHost = new IndexOfSets<string, string>();

  /** A port on `host` has the group. */
  addPort({ host, groupId, portId }: PortOfGroup, listener: SightListener): void {
    const begins = !this.hasGroup(host, groupId);
    this.#portsOfPlace.add(pairOf(host, groupId), portId);
    if (!begins) return;
    this.#hostsOfGroup.add(groupId, host);
    this.#groupsOfHost.add(host, groupId);
    listener.group(host, groupId);
    for (const setId of this.#setsOfGroup.get(groupId)) this.#show({ host, setId, groupId }, listener);
  }

  removePort({ host, groupId, portId }: PortOfGroup, listener: SightListener): void {
    this.#portsOfPlace.delete(pairOf(host, groupId), portId);
    if (this.hasGroup(host, groupId)) return;
    this.#hostsOfGroup.delete(groupId, host);
    this.#groupsOfHost.delete(host, groupId);
    listener.group(host, groupId);
    for (const setId of this.#setsOfGroup.get(groupId)) this.#hide({ host, setId, groupId }, listener);
  }

  /** A rule of the group names the set. */
  addRule({ groupId, setId, ruleId }: RuleNamingSet, listener: SightListener): void {
    this.#rulesNaming.add(pairOf(groupId, setId), ruleId);
    this.#setsOfGroup.add(groupId, setId);
    for (const host of this.#hostsOfGroup.get(groupId)) this.#show({ host, setId, groupId }, listener);
  }

  removeRule({ groupId, setId, ruleId }: RuleNamingSet, listener: SightListener): void {
    this.#rulesNaming.delete(pairOf(groupId, setId), ruleId);
    if (this.#rulesNaming.has(pairOf(groupId, setId))) return;
    this.#setsOfGroup.delete(groupId, setId);
    for (const host of this.#hostsOfGroup.get(groupId)) this.#hide({ host, setId, groupId }, listener);
  }

  hasGroup(host: string, groupId: string): boolean {
    return this.#portsOfPlace.has(pairOf(host, groupId));
  }

  seesSet(host: string, setId: string): boolean {
    return this.#groupsShowing.has(pairOf(host, setId));
  }

  hostsOfGroup(groupId: string): ReadonlySet<string> {
    return this.#hostsOfGroup.get(groupId);
  }

  hostsOfSet(setId: string): ReadonlySet<string> {
    return this.#hostsOfSet.get(setId);
  }

  groupsOf(host: string): ReadonlySet<string> {
    return this.#groupsOfHost.get(host);
  }

  setsOf(host: string): ReadonlySet<string> {
    return this.#setsOfHost.get(host);
  }

  setsNamedBy(groupId: string): ReadonlySet<string> {
    return this.#setsOfGroup.get(groupId);
  }

  portsOf(host: string, groupId: string): ReadonlySet<string> {
    return this.#portsOfPlace.get(pairOf(host, groupId));
  }

  rulesNaming(groupId: string, setId: string): ReadonlySet<string> {
    return this.#rulesNaming.get(pairOf(groupId, setId));
  }

  /** The groups of the host whose rules name the set. */
  groupsShowing(host: string, setId: string): ReadonlySet<string> {
    return this.#groupsShowing.get(pairOf(host, setId));
  }

  #show({ host, setId, groupId }: SetOfHost, listener: SightListener): void {
    const begins = !this.seesSet(host, setId);
    this.#groupsShowing.add(pairOf(host, setId), groupId);
    if (!begins) return;
    this.#hostsOfSet.add(setId, host);
    this.#setsOfHost.add(host, setId);
    listener.set(host, setId);
  }

  #hide({ host, setId, groupId }: SetOfHost, listener: SightListener): void {
    this.#groupsShowing.delete(pairOf(host, setId), groupId);
    if (this.seesSet(host, setId)) return;
    this.#hostsOfSet.delete(setId, host);
    this.#setsOfHost.delete(host, setId);
    listener.set(host, setId);
  }
}

interface PortOfGroup {
  readonly host: string;
  readonly groupId: string;
  readonly portId: string;
}

interface RuleNamingSet {
  readonly groupId: string;
  readonly setId: string;
  readonly ruleId: string;
}

/** A set that a host sees because of a group. */
interface SetOfHost {
  readonly host: string;
  readonly setId: string;
  readonly groupId: string;
}

function pairOf(first: string, second: string): Pair {
  return `${first} ${second}`;
}
