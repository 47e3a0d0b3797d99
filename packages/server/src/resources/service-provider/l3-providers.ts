// Who can make routers, by the names that Neutron gives providers and their drivers.

export interface L3Provider {
  readonly name: string;
  readonly driver: string;
  readonly distributed: boolean;
  readonly ha: boolean;
}

const drivers = 'neutron.services.l3_router.service_providers';

export const l3Providers: readonly L3Provider[] = [
  { name: 'dvrha', driver: `${drivers}.dvrha.DvrHaDriver`, distributed: true, ha: true },
  { name: 'dvr', driver: `${drivers}.dvr.DvrDriver`, distributed: true, ha: false },
  { name: 'ha', driver: `${drivers}.ha.HaDriver`, distributed: false, ha: true },
  { name: 'single_node', driver: `${drivers}.single_node.SingleNodeDriver`, distributed: false, ha: false },
];
