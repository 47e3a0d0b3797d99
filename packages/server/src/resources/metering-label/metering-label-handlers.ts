import { randomUUID } from 'node:crypto';
import { MeteringLabelNotFound } from '@neutronium/model/metering-errors';
import { meteringLabel } from '@neutronium/model/resources/metering-label';
import { meteringLabelRule } from '@neutronium/model/resources/metering-label-rule';
import type { Handlers } from '../handlers.ts';

export function meteringLabelHandlers(): Handlers<typeof meteringLabel> {
  return {
    resource: meteringLabel,
    notFound: (id) => new MeteringLabelNotFound({ label_id: id }),
    create: ({ store }, requests) =>
      store.insert(
        meteringLabel,
        requests.map((request) => ({ ...request, id: randomUUID() })),
      ),
    async remove({ store }, { id }) {
      const rules = await store.list(meteringLabelRule, {
        where: [{ op: 'equals', attribute: 'metering_label_id', values: [id] }],
      });
      for (const rule of rules) await store.remove(meteringLabelRule, rule.id);
      await store.remove(meteringLabel, id);
    },
    derive: async (_call, records) => records.map(() => ({})),
  };
}
