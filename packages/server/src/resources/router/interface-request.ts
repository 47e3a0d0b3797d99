// The body of a request that adds or removes an interface: `{"subnet_id": …}` or `{"port_id": …}`.

import { BadRequest } from '@neutronium/model/errors';
import { uuid } from '@neutronium/model/kinds/uuid';

export interface InterfaceRequest {
  readonly port_id: string | undefined;
  readonly subnet_id: string | undefined;
}

/** At least one of the two is there. Throws BadRequest otherwise, and for ids that are none. */
export function readInterface(body: unknown): InterfaceRequest {
  const request = { port_id: readId(body, 'port_id'), subnet_id: readId(body, 'subnet_id') };
  if (request.port_id === undefined && request.subnet_id === undefined) {
    throw new BadRequest({ resource: 'router', msg: 'Either subnet_id or port_id must be specified' });
  }
  return request;
}

function readId(body: unknown, name: 'port_id' | 'subnet_id'): string | undefined {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return undefined;
  const read = uuid.read(Reflect.get(body, name));
  if (read.ok) return read.value;
  throw new BadRequest({ resource: 'router', msg: read.fault === 'declared' ? read.error.message : read.reason });
}
