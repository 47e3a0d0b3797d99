import { connect, type Socket } from 'node:net';
import { renderFlow } from '@neutronium/dataplane/openflow/render';
import {
  type BundleControl,
  encodeBarrier,
  encodeBundleAdd,
  encodeBundleControl,
  encodeEchoReply,
  encodeHello,
  encodeShowFragments,
} from '@neutronium/dataplane/openflow/wire/control-messages';
import { encodeConnectionFlush } from '@neutronium/dataplane/openflow/wire/ct-flush';
import { decodeMessage, type Message } from '@neutronium/dataplane/openflow/wire/decode';
import {
  encodeFlowAdd,
  encodeFlowDelete,
  encodeFlowStatsRequest,
  type FlowFilter,
  type InstalledFlow,
} from '@neutronium/dataplane/openflow/wire/flow-messages';
import type { PacketIn } from '@neutronium/dataplane/openflow/wire/packet-in';
import { splitMessages } from '@neutronium/dataplane/openflow/wire/header';
import {
  encodeMeterConfigRequest,
  encodeMeterDelete,
  encodeMeterSet,
  type InstalledMeter,
} from '@neutronium/dataplane/openflow/wire/meter-messages';
import { type AddressesInZone, BridgeUnreachable, type FlowChange, FlowRefused, type MeterChange } from './openflow.ts';

type Answer = Exclude<Message, { readonly kind: 'echo_request' | 'hello' | 'packet_in' }>;

interface Request {
  /** Whether the request is answered completely with this. */
  readonly receive: (answer: Answer) => boolean;
  readonly fail: (error: Error) => void;
}

/** An OpenFlow 1.4 connection to the management socket of one bridge. */
export class OpenFlowConnection {
  readonly #bridge: string;
  readonly #socket: Socket;
  readonly #onPacket: (packet: PacketIn) => void;
  readonly #requests = new Map<number, Request>();
  #received: Uint8Array = new Uint8Array();
  #complaint: string | null = null;
  #lastXid = 0;
  #lastBundle = 0;

