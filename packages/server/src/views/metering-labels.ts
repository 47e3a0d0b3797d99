// Metering labels as hosts see them. A label counts for the routers of its project, a shared one for all routers; a host
// sees it while it carries one of those. A rule that comes or goes costs one object for each host that sees its label,
// and a router one look at the labels of its project.

import type { HostObject, MeteringLabelView, MeteringRuleView, ObjectKey } from '@neutronium/model/host-view';
import { normalizedPrefix } from '@neutronium/model/kinds/remote-prefix';
import { meteringLabel, type MeteringLabelRecord } from '@neutronium/model/resources/metering-label';
import { meteringLabelRule, type MeteringLabelRuleRecord } from '@neutronium/model/resources/metering-label-rule';
import { router } from '@neutronium/model/resources/router';
import type { Cidr } from '@neutronium/net/cidr';
import type { ChangeEntry, Reader } from '../store/store.ts';
import { AffectedKeys } from './affected-keys.ts';
import { IndexOfSets } from './index-of-sets.ts';

type LoggedObject = Pick<ChangeEntry, 'kind' | 'id' | 'before' | 'after'>;

export class MeteringLabels {
  readonly #labels = new Map<string, MeteringLabelRecord>();
  readonly #rules = new Map<string, MeteringLabelRuleRecord>();
  readonly #rulesOfLabel = new IndexOfSets<string, string>();
  readonly #labelsOfProject = new IndexOfSets<string, string>();
  readonly #shared = new Set<string>();
  readonly #projectOfRouter = new Map<string, string>();
  readonly #hostsOfRouter = new IndexOfSets<string, string>();
  /** Routers by `<host> <project>`. Host names have no spaces in them. */
  readonly #routers = new IndexOfSets<string, string>();
  readonly #hostsOfProject = new IndexOfSets<string, string>();
  readonly #projectsOfHost = new IndexOfSets<string, string>();

  /** Takes in all labels that the store has; routers come afterwards. */
  async load(reader: Reader): Promise<void> {
    for (const record of await reader.list(meteringLabel, {})) this.putLabel(record.id, record);
    for (const record of await reader.list(meteringLabelRule, {})) this.putRule(record.id, record);
  }

  putLabel(id: string, record: MeteringLabelRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const before = this.#labels.get(id);
    if (before !== undefined) {
      this.#tell(affected, id);
      this.#labels.delete(id);
      this.#shared.delete(id);
      this.#labelsOfProject.delete(before.project_id, id);
    }
    if (record !== null) {
      this.#labels.set(id, record);
      if (record.shared) this.#shared.add(id);
      this.#labelsOfProject.add(record.project_id, id);
      this.#tell(affected, id);
    }
    return affected;
  }

  putRule(id: string, record: MeteringLabelRuleRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const before = this.#rules.get(id);
    if (before !== undefined) {
      this.#rules.delete(id);
      this.#rulesOfLabel.delete(before.metering_label_id, id);
    }
    if (record !== null) {
      this.#rules.set(id, record);
      this.#rulesOfLabel.add(record.metering_label_id, id);
    }
    for (const either of [before, record]) {
      if (either !== undefined && either !== null) this.#tell(affected, either.metering_label_id);
    }
    return affected;
  }

