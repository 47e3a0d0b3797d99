import { HTTPBadRequest } from '@neutronium/model/errors';
import type { RouterCreate, RouterUpdate } from '@neutronium/model/resources/router';

/**
 * Throws when a request wants a router that is highly available. A Neutron without that feature does not know the
 * attribute, and says that.
 */
export function refuseAbsentFeatures(request: Pick<RouterCreate | RouterUpdate, 'ha'>): void {
  if (request.ha === true) throw new HTTPBadRequest({ message: "Unrecognized attribute(s) 'ha'" });
}
