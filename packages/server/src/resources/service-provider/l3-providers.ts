import { extensions } from '@neutronium/model/extensions';

/** Who makes routers of one kind. */
export interface L3Provider {
  /** As Neutron names it, and its driver, which profiles of flavors name. */
  readonly name: string;
  readonly driver: string;
  /** What its routers are. */
  readonly distributed: boolean;
  readonly ha: boolean;
}

const drivers = 'neutron.services.l3_router.service_providers';

/** Those that Neutron has with the configuration that it comes with, in its order. */
const neutronsProviders: readonly L3Provider[] = [
  { name: 'dvrha', driver: `${drivers}.dvrha.DvrHaDriver`, distributed: true, ha: true },
  { name: 'dvr', driver: `${drivers}.dvr.DvrDriver`, distributed: true, ha: false },
  { name: 'ha', driver: `${drivers}.ha.HaDriver`, distributed: false, ha: true },
  { name: 'single_node', driver: `${drivers}.single_node.SingleNodeDriver`, distributed: false, ha: false },
];

/** A provider is there when the API has what its routers are. */
export const l3Providers = neutronsProviders.filter(
  ({ distributed, ha }) => (!distributed || extensions.has('dvr')) && (!ha || extensions.has('l3-ha')),
);