  private constructor(
    bridge: string,
    socket: Socket,
    { onClose, onPacket }: { readonly onClose: () => void; readonly onPacket: (packet: PacketIn) => void },
  ) {
    this.#bridge = bridge;
    this.#onPacket = onPacket;
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      try {
        this.#read(chunk);
      } catch (cause) {
        socket.destroy(new BridgeUnreachable(`an unreadable message of ${bridge}`, { cause }));
      }
    });
    // 'close' follows and ends the requests; the reason is of use to those only.
    let reason: unknown;
    socket.on('error', (cause) => (reason = cause));
    socket.once('close', () => {
      const complaint = this.#complaint === null ? '' : `: it said ${this.#complaint}`;
      for (const request of this.#requests.values()) {
        request.fail(new BridgeUnreachable(`no connection to ${bridge}${complaint}`, { cause: reason }));
      }
      this.#requests.clear();
      onClose();
    });
  }

  /** A connection on which both sides have agreed on the version. `onClose` is called when it ends, or cannot begin. */
  static async open(parts: {
    readonly bridge: string;
    readonly path: string;
    /** Whether flows are to see what first fragments carry. */
    readonly showFragments: boolean;
    readonly onClose: () => void;
    /** Called with what flows send to the controller. */
    readonly onPacket: (packet: PacketIn) => void;
  }): Promise<OpenFlowConnection> {
    const connection = new OpenFlowConnection(parts.bridge, connect(parts.path), parts);
    // That the switch carries a barrier out shows that it has agreed on the version. Both in one write: a switch that
    // does not agree says why and hangs up, and a later write would fail before its words were read.
    connection.#socket.cork();
    connection.#socket.write(encodeHello(connection.#nextXid()));
    if (parts.showFragments) connection.#socket.write(encodeShowFragments(connection.#nextXid()));
    const agreed = connection.#barrier();
    connection.#socket.uncork();
    await agreed;
    return connection;
  }

  get closed(): boolean {
    return this.#socket.destroyed;
  }

  async dumpFlows(filter: FlowFilter = {}): Promise<readonly InstalledFlow[]> {
    const xid = this.#nextXid();
    const flows: InstalledFlow[] = [];
    await this.#request(xid, encodeFlowStatsRequest(xid, filter), (answer) => {
      if (answer.kind !== 'flow_stats') throw this.#unexpected(answer, 'a list of flows was asked for');
      flows.push(...answer.flows);
      return !answer.more;
    });
    return flows;
  }

  /**
   * Puts the changes into a bundle, and commits it only when every one of them has been accepted: a switch commits a
   * bundle without what it has refused to put into it.
   */
  async changeFlows({ remove, add, cookie }: FlowChange): Promise<void> {
    const bundle = ++this.#lastBundle;
    await this.#control(bundle, 'open_request', 'open_reply');
    const refusals: FlowRefused[] = [];
    const put = (encode: (xid: number) => Uint8Array, describe: () => string): void => {
      const xid = this.#nextXid();
      // Only a refusal is answered; what the barrier finds still waiting was accepted.
      const receive = (answer: Answer): boolean => {
        if (answer.kind !== 'error') throw this.#unexpected(answer, 'a flow was sent');
        refusals.push(new FlowRefused({ bridge: this.#bridge, flow: describe(), reason: answer.name }));
        return true;
      };
      this.#requests.set(xid, { receive, fail: () => undefined });
      this.#socket.write(encodeBundleAdd(bundle, encode(xid)));
    };
    const before = this.#lastXid;
    this.#socket.cork();
    for (const flow of remove)
      put(
        (xid) => encodeFlowDelete(xid, flow),
        () => `removal from table ${flow.table}`,
      );
    for (const flow of add)
      put(
        (xid) => encodeFlowAdd(xid, flow, cookie),
        () => renderFlow(flow),
      );
    const after = this.#lastXid;
    this.#socket.uncork();
    try {
      await this.#barrier();
    } finally {
      for (let xid = before + 1; xid <= after; xid++) this.#requests.delete(xid);
    }
    if (refusals[0] !== undefined) {
      await this.#control(bundle, 'discard_request', 'discard_reply');
      throw refusals[0];
    }
    await this.#control(bundle, 'commit_request', 'commit_reply');
  }

  async forgetConnections(of: readonly AddressesInZone[]): Promise<void> {
    const messages = of.flatMap(({ zone, addresses }) =>
      addresses.flatMap((address) =>
        [true, false].map((began) => (xid: number) => encodeConnectionFlush(xid, { zone, address, began })),
      ),
    );
    await this.#sendAll(messages, 'connections were to be forgotten');
  }

  async dumpMeters(): Promise<readonly InstalledMeter[]> {
    const xid = this.#nextXid();
    const meters: InstalledMeter[] = [];
    await this.#request(xid, encodeMeterConfigRequest(xid), (answer) => {
      if (answer.kind !== 'meters') throw this.#unexpected(answer, 'a list of meters was asked for');
      meters.push(...answer.meters);
      return !answer.more;
    });
    return meters;
  }

  async changeMeters({ add, modify, remove }: MeterChange): Promise<void> {
    const messages = [
      ...remove.map((number) => (xid: number) => encodeMeterDelete(xid, number)),
      ...modify.map((meter) => (xid: number) => encodeMeterSet(xid, 'modify', meter)),
      ...add.map((meter) => (xid: number) => encodeMeterSet(xid, 'add', meter)),
    ];
    await this.#sendAll(messages, 'meters were to be changed');
  }

  /** Sends messages of which only a refusal is answered, and resolves when all have been carried out. */
  async #sendAll(messages: readonly ((xid: number) => Uint8Array)[], when: string): Promise<void> {
    const xids: number[] = [];
    const refusals: FlowRefused[] = [];
    this.#socket.cork();
    for (const encode of messages) {
      const xid = this.#nextXid();
      const receive = (answer: Answer): boolean => {
        refusals.push(this.#unexpected(answer, when));
        return true;
      };
      this.#requests.set(xid, { receive, fail: () => undefined });
      this.#socket.write(encode(xid));
      xids.push(xid);
    }
    this.#socket.uncork();
    try {
      await this.#barrier();
    } finally {
      for (const xid of xids) this.#requests.delete(xid);
    }
    if (refusals[0] !== undefined) throw refusals[0];
  }

  close(): void {
    this.#socket.destroy();
  }

  async #barrier(): Promise<void> {
    const xid = this.#nextXid();
    await this.#request(xid, encodeBarrier(xid), (answer) => {
      if (answer.kind !== 'barrier_reply') throw this.#unexpected(answer, 'a barrier was asked for');
      return true;
    });
  }

  async #control(bundle: number, request: BundleControl, reply: BundleControl): Promise<void> {
    const xid = this.#nextXid();
    await this.#request(xid, encodeBundleControl(xid, bundle, request), (answer) => {
      if (answer.kind !== 'bundle_control' || answer.control !== reply) throw this.#unexpected(answer, request);
      return true;
    });
  }

  #request(xid: number, message: Uint8Array, receive: (answer: Answer) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) throw new BridgeUnreachable(`no connection to ${this.#bridge}`);
      this.#requests.set(xid, {
        fail: reject,
        receive(answer) {
          try {
            if (!receive(answer)) return false;
            resolve();
          } catch (error) {
            reject(error);
          }
          return true;
        },
      });
      this.#socket.write(message);
    });
  }

  #read(chunk: Uint8Array): void {
    const { messages, rest } = splitMessages(
      this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]),
    );
    this.#received = rest;
    for (const bytes of messages) {
      const message = decodeMessage(bytes);
      if (message.kind === 'echo_request') this.#socket.write(encodeEchoReply(message.xid, message.data));
      else if (message.kind === 'packet_in') this.#onPacket(message.packet);
      // The switch numbers its greeting as it likes, so its number may be that of a request of ours.
      else if (message.kind !== 'hello') this.#answered(message);
    }
  }

  #answered(answer: Answer): void {
    const request = this.#requests.get(answer.xid);
    if (request?.receive(answer) === true) this.#requests.delete(answer.xid);
    // What is said of no request of ours is said of the connection, such as that the switch does not speak 1.4.
    if (request === undefined && answer.kind === 'error') this.#complaint = answer.name;
  }

  #unexpected(answer: Answer, when: string): FlowRefused {
    const reason = answer.kind === 'error' ? answer.name : `unexpected ${answer.kind}`;
    return new FlowRefused({ bridge: this.#bridge, flow: null, reason: `${reason} (${when})` });
  }

  #nextXid(): number {
    this.#lastXid = (this.#lastXid + 1) >>> 0;
    return this.#lastXid;
  }
}
