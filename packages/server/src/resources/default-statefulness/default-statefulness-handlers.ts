import { randomUUID } from 'node:crypto';
import { blockersOf } from '@neutronium/model/api-error';
import {
  SecurityGroupDefaultStatefulnessAlreadyExists,
  SecurityGroupDefaultStatefulnessNotFound,
} from '@neutronium/model/default-statefulness-errors';
import {
  defaultStatefulness,
  type DefaultStatefulnessCreate,
  type DefaultStatefulnessRecord,
} from '@neutronium/model/resources/default-statefulness';
import { invariant } from '@neutronium/net/invariant';
import type { Writer } from '../../store/store.ts';
import type { Handlers } from '../handlers.ts';

export function defaultStatefulnessHandlers(): Handlers<typeof defaultStatefulness> {
  return {
    resource: defaultStatefulness,
    notFound: (id) => new SecurityGroupDefaultStatefulnessNotFound({ id }),
    async create({ store }, requests) {
      await store.lock(defaultStatefulness.plural);
      const created: DefaultStatefulnessRecord[] = [];
      for (const request of requests) created.push(await createSetting(store, request));
      return created;
    },
    update: ({ store }, current, changes) => store.update(defaultStatefulness, current.id, changes),
    remove: ({ store }, { id }) => store.remove(defaultStatefulness, id),
    derive: async (_call, records) => records.map(() => ({})),
  };
}

async function createSetting(store: Writer, request: DefaultStatefulnessCreate): Promise<DefaultStatefulnessRecord> {
  const { project_id } = request;
  const present = await store.list(defaultStatefulness, {
    where: [{ op: 'equals', attribute: 'project_id', values: [project_id] }],
  });
  if (present.length > 0) {
    throw new SecurityGroupDefaultStatefulnessAlreadyExists({
      project_id: project_id ?? 'system-wide',
      blockers: blockersOf(
        defaultStatefulness.name,
        present.map(({ id }) => id),
      ),
    });
  }
  const [created] = await store.insert(defaultStatefulness, [{ ...request, id: randomUUID() }]);
  invariant(created !== undefined, 'one setting was asked for');
  return created;
}
