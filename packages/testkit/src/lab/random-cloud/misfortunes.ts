// What befalls machines while operations go on.

import type { World } from './world.ts';

const kinds = ['server', 'cut', 'cut', 'ovs-vswitchd', 'ovsdb-server', 'dnsmasq'] as const;

export class Misfortunes {
  readonly #world: World;
  /** Hosts that do not reach the server. */
  readonly #cutOff = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The next one, in words. Nobody waits for it to be over but for the program to be there again. */
  async next(): Promise<string> {
    const { lab, random } = this.#world;
    const name = this.#world.host();
    const host = lab.host(name);
    switch (random.pick(kinds) ?? 'server') {
      case 'server':
        await lab.killServer();
        await lab.startServer();
        return 'the server was killed, and is started anew';
      case 'ovs-vswitchd':
        await host.killDaemon('ovs-vswitchd');
        await host.startVswitchd();
        return `ovs-vswitchd of ${name} was killed, and is started anew`;
      case 'ovsdb-server':
        await host.killDaemon('ovsdb-server');
        await host.startOvsdb();
        return `ovsdb-server of ${name} was killed, and is started anew`;
      case 'dnsmasq':
        await host.script('pkill -9 dnsmasq || true');
        return `every dnsmasq of ${name} was killed`;
      case 'cut':
        if (this.#cutOff.has(name)) {
          await this.#reach(name);
          return `${name} reaches the server again`;
        }
        this.#cutOff.add(name);
        await lab.cutOff([name]);
        return `${name} does not reach the server`;
    }
  }

  /** Lets every host reach the server. */
  async end(): Promise<void> {
    for (const host of this.#cutOff) await this.#reach(host);
  }

  async #reach(host: string): Promise<void> {
    await this.#world.lab.reconnect([host]);
    this.#cutOff.delete(host);
  }
}
