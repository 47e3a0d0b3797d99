// The security groups of ports.

import { PortSecurityAndIPRequiredForSecurityGroups, PortSecurityPortHasSecurityGroup } from '@neutronium/model/errors';
import { securityGroup } from '@neutronium/model/resources/security-group';
import { SecurityGroupConflict, SecurityGroupNotFound } from '@neutronium/model/security-group-errors';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { requireVisible } from '../require-visible.ts';
import { ensureDefaultGroup } from '../security-group/default-group.ts';

/**
 * The result of `work`, which gives ports the groups that a request names. Throws SecurityGroupNotFound, and undoes the
 * work with it, when one of them is none that the caller sees; other mistakes of the request are told first.
 */
export async function givingVisibleGroups<T>(
  call: Call<Reader>,
  groupIds: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const requireSeen = () => requireVisible(call, securityGroup, groupIds, (id) => new SecurityGroupNotFound({ id }));
  try {
    const done = await work();
    await requireSeen();
    return done;
  } catch (error) {
    // What a group is like is nothing to those who do not see it.
    if (error instanceof SecurityGroupConflict) await requireSeen();
    throw error;
  }
}

export interface NewPortGroups {
  readonly project_id: string;
  readonly port_security_enabled: boolean;
  /** What the request says; undefined when it says nothing. */
  readonly requested: readonly string[] | undefined;
}

/**
 * The groups of new ports, in order: those that were asked for, else the default group of the port's project. Where
 * nothing guards a port it has none, and may not ask for any.
 */
export async function groupsOfNewPorts(
  store: Writer,
  ports: readonly NewPortGroups[],
): Promise<readonly (readonly string[])[]> {
  const defaults = new Map<string, readonly string[]>([['', []]]);
  for (const { project_id, port_security_enabled, requested } of ports) {
    if (!port_security_enabled && requested !== undefined && requested.length > 0) {
      throw new PortSecurityAndIPRequiredForSecurityGroups();
    }
    if (port_security_enabled && requested === undefined && !defaults.has(project_id)) {
      defaults.set(project_id, [await ensureDefaultGroup(store, project_id)]);
    }
  }
  await requireAlike(
    store,
    ports.flatMap(({ requested = [] }) => (requested.length === 0 ? [] : [requested])),
  );
  return ports.map(({ project_id, port_security_enabled, requested }) =>
    port_security_enabled ? (requested ?? defaults.get(project_id) ?? []) : [],
  );
}

/** The groups of a port after a change; in their present order where they are the same. */
export async function groupsOfChangedPort(
  store: Reader,
  current: { readonly security_groups: readonly string[] },
  {
    port_security_enabled,
    requested,
  }: { readonly port_security_enabled: boolean; readonly requested: readonly string[] | undefined },
): Promise<readonly string[]> {
  const before = current.security_groups;
  if (!port_security_enabled) {
    if (requested !== undefined && requested.length > 0) throw new PortSecurityAndIPRequiredForSecurityGroups();
    if (requested === undefined && before.length > 0) throw new PortSecurityPortHasSecurityGroup();
    return [];
  }
  if (requested === undefined) return before;
  if (requested.length === before.length && requested.every((id) => before.includes(id))) return before;
  await requireAlike(store, [requested]);
  return requested;
}

/**
 * Throws SecurityGroupNotFound for a group that there is not, and SecurityGroupConflict when a port would have groups
 * that track connections and groups that do not.
 */
async function requireAlike(store: Reader, lists: readonly (readonly string[])[]): Promise<void> {
  const ids = [...new Set(lists.flat())];
  const groups = await store.getMany(securityGroup, ids);
  const stateful = new Map(groups.map((group) => [group.id, group.stateful]));
  const unknown = ids.filter((id) => !stateful.has(id));
  if (unknown.length > 0) throw new SecurityGroupNotFound({ id: unknown.join(', ') });
  for (const ids of lists) {
    if (new Set(ids.map((id) => stateful.get(id))).size <= 1) continue;
    throw new SecurityGroupConflict({
      reason: 'Cannot apply both stateful and stateless security groups on the same port at the same time',
    });
  }
}
