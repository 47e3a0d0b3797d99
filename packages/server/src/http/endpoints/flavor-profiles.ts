// The profiles of a flavor, added and removed one by one: `/v2.0/flavors/{flavor_id}/service_profiles`.

import { HTTPBadRequest } from '@neutronium/model/errors';
import {
  FlavorServiceProfileBindingExists,
  FlavorServiceProfileBindingNotFound,
} from '@neutronium/model/routing-errors';
import { uuid } from '@neutronium/model/kinds/uuid';
import { flavor, type FlavorRecord } from '@neutronium/model/resources/flavor';
import { requireProfiles } from '../../resources/flavor/flavor-handlers.ts';
import type { Call } from '../../resources/handlers.ts';
import type { Writer } from '../../store/store.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { policySession, type Engine } from '../engine.ts';
import { parseJsonBody } from '../json-body.ts';
import type { Route } from '../routes.ts';
import { handlersOf } from './scheduling.ts';
import { write } from '../write.ts';

export function flavorProfileRoutes(engine: Engine): readonly Route[] {
  const flavors = handlersOf(engine, flavor);

  async function findFlavor({ store }: Call<Writer>, { params }: ApiRequest): Promise<FlavorRecord> {
    const id = params['flavor_id'] ?? '';
    const found = await store.get(flavor, id);
    if (found === undefined) throw flavors.notFound(id);
    return found;
  }

  async function add(request: ApiRequest): Promise<Answer> {
    const sp_id = readProfileId(parseJsonBody(request.body));
    return write(engine, request.context, async (call) => {
      await policySession(engine, call).authorize(['create_flavor_service_profile'], {});
      const { id: fl_id, service_profiles } = await findFlavor(call, request);
      if (service_profiles.includes(sp_id)) throw new FlavorServiceProfileBindingExists({ sp_id, fl_id });
      await requireProfiles(call.store, [sp_id]);
      await call.store.update(flavor, fl_id, { service_profiles: [...service_profiles, sp_id] });
      // Neutron answers with the flavor's id under the profile's name.
      return { status: 201, body: { service_profile: { id: fl_id } } };
    });
  }

  async function remove(request: ApiRequest): Promise<Answer> {
    const sp_id = request.params['profile_id'] ?? '';
    return write(engine, request.context, async (call) => {
      // Everyone sees which profiles a flavor has; who asks for one that it has not is told so before anything else.
      const fl_id = request.params['flavor_id'] ?? '';
      const service_profiles = (await call.store.get(flavor, fl_id))?.service_profiles ?? [];
      if (!service_profiles.includes(sp_id)) throw new FlavorServiceProfileBindingNotFound({ sp_id, fl_id });
      await policySession(engine, call).authorize(['delete_flavor_service_profile'], {});
      await call.store.update(flavor, fl_id, { service_profiles: service_profiles.filter((id) => id !== sp_id) });
      return { status: 204 };
    });
  }

  return [
    { path: 'flavors/{flavor_id}/service_profiles', methods: { POST: add } },
    { path: 'flavors/{flavor_id}/service_profiles/{profile_id}', methods: { DELETE: remove } },
  ];
}

/** The id of `{"service_profile": {"id": …}}`. */
function readProfileId(body: unknown): string {
  const profile = memberOf(body, 'service_profile');
  if (profile === undefined) throw new HTTPBadRequest({ message: "Unable to find 'service_profile' in request body" });
  const id = memberOf(profile, 'id');
  if (id === undefined) {
    throw new HTTPBadRequest({ message: "Failed to parse request. Required attribute 'id' not specified" });
  }
  const read = uuid.read(id);
  if (read.ok) return read.value;
  const reason = read.fault === 'declared' ? read.error.message : read.reason;
  throw new HTTPBadRequest({ message: `Invalid input for id. Reason: ${reason}.` });
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
