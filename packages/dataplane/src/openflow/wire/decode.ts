// What a switch sends, read into values.

import { ByteReader, MalformedMessage } from './bytes.ts';
import { bundleControls, type BundleControl } from './control-messages.ts';
import { describeError } from './error-names.ts';
import { readFlowStats, type InstalledFlow } from './flow-messages.ts';
import { readMeterConfigs, type InstalledMeter } from './meter-messages.ts';
import { readPacketIn, type PacketIn } from './packet-in.ts';
import { messageType, multipartFlow, multipartMeterConfig, openflowVersion } from './header.ts';

const moreFollows = 1; // OFPMPF_REPLY_MORE

export type Message = { readonly xid: number } & (
  | { readonly kind: 'hello'; readonly version: number }
  | { readonly kind: 'echo_request'; readonly data: Uint8Array }
  | { readonly kind: 'echo_reply'; readonly data: Uint8Array }
  | {
      readonly kind: 'error';
      readonly type: number;
      readonly code: number;
      readonly name: string;
      readonly data: Uint8Array;
    }
  | { readonly kind: 'features'; readonly datapathId: bigint; readonly tables: number }
  | { readonly kind: 'flow_stats'; readonly flows: readonly InstalledFlow[]; readonly more: boolean }
  | { readonly kind: 'meters'; readonly meters: readonly InstalledMeter[]; readonly more: boolean }
  | { readonly kind: 'packet_in'; readonly packet: PacketIn }
  | { readonly kind: 'barrier_reply' }
  | { readonly kind: 'bundle_control'; readonly bundle: number; readonly control: BundleControl }
  /** Anything else that a switch may send: port status, flows removed. */
  | { readonly kind: 'other'; readonly type: number; readonly body: Uint8Array }
);

/** Reads one whole message of a switch; throws MalformedMessage when it is cut off or speaks another version. */
export function decodeMessage(message: Uint8Array): Message {
  const input = new ByteReader(message);
  const version = input.u8();
  const type = input.u8();
  input.skip(2);
  const xid = input.u32();
  if (type === messageType.hello) return { xid, kind: 'hello', version };
  // A peer that cannot speak our version says so in its own.
  if (version !== openflowVersion && type !== messageType.error) {
    throw new MalformedMessage(`a message of OpenFlow version ${version}`);
  }
  return { xid, ...decodeBody(type, input) };
}

type WithoutXid<M> = M extends Message ? Omit<M, 'xid'> : never;

function decodeBody(type: number, input: ByteReader): WithoutXid<Message> {
  switch (type) {
    case messageType.error: {
      const [errorType, code] = [input.u16(), input.u16()];
      return { kind: 'error', type: errorType, code, name: describeError(errorType, code), data: input.rest() };
    }
    case messageType.echoRequest:
      return { kind: 'echo_request', data: input.rest() };
    case messageType.echoReply:
      return { kind: 'echo_reply', data: input.rest() };
    case messageType.featuresReply: {
      const datapathId = input.u64();
      input.skip(4); // n_buffers
      return { kind: 'features', datapathId, tables: input.u8() };
    }
    case messageType.packetIn:
      return { kind: 'packet_in', packet: readPacketIn(input) };
    case messageType.barrierReply:
      return { kind: 'barrier_reply' };
    case messageType.bundleControl: {
      const bundle = input.u32();
      const control = bundleControls[input.u16()];
      if (control === undefined) throw new MalformedMessage('a bundle control message of an unknown sort');
      return { kind: 'bundle_control', bundle, control };
    }
    case messageType.multipartReply: {
      const [part, flags] = [input.u16(), input.u16()];
      input.skip(4);
      const more = (flags & moreFollows) !== 0;
      if (part === multipartMeterConfig) return { kind: 'meters', meters: readMeterConfigs(input), more };
      if (part !== multipartFlow) return { kind: 'other', type, body: input.rest() };
      return { kind: 'flow_stats', flows: readFlowStats(input), more };
    }
    default:
      return { kind: 'other', type, body: input.rest() };
  }
}
