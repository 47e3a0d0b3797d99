// An instance under test: its addresses, and a program inside it that speaks and listens for the test (probe.py).

import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ChildProcess } from 'node:child_process';
import type { Embedded } from './embedded.ts';

/** A frame as probe.py makes and sums them up. */
export interface Frame {
  readonly proto: 'arp' | 'tcp' | 'udp' | 'icmp' | `${number}`;
  readonly eth_src?: string;
  readonly eth_dst?: string;
  readonly src?: string;
  readonly dst?: string;
  readonly sport?: number;
  readonly dport?: number;
  /** ICMP. */
  readonly type?: number;
  readonly code?: number;
  /** ARP: 1 asks, 2 answers. */
  readonly op?: number;
  /** ARP: the sender's hardware address, where it differs from the frame's. */
  readonly sha?: string;
  /** Hexadecimal: what follows the ICMP checksum, or the UDP payload. */
  readonly body?: string;
}

export interface InstanceFacts {
  readonly name: string;
  readonly portId: string;
  readonly mac: string;
  /** Empty where it has none, as the other. */
  readonly ip4: string;
  readonly ip6: string;
}

type Ask = Readonly<Record<string, unknown>> & { readonly do: string };

export class SpeakingInstance implements InstanceFacts {
  readonly name: string;
  readonly portId: string;
  readonly mac: string;
  readonly ip4: string;
  readonly ip6: string;
  readonly #embedded: Embedded;
  readonly #probe: ChildProcess;
  readonly #answers = new Map<number, PromiseWithResolvers<unknown>>();
  #asked = 0;
  #complaints = '';

