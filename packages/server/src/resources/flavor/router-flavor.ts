import {
  FlavorDisabled,
  FlavorNotFound,
  FlavorServiceProfileBindingNotFound,
  InvalidServiceType,
  ServiceProfileDisabled,
  ServiceProfileDriverNotFound,
  ServiceProfileNotFound,
} from '@neutronium/model/routing-errors';
import { InvalidInput } from '@neutronium/model/errors';
import { pythonText } from '@neutronium/model/python-text';
import { flavor } from '@neutronium/model/resources/flavor';
import type { RouterCreate } from '@neutronium/model/resources/router';
import { serviceProfile } from '@neutronium/model/resources/service-profile';
import type { Writer } from '../../store/store.ts';
import { l3Providers } from '../service-provider/l3-providers.ts';

/**
 * Throws when the flavor is not for routers, cannot be had, or is for others than the request asks for. Holds it, so that
 * it stays while the router comes.
 */
export async function requireRouterFlavor(
  store: Writer,
  flavorId: string | null,
  request: Pick<RouterCreate, 'distributed' | 'ha'>,
): Promise<void> {
  const chosen = flavorId === null ? undefined : await store.get(flavor, flavorId);
  if (chosen === undefined) throw new FlavorNotFound({ flavor_id: flavorId ?? 'None' });
  if (!chosen.enabled) throw new FlavorDisabled();
  if (chosen.service_type !== 'L3_ROUTER_NAT') throw new InvalidServiceType({ service_type: chosen.service_type });
  const [profileId] = chosen.service_profiles;
  if (profileId === undefined) throw new FlavorServiceProfileBindingNotFound({ sp_id: '', fl_id: chosen.id });
  const profile = await store.get(serviceProfile, profileId);
  if (profile === undefined) throw new ServiceProfileNotFound({ sp_id: profileId });
  if (!profile.enabled) throw new ServiceProfileDisabled();
  const { driver } = profile;
  const provider = l3Providers.find((each) => each.driver === driver);
  if (provider === undefined) throw new ServiceProfileDriverNotFound({ driver });
  for (const key of ['distributed', 'ha'] as const) {
    const wanted = request[key] ?? provider[key];
    if (wanted === provider[key]) continue;
    const error_message = `Provider ${provider.name} does not support ${key}=${pythonText(wanted)}`;
    throw new InvalidInput({ error_message });
  }
}
