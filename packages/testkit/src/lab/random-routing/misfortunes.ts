// What befalls agents, and programs beside them, while operations go on.

import type { Happening, RoutingWorld } from './world.ts';

export class RoutingMisfortunes {
  /** Hosts whose agent is dead. */
  readonly #dead = new Set<string>();
  /** Hosts that do not reach the server. */
  readonly #cutOff = new Set<string>();

  /** As after a crash; the agent begins anew at once, or after some more operations. */
  async killAgent(world: RoutingWorld): Happening {
    const host = world.anyHost();
    if (this.#dead.has(host)) {
      await this.#revive(world, host);
      return `the agent of ${host} begins anew`;
    }
    await world.lab.killAgent(host);
    this.#dead.add(host);
    if (world.random.chance(0.5)) return `the agent of ${host} was killed`;
    await this.#revive(world, host);
    return `the agent of ${host} was killed, and begins anew`;
  }

  async cutOff(world: RoutingWorld): Happening {
    const host = world.anyHost();
    const isBack = this.#cutOff.has(host);
    if (isBack) await this.#reach(world, host);
    else {
      this.#cutOff.add(host);
      await world.lab.host(host).script('ip link set mgmt0 down');
    }
    return `${host} ${isBack ? 'reaches the server again' : 'does not reach the server'}`;
  }

  async killServer(world: RoutingWorld): Happening {
    await world.lab.killServer();
    await world.lab.startServer();
    return 'the server was killed, and is started anew';
  }

  /** Another host takes over the routers that this one was active for. */
  async killKeepalived(world: RoutingWorld): Happening {
    const host = world.anyHost();
    await world.lab.host(host).script('pkill -9 keepalived || true');
    return `every keepalived of ${host} was killed`;
  }

  /** Lets every agent live and reach the server. */
  async end(world: RoutingWorld): Promise<void> {
    for (const host of this.#dead) await this.#revive(world, host);
    for (const host of this.#cutOff) await this.#reach(world, host);
  }

  async #revive(world: RoutingWorld, host: string): Promise<void> {
    await world.lab.startAgent(host);
    this.#dead.delete(host);
  }

  async #reach(world: RoutingWorld, host: string): Promise<void> {
    await world.lab.host(host).script('ip link set mgmt0 up');
    this.#cutOff.delete(host);
  }
}
