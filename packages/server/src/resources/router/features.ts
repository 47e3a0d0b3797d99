import { HTTPBadRequest } from '@neutronium/model/errors';
import type { RouterCreate, RouterUpdate } from '@neutronium/model/resources/router';

/**
 * Throws when a request wants a router that is distributed or highly available. A Neutron without the two features does
 * not know the attributes, and says that.
 */
export function refuseAbsentFeatures(request: Pick<RouterCreate | RouterUpdate, 'distributed' | 'ha'>): void {
  const wanted = (['distributed', 'ha'] as const).filter((name) => request[name] === true);
  if (wanted.length > 0) throw new HTTPBadRequest({ message: `Unrecognized attribute(s) '${wanted.join(', ')}'` });
}
