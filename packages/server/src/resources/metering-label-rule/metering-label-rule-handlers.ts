// The rules of metering labels. Whoever adds one holds the label's row, so that no two come to overlap.

import { randomUUID } from 'node:crypto';
import {
  Invalid,
  MeteringLabelNotFound,
  MeteringLabelRuleNotFound,
  MeteringLabelRuleOverlaps,
} from '@neutronium/model/metering-errors';
import { meteringLabel } from '@neutronium/model/resources/metering-label';
import {
  meteringLabelRule,
  type MeteringLabelRuleCreate,
  type MeteringLabelRuleRecord,
} from '@neutronium/model/resources/metering-label-rule';
import { cidrOverlaps, parseCidrLenient } from '@neutronium/net/cidr';
import { invariant } from '@neutronium/net/invariant';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call, Handlers } from '../handlers.ts';
import { requireVisible } from '../require-visible.ts';

export function meteringLabelRuleHandlers(): Handlers<typeof meteringLabelRule> {
  return {
    resource: meteringLabelRule,
    notFound: (id) => new MeteringLabelRuleNotFound({ rule_id: id }),
    async create(call, requests) {
      const created: MeteringLabelRuleRecord[] = [];
      for (const request of requests) created.push(await createRule(call, request));
      return created;
    },
    remove: ({ store }, { id }) => store.remove(meteringLabelRule, id),
    async derive({ store }, records) {
      const labels = await store.getMany(meteringLabel, [...new Set(records.map((rule) => rule.metering_label_id))]);
      const owners = new Map(labels.map(({ id, project_id }) => [id, project_id]));
      return records.map((rule) => ({ project_id: owners.get(rule.metering_label_id) }));
    },
  };
}

async function createRule(call: Call<Writer>, request: MeteringLabelRuleCreate): Promise<MeteringLabelRuleRecord> {
  requireAddresses(request);
  const missing = (label_id: string): Error => new MeteringLabelNotFound({ label_id });
  const { metering_label_id: labelId } = request;
  await requireVisible(call, meteringLabel, [labelId], missing);
  const { store } = call;
  // Held until the end.
  if ((await store.get(meteringLabel, labelId)) === undefined) throw missing(labelId);
  await requireApart(store, request);
  const { direction, remote_ip_prefix, source_ip_prefix, destination_ip_prefix, excluded } = request;
  const prefixes = { remote_ip_prefix, source_ip_prefix, destination_ip_prefix };
  const kept = { id: randomUUID(), metering_label_id: labelId, direction, ...prefixes, excluded };
  const [rule] = await store.insert(meteringLabelRule, [kept]);
  invariant(rule !== undefined, 'one rule was inserted');
  return rule;
}

type Addresses = Pick<MeteringLabelRuleRecord, 'remote_ip_prefix' | 'source_ip_prefix' | 'destination_ip_prefix'>;

function requireAddresses({
  remote_ip_prefix: remote,
  source_ip_prefix: source,
  destination_ip_prefix: destination,
}: Addresses): void {
  const hasEnds = source !== null || destination !== null;
  if (remote !== null && hasEnds) {
    throw new Invalid({
      reason: "Cannot use 'remote-ip-prefix' in conjunction with 'source-ip-prefix' or 'destination-ip-prefix'.",
    });
  }
  if (remote !== null || hasEnds) return;
  throw new Invalid({
    reason:
      "You must define at least one of the following parameters 'remote_ip_prefix', or 'source_ip_prefix' or " +
      "'destination_ip_prefix'.",
  });
}

/** Throws MeteringLabelRuleOverlaps when another rule counts, or leaves out, the same addresses behind the router. */
async function requireApart(store: Reader, rule: Omit<MeteringLabelRuleRecord, 'id'>): Promise<void> {
  const { remote_ip_prefix } = rule;
  if (remote_ip_prefix === null) return;
  const alike = (['metering_label_id', 'direction', 'excluded'] as const).map((attribute) => ({
    op: 'equals' as const,
    attribute,
    values: [rule[attribute]],
  }));
  const others = await store.list(meteringLabelRule, { where: alike });
  const remotes = others.flatMap((other) => (other.remote_ip_prefix === null ? [] : [other.remote_ip_prefix]));
  if (remotes.some((other) => overlap(other, remote_ip_prefix)))
    throw new MeteringLabelRuleOverlaps({ remote_ip_prefix });
}

function overlap(one: string, other: string): boolean {
  const [a, b] = [parseCidrLenient(one), parseCidrLenient(other)];
  return a.ok && b.ok && cidrOverlaps(a.value, b.value);
}
