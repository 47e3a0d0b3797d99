// The messages that a connection needs besides those about flows: greeting, keep-alive, barriers and bundles. They are
// bytes; whoever holds the socket sends them.

import { ByteReader } from './bytes.ts';
import { beginMessage, finishMessage, messageType, openflowVersion } from './header.ts';

/** What a bundle control message asks or answers (OpenFlow 1.4 section 7.3.9.2). */
export const bundleControls = [
  'open_request',
  'open_reply',
  'close_request',
  'close_reply',
  'commit_request',
  'commit_reply',
  'discard_request',
  'discard_reply',
] as const;
export type BundleControl = (typeof bundleControls)[number];
/** All changes of the bundle take effect together, and in the order of the messages. */
const atomicAndOrdered = 3;

/** The first message of a connection: it announces OpenFlow 1.4 and nothing else. */
export function encodeHello(xid: number): Uint8Array {
  const out = beginMessage(messageType.hello, xid);
  out.u16(1); // OFPHET_VERSIONBITMAP
  out.u16(8);
  out.u32(1 << openflowVersion);
  return finishMessage(out);
}

export function encodeEchoRequest(xid: number, data: Uint8Array = new Uint8Array()): Uint8Array {
  return encodeWithBody(messageType.echoRequest, xid, data);
}

/** The answer that a switch expects to an echo_request: same xid, same data. */
export function encodeEchoReply(xid: number, data: Uint8Array): Uint8Array {
  return encodeWithBody(messageType.echoReply, xid, data);
}

export function encodeFeaturesRequest(xid: number): Uint8Array {
  return encodeWithBody(messageType.featuresRequest, xid);
}

const wholePackets = 0xffff; // OFPCML_NO_BUFFER
const fragmentsWithPorts = 3; // OFPC_FRAG_NX_MATCH

/**
 * Has the bridge show flows the ports and ICMP types of first fragments, until ovs-vswitchd ends (ovs-ofctl(8) set-frags
 * nx-match). Otherwise it shows zeros, and a fragment is not seen to be what flows are to refuse. And has the connection
 * get what flows send to the controller: one that did not begin at the switch gets none unless it asks for some bytes.
 */
export function encodeShowFragments(xid: number): Uint8Array {
  const out = beginMessage(messageType.setConfig, xid);
  out.u16(fragmentsWithPorts);
  out.u16(wholePackets);
  return finishMessage(out);
}

/** Answered once everything that was sent before has been carried out or refused. */
export function encodeBarrier(xid: number): Uint8Array {
  return encodeWithBody(messageType.barrierRequest, xid);
}

export function encodeBundleControl(xid: number, bundle: number, control: BundleControl): Uint8Array {
  const out = beginMessage(messageType.bundleControl, xid);
  out.u32(bundle);
  out.u16(bundleControls.indexOf(control));
  out.u16(atomicAndOrdered);
  return finishMessage(out);
}

/**
 * Puts a message into a bundle. Its xid becomes the outer one: an error about it bears that xid. A message that is
 * refused is not in the bundle, and a commit succeeds without it: wait for a barrier and look for errors first.
 */
export function encodeBundleAdd(bundle: number, message: Uint8Array): Uint8Array {
  const out = beginMessage(messageType.bundleAdd, new ByteReader(message.subarray(4)).u32());
  out.u32(bundle);
  out.zeros(2);
  out.u16(atomicAndOrdered);
  out.bytes(message);
  return finishMessage(out);
}

function encodeWithBody(type: number, xid: number, body: Uint8Array = new Uint8Array()): Uint8Array {
  const out = beginMessage(type, xid);
  out.bytes(body);
  return finishMessage(out);
}
