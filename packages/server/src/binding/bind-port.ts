// The state of a port's binding, as the port shows it.

import type { BindingRequest, Bound, MechanismDriver } from './mechanism-driver.ts';

/** No host has been named. */
export const unbound: Bound = { vif_type: 'unbound', vif_details: {} };

/** A host has been named, and nothing there can wire the port. */
export const bindingFailed: Bound = { vif_type: 'binding_failed', vif_details: {} };

/** Bound on every host that carries the router's part, as a port of each. */
export const distributed: Bound = { vif_type: 'distributed', vif_details: {} };

/** How the first driver that can would wire the port on `host`. */
export function bindPort(drivers: readonly MechanismDriver[], host: string, request: BindingRequest): Bound {
  if (host === '') return unbound;
  for (const driver of drivers) {
    const bound = driver.bind(request);
    if (bound !== undefined) return bound;
  }
  return bindingFailed;
}

/** Whether a port in this state is plugged in somewhere, so that what its device knows of it must not change. */
export function isPlugged(vifType: string): boolean {
  return vifType !== unbound.vif_type && vifType !== bindingFailed.vif_type;
}
