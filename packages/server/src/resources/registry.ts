// The resources that this server offers. Adding one is its declaration in the model, its handlers here, and one line
// in the list below.

import type { ServerConfig } from '#config/server-settings';
import { offered, type Handlers } from './handlers.ts';
import { networkHandlers } from './network/network-handlers.ts';
import type { RandomBelow } from './segment-allocation/allocate-segment.ts';
import { TypeDrivers } from './segment-allocation/type-drivers.ts';

/** What handlers may be built from: settings and sources of chance and time, nothing that reaches a request. */
export interface Parts {
  readonly config: ServerConfig;
  readonly now: () => Date;
  readonly random: RandomBelow;
}

export function resourceHandlers({ config, random }: Parts): readonly Handlers[] {
  return [offered(networkHandlers({ drivers: new TypeDrivers(config.networks), random }))];
}
