import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryFlow, arbitraryMatch } from '../flow-arbitraries.ts';
import { flowKey, sameActions, type FlowRule } from '../flow.ts';
import { matchKey } from '../match.ts';
import { writeInstructions } from './actions.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import {
  encodeBundleAdd,
  encodeBundleControl,
  encodeEchoReply,
  encodeEchoRequest,
  encodeHello,
} from './control-messages.ts';
import { decodeMessage, type Message } from './decode.ts';
import { canonicalFlow, encodeFlowAdd } from './flow-messages.ts';
import { beginMessage, finishMessage, messageType, multipartFlow, splitMessages } from './header.ts';
import { readMatch, writeMatch } from './oxm.ts';

describe('flows on the wire', () => {
  it('come back from a switch as they were written', () => {
    fc.assert(
      fc.property(arbitraryFlow, (flow) => {
        const back = onlyFlow(decodeMessage(flowStatsReply([flow])));
        expect(flowKey(back)).toBe(flowKey(flow));
        expect(sameActions(back, flow)).toBe(true);
        expect(back.actions).toEqual(flow.actions);
      }),
    );
  });

  it('keep their cookie and counters apart from what they are', () => {
    const reply = decodeMessage(flowStatsReply([aFlow], 0xabcdn));
    expect(reply).toMatchObject({
      kind: 'flow_stats',
      more: false,
      flows: [{ cookie: 0xabcdn, packets: 7n, bytes: 700n }],
    });
  });

  it('come back without words for what the language does not have', () => {
    const message = flowStatsReply([aFlow]);
    // The field number of in_port becomes one that OpenFlow does not define: after the headers of the message (8), of
    // the multipart (8), of the flow (48) and of its match (4) come the field's class (2) and number.
    message[70] = 0xf8;
    const reply = decodeMessage(message);
    if (reply.kind !== 'flow_stats') throw new Error(`a ${reply.kind}`);
    const [installed] = reply.flows;
    expect(installed?.match).toBeNull();
    expect(installed === undefined ? undefined : canonicalFlow(installed)).toBeNull();
  });
});

describe('a match on the wire', () => {
  it('fills whole words of eight bytes and keeps its own bytes for naming the flow again', () => {
    fc.assert(
      fc.property(arbitraryMatch, (tests) => {
        const out = new ByteWriter();
        writeMatch(out, tests);
        const bytes = out.finish();
        const back = readMatch(new ByteReader(bytes));
        expect(bytes.length % 8).toBe(0);
        expect(back.raw).toEqual(bytes);
        expect(back.match === null ? null : matchKey(back.match)).toBe(matchKey(tests));
      }),
    );
  });
});

describe('a stream of messages', () => {
  it('is cut at the messages wherever the pieces arrived', () => {
    const messages = [encodeHello(1), encodeEchoRequest(2, Uint8Array.of(1, 2, 3)), encodeFlowAdd(3, aFlow, 0n)];
    const stream = Uint8Array.from(messages.flatMap((message) => [...message]));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: stream.length }), (cut) => {
        const first = splitMessages(stream.subarray(0, cut));
        const second = splitMessages(Uint8Array.from([...first.rest, ...stream.subarray(cut)]));
        expect([...first.messages, ...second.messages].map((message) => [...message])).toEqual(
          messages.map((message) => [...message]),
        );
        expect(second.rest).toHaveLength(0);
      }),
    );
  });

  it('refuses a message that says it is shorter than its header', () => {
    expect(() => splitMessages(Uint8Array.of(5, 0, 0, 4, 0, 0, 0, 0))).toThrow(/says it has 4 bytes/);
  });
});

describe('messages of a connection', () => {
  it('read back as what they are', () => {
    expect(decodeMessage(encodeHello(1))).toEqual({ xid: 1, kind: 'hello', version: 5 });
    expect(decodeMessage(encodeEchoRequest(2, Uint8Array.of(9)))).toEqual({
      xid: 2,
      kind: 'echo_request',
      data: Uint8Array.of(9),
    });
    expect(decodeMessage(encodeEchoReply(3, Uint8Array.of(9)))).toMatchObject({ xid: 3, kind: 'echo_reply' });
    expect(decodeMessage(encodeBundleControl(4, 77, 'commit_request'))).toEqual({
      xid: 4,
      kind: 'bundle_control',
      bundle: 77,
      control: 'commit_request',
    });
  });

  it('name the error that a switch reports', () => {
    const out = beginMessage(messageType.error, 5);
    out.u16(2);
    out.u16(10);
    expect(decodeMessage(finishMessage(out))).toMatchObject({ name: 'OFPET_BAD_ACTION OFPBAC_MATCH_INCONSISTENT' });
  });

  it('carry the xid of a bundled message outside as well', () => {
    const added = encodeBundleAdd(1, encodeFlowAdd(0x1234, aFlow, 0n));
    expect(decodeMessage(added)).toMatchObject({ xid: 0x1234, kind: 'other', type: messageType.bundleAdd });
  });

  it('are refused when they are cut off', () => {
    const whole = flowStatsReply([aFlow]);
    expect(() => decodeMessage(whole.subarray(0, whole.length - 9))).toThrow(/bytes wanted/);
  });
});

const aFlow: FlowRule = {
  table: 60,
  priority: 3,
  match: { in_port: { value: 5n, mask: 0xffffffffn } },
  actions: [{ kind: 'output', port: 'NORMAL' }],
};

/** What a switch answers that has those flows. */
function flowStatsReply(flows: readonly FlowRule[], cookie = 0n): Uint8Array {
  const out = beginMessage(messageType.multipartReply, 1);
  out.u16(multipartFlow);
  out.u16(0);
  out.zeros(4);
  for (const flow of flows) {
    const start = out.length;
    out.u16(0);
    out.u8(flow.table);
    out.zeros(9);
    out.u16(flow.priority);
    out.zeros(10);
    for (const number of [cookie, 7n, 700n]) out.u64(number);
    writeMatch(out, flow.match);
    writeInstructions(out, flow.actions, cookie);
    out.patch16(start, out.length - start);
  }
  return finishMessage(out);
}

function onlyFlow(message: Message): FlowRule {
  if (message.kind !== 'flow_stats') throw new Error(`a ${message.kind}`);
  const [installed, ...more] = message.flows;
  const flow = installed === undefined ? null : canonicalFlow(installed);
  if (flow === null || more.length > 0) throw new Error('not one flow of our language');
  return flow;
}