  /** The router is of this project, wherever it is; undefined where there is no such router. */
  putRouter(affected: AffectedKeys, id: string, project: string | undefined): void {
    const before = this.#projectOfRouter.get(id);
    if (before === project) return;
    for (const host of this.#hostsOfRouter.get(id)) if (before !== undefined) this.#remove(affected, id, host, before);
    if (project === undefined) this.#projectOfRouter.delete(id);
    else this.#projectOfRouter.set(id, project);
    for (const host of this.#hostsOfRouter.get(id)) if (project !== undefined) this.#add(affected, id, host, project);
  }

  /** The host carries the router from now on. */
  arrive(affected: AffectedKeys, routerId: string, host: string): void {
    this.#hostsOfRouter.add(routerId, host);
    const project = this.#projectOfRouter.get(routerId);
    if (project !== undefined) this.#add(affected, routerId, host, project);
  }

  leave(affected: AffectedKeys, routerId: string, host: string): void {
    this.#hostsOfRouter.delete(routerId, host);
    const project = this.#projectOfRouter.get(routerId);
    if (project !== undefined) this.#remove(affected, routerId, host, project);
  }

  object(host: string, id: string): HostObject | undefined {
    const label = this.#labels.get(id);
    if (label === undefined || !this.#hostsOf(label).has(host)) return undefined;
    const rules = [...this.#rulesOfLabel.get(id)].toSorted().flatMap((ruleId) => this.#rules.get(ruleId) ?? []);
    return labelView(label, rules);
  }

  keysOf(host: string): readonly ObjectKey[] {
    const projects = [...this.#projectsOfHost.get(host)];
    const own = projects.flatMap((project) => [...this.#labelsOfProject.get(project)]);
    return [...new Set([...own, ...(projects.length === 0 ? [] : this.#shared)])].map((id) => ({
      section: 'metering_labels',
      id,
    }));
  }

  /**
   * Adds the names of what may differ for the host between a state before `entries` and this one; `routers` are those
   * that it may have begun or ceased to carry.
   */
  addChangedSince(
    affected: AffectedKeys,
    host: string,
    { entries, routers }: { readonly entries: readonly LoggedObject[]; readonly routers: Iterable<string> },
  ): void {
    const projects = new Set<string>();
    for (const routerId of routers) projects.add(this.#projectOfRouter.get(routerId) ?? '');
    for (const { kind, id, before, after } of entries) {
      if (kind === meteringLabel.name) affected.add(host, 'metering_labels', id);
      for (const record of [before, after]) {
        if (kind === meteringLabelRule.name)
          addText((label) => affected.add(host, 'metering_labels', label), record, 'metering_label_id');
        if (kind === router.name) addText((project) => projects.add(project), record, 'project_id');
      }
    }
    if (projects.size === 0) return;
    const labels = [...projects].flatMap((project) => [...this.#labelsOfProject.get(project)]);
    for (const id of [...labels, ...this.#shared]) affected.add(host, 'metering_labels', id);
  }

  #add(affected: AffectedKeys, routerId: string, host: string, project: string): void {
    const key = `${host} ${project}`;
    const begins = !this.#routers.has(key);
    this.#routers.add(key, routerId);
    if (!begins) return;
    this.#hostsOfProject.add(project, host);
    this.#projectsOfHost.add(host, project);
    this.#addLabelsOf(affected, project, host);
  }

  #remove(affected: AffectedKeys, routerId: string, host: string, project: string): void {
    const key = `${host} ${project}`;
    this.#routers.delete(key, routerId);
    if (this.#routers.has(key)) return;
    this.#hostsOfProject.delete(project, host);
    this.#projectsOfHost.delete(host, project);
    this.#addLabelsOf(affected, project, host);
  }

  /** Labels that a host may have begun or ceased to see with the first or last router of the project. */
  #addLabelsOf(affected: AffectedKeys, project: string, host: string): void {
    for (const id of [...this.#labelsOfProject.get(project), ...this.#shared])
      affected.add(host, 'metering_labels', id);
  }

  #hostsOf({ shared, project_id }: MeteringLabelRecord): {
    readonly has: (host: string) => boolean;
    readonly all: Iterable<string>;
  } {
    if (shared) return { has: (host) => this.#projectsOfHost.has(host), all: this.#projectsOfHost.keys };
    const hosts = this.#hostsOfProject.get(project_id);
    return { has: (host) => hosts.has(host), all: hosts };
  }

  #tell(affected: AffectedKeys, id: string): void {
    const label = this.#labels.get(id);
    if (label === undefined) return;
    for (const host of this.#hostsOf(label).all) affected.add(host, 'metering_labels', id);
  }
}

function labelView(
  { id, name, project_id, shared }: MeteringLabelRecord,
  rules: readonly MeteringLabelRuleRecord[],
): MeteringLabelView {
  return { section: 'metering_labels', id, name, project_id, shared, rules: rules.map(ruleView) };
}

/** What the API calls remote are the addresses behind the router: where what comes in goes to, or what leaves is from. */
function ruleView(rule: MeteringLabelRuleRecord): MeteringRuleView {
  const { id, direction, excluded, remote_ip_prefix: inside } = rule;
  const [source, destination] =
    inside === null
      ? [rule.source_ip_prefix, rule.destination_ip_prefix]
      : direction === 'egress'
        ? [inside, null]
        : [null, inside];
  return { id, direction, excluded, source: prefixOf(source), destination: prefixOf(destination) };
}

function prefixOf(text: string | null): Cidr | null {
  return text === null ? null : normalizedPrefix(text);
}

function addText(add: (text: string) => void, record: LoggedObject['after'], key: string): void {
  const value = record?.[key];
  if (typeof value === 'string') add(value);
}
