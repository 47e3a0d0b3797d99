/** Who can make routers, by the names that Neutron gives providers and their drivers. */
export const l3Providers: readonly { readonly name: string; readonly driver: string }[] = [
  { name: 'single_node', driver: 'neutron.services.l3_router.service_providers.single_node.SingleNodeDriver' },
];
