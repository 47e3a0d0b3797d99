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
import type { RouterCreate, RouterRecord, RouterUpdate } from '@neutronium/model/resources/router';
import { serviceProfile } from '@neutronium/model/resources/service-profile';
import type { Reader, Writer } from '../../store/store.ts';
import { l3Providers, type L3Provider } from '../service-provider/l3-providers.ts';

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

/** Throws InvalidInput when the request would make the router, if it has a flavor, of another kind than that is for. */
export async function requireKindOfFlavor(
  store: Reader,
  { flavor_id }: Pick<RouterRecord, 'flavor_id'>,
  changes: Pick<RouterUpdate, 'distributed' | 'ha'>,
): Promise<void> {
  if (flavor_id === null) return;
  const provider = await providerOf(store, flavor_id);
  if (provider === undefined) return;
  const fits = (['distributed', 'ha'] as const).every((key) => (changes[key] ?? provider[key]) === provider[key]);
  if (fits) return;
  const error_message =
    "Changing the 'ha' and 'distributed' attributes on a router associated with a flavor is not supported";
  throw new InvalidInput({ error_message });
}

/** Who makes routers of the flavor; undefined where it has lost what said so. */
async function providerOf(store: Reader, flavorId: string): Promise<L3Provider | undefined> {
  const [profileId] = (await store.get(flavor, flavorId))?.service_profiles ?? [];
  const profile = profileId === undefined ? undefined : await store.get(serviceProfile, profileId);
  return l3Providers.find(({ driver }) => driver === profile?.driver);
}
