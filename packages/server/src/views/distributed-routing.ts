// What each host sends from when it routes for others: its own address, where its agent does such work.

import type { DistributedRoutingView } from '@neutronium/model/host-view';
import type { Mac } from '@neutronium/net/mac';
import type { DvrHostMac } from '../binding/dvr-macs.ts';

export class HostMacs {
  readonly #macs = new Map<string, Mac>();

  put(host: string, row: DvrHostMac | null): void {
    if (row === null) this.#macs.delete(host);
    else this.#macs.set(host, row.mac_address);
  }

  viewOf(host: string): DistributedRoutingView | undefined {
    const mac_address = this.#macs.get(host);
    return mac_address === undefined ? undefined : { section: 'distributed_routing', id: host, mac_address };
  }

  get hosts(): Iterable<string> {
    return this.#macs.keys();
  }
}
