import { randomUUID } from 'node:crypto';
import {
  InvalidLogResourceType,
  InvalidResourceConstraint,
  LoggingTypeNotSupported,
  LogResourceNotFound,
  ResourceNotFound,
  TargetResourceNotFound,
} from '@neutronium/model/logging-errors';
import { log, type LogCreate } from '@neutronium/model/resources/log';
import { loggableResourceTypes } from '@neutronium/model/resources/loggable-resource';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { securityGroup } from '@neutronium/model/resources/security-group';
import { isSwitched } from '#binding/switched-port';
import type { Writer } from '../../store/store.ts';
import type { Call, Handlers } from '../handlers.ts';
import { requireVisible } from '../require-visible.ts';

export function logHandlers(): Handlers<typeof log> {
  return {
    resource: log,
    notFound: (id) => new LogResourceNotFound({ log_id: id }),
    async create(call, requests) {
      for (const request of requests) await requireLoggable(call, request);
      return call.store.insert(
        log,
        requests.map((request) => ({ ...request, id: randomUUID() })),
      );
    },
    update: ({ store }, current, changes) => store.update(log, current.id, changes),
    remove: ({ store }, { id }) => store.remove(log, id),
    derive: async (_call, records) => records.map(() => ({})),
  };
}

async function requireLoggable(
  call: Call<Writer>,
  { resource_type, resource_id, target_id }: LogCreate,
): Promise<void> {
  if (loggableResourceTypes.every((type) => type !== resource_type)) {
    throw new InvalidLogResourceType({ resource_type });
  }
  const groups = resource_id === null ? [] : [resource_id];
  await requireVisible(call, securityGroup, groups, (id) => new ResourceNotFound({ resource_id: id }));
  if (target_id === null) return;
  const target = await loggablePort(call, target_id);
  if (resource_id === null || target.security_groups.includes(resource_id)) return;
  throw new InvalidResourceConstraint({ resource: 'security_group', resource_id, target_resource: 'port', target_id });
}

/** The port, which is there for as long as the transaction lasts. */
async function loggablePort(call: Call<Writer>, target_id: string): Promise<PortRecord> {
  const missing = (): Error => new TargetResourceNotFound({ target_id });
  await requireVisible(call, port, [target_id], missing);
  const found = await call.store.get(port, target_id);
  if (found === undefined) throw missing();
  if (!isSwitched(found)) throw new LoggingTypeNotSupported({ log_type: 'security_group', port_id: target_id });
  return found;
}
