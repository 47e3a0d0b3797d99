import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastMeter, type RateMeter } from '../meter.ts';
import { ByteReader } from './bytes.ts';
import { decodeMessage } from './decode.ts';
import { beginMessage, finishMessage, messageType, multipartMeterConfig } from './header.ts';
import { encodeMeterDelete, encodeMeterSet } from './meter-messages.ts';

const rate = fc.integer({ min: 1, max: 0xffffffff });
const arbitraryMeter: fc.Arbitrary<RateMeter> = fc.record({
  number: fc.integer({ min: 1, max: lastMeter }),
  unit: fc.constantFrom('kbps' as const, 'pktps' as const),
  rate,
  burst: rate,
});

/** What a switch would list that was told `messages`: after flags and number, a meter_mod and a listing are alike. */
function listing(messages: readonly Uint8Array[]): Uint8Array {
  const out = beginMessage(messageType.multipartReply, 7);
  out.u16(multipartMeterConfig);
  out.u16(0);
  out.zeros(4);
  for (const message of messages) {
    const said = message.subarray(10);
    out.u16(said.length + 2);
    out.bytes(said);
  }
  return finishMessage(out);
}

describe('meters on the wire', () => {
  it('come back from a switch as they were written', () => {
    fc.assert(
      fc.property(fc.array(arbitraryMeter, { maxLength: 5 }), (meters) => {
        const reply = decodeMessage(listing(meters.map((meter) => encodeMeterSet(1, 'add', meter))));
        expect(reply).toMatchObject({ kind: 'meters', xid: 7, more: false });
        const expected = meters.map((meter) => ({ number: meter.number, meter }));
        expect(reply).toHaveProperty('meters', expected);
      }),
    );
  });

  it('come back without words for what the language does not have', () => {
    const message = encodeMeterSet(1, 'add', { number: 9, unit: 'kbps', rate: 5, burst: 5 });
    // The band's type becomes one that remarks: after the header (8), command (2), flags (2) and number (4).
    message[17] = 2;
    expect(decodeMessage(listing([message]))).toHaveProperty('meters', [{ number: 9, meter: null }]);
  });

  it('are removed by their number alone', () => {
    const input = new ByteReader(encodeMeterDelete(3, 77).subarray(8));
    expect([input.u16(), input.u16(), input.u32(), input.remaining]).toEqual([2, 0, 77, 0]);
  });
});