  private constructor(embedded: Embedded, facts: InstanceFacts) {
    this.name = facts.name;
    this.portId = facts.portId;
    this.mac = facts.mac;
    this.ip4 = facts.ip4;
    this.ip6 = facts.ip6;
    this.#embedded = embedded;
    const probe = join(import.meta.dirname, 'probe.py');
    this.#probe = embedded.host.spawn(['/usr/bin/python3', probe], { netns: `vm-${facts.name}` });
    const { stdout, stderr } = this.#probe;
    if (stdout === null) throw new Error('the probe has no output');
    createInterface({ input: stdout }).on('line', (line) => this.#hear(line));
    stderr?.setEncoding('utf8').on('data', (text: string) => (this.#complaints += text));
    this.#probe.once('exit', () => {
      for (const { reject } of this.#answers.values()) reject(new Error(`the probe ended: ${this.#complaints}`));
    });
  }

  /** Makes the instance on a port that there is, gives it the port's addresses, and starts the probe. */
  static async start(embedded: Embedded, facts: InstanceFacts, cloud: string): Promise<SpeakingInstance> {
    await embedded.vm('add', facts.name, '--port', facts.portId, '--cloud', cloud);
    const namespace = `vm-${facts.name}`;
    const addresses = [
      ...(facts.ip4 === '' ? [] : [`${facts.ip4}/24 dev eth0`]),
      ...(facts.ip6 === '' ? [] : [`${facts.ip6}/64 dev eth0 nodad`]),
    ];
    for (const address of addresses) await embedded.host.script(`ip -n ${namespace} addr add ${address}`);
    return await SpeakingInstance.within(embedded, facts);
  }

  /** Starts the probe in an instance that there is. */
  static async within(embedded: Embedded, facts: InstanceFacts): Promise<SpeakingInstance> {
    const instance = new SpeakingInstance(embedded, facts);
    await instance.#answer(0);
    return instance;
  }

  /** Its address of the family. */
  address(family: 4 | 6): string {
    return family === 4 ? this.ip4 : this.ip6;
  }

  async listen(proto: 'tcp' | 'udp', ...ports: readonly number[]): Promise<void> {
    for (const port of ports) await this.#ask({ do: 'listen', proto, port });
  }

  /** Whether a TCP connection can be made and talked over right now: one try, too short for TCP's own next one. */
  async tcp(address: string, port: number, seconds = 0.25): Promise<boolean> {
    return (await this.#ask({ do: 'tcp', address, port, seconds })) === true;
  }

  async udp(address: string, port: number, seconds = 0.25): Promise<boolean> {
    return (await this.#ask({ do: 'udp', address, port, seconds })) === true;
  }

  /** Whether a datagram of that many bytes is answered by one alike, in an exchange that a smaller one has begun. */
  async udpOf(size: number, address: string, port: number, seconds = 0.25): Promise<boolean> {
    return (await this.#ask({ do: 'udp', address, port, seconds, size })) === true;
  }

  /** Sends one datagram, in fragments where it is more than a frame holds. */
  async datagram(size: number, address: string, ports: { readonly from: number; readonly to: number }): Promise<void> {
    await this.#ask({ do: 'datagram', size, address, sport: ports.from, port: ports.to });
  }

  async ping(address: string, seconds = 0.25): Promise<boolean> {
    return (await this.#ask({ do: 'ping', address, seconds })) === true;
  }

  /** Makes a TCP connection that stays; `exchange` talks over it. */
  async open(name: string, address: string, port: number): Promise<void> {
    if ((await this.#ask({ do: 'open', name, address, port, seconds: 5 })) !== true) {
      throw new Error(`${this.name}: ${address} port ${port} does not answer`);
    }
  }

  /** Whether what is said over the connection is answered within `seconds`. */
  async exchange(name: string, seconds: number): Promise<boolean> {
    return (await this.#ask({ do: 'exchange', name, seconds })) === true;
  }

  /** How many frames like that eth0 has received since `forget`. */
  async seen(like: Frame): Promise<number> {
    return Number(await this.#ask({ do: 'seen', like }));
  }

  async forget(): Promise<void> {
    await this.#ask({ do: 'forget' });
  }

  /** Sends frames as they are. What they do not say is this instance's own. */
  async send(...frames: readonly Frame[]): Promise<void> {
    await this.#ask({ do: 'send', frames: this.#own(frames) });
  }

  /** Sends frames hundreds of times a second, until `hush`. */
  async repeat(...frames: readonly Frame[]): Promise<void> {
    await this.#ask({ do: 'repeat', frames: this.#own(frames) });
  }

  async hush(): Promise<void> {
    await this.#ask({ do: 'hush' });
  }

  /**
   * Whether a frame like `frame`, sent from here to `target`, arrives there. An ARP question, which every port may
   * send and receive, follows it on the same way: when that has arrived, the frame has or never will.
   */
  async arrives(target: SpeakingInstance, frame: Frame): Promise<boolean> {
    // Nobody asks for addresses of this range (RFC 2544 appendix C.2.2) but us.
    const control = `198.18.${randomInt(256)}.${randomInt(256)}`;
    const sent = { eth_dst: target.mac, dst: target.ip4, ...frame };
    await target.forget();
    await this.send(sent, { proto: 'arp', eth_dst: target.mac, dst: control });
    await this.#embedded.until('the ARP question that follows', async () => {
      return (await target.seen({ proto: 'arp', dst: control })) > 0;
    });
    const { body: _body, sha: _sha, ...visible } = { eth_src: this.mac, src: this.ip4, ...sent };
    return (await target.seen(visible)) > 0;
  }

  #own(frames: readonly Frame[]): readonly Frame[] {
    return frames.map((frame) => ({ eth_src: this.mac, src: this.ip4, ...frame }));
  }

  async #ask(ask: Ask): Promise<unknown> {
    const id = (this.#asked += 1);
    const answer = this.#answer(id);
    this.#probe.stdin?.write(`${JSON.stringify({ ...ask, id })}\n`);
    return await answer;
  }

  #answer(id: number): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    this.#answers.set(id, answer);
    return answer.promise;
  }

  #hear(line: string): void {
    // What probe.py prints.
    const { id, result, error } = JSON.parse(line) as { id: number; result?: unknown; error?: string };
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    if (error === undefined) answer?.resolve(result);
    else answer?.reject(new Error(`${this.name}: ${error}`));
  }
}
