// Big-endian bytes, written and read in sequence.

const initialCapacity = 256;

/** A growing buffer. Lengths that are known only later are written with `patch16`. */
export class ByteWriter {
  #bytes = new Uint8Array(initialCapacity);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#grow(2);
    this.#view.setUint16(at, value);
  }

  u32(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value);
  }

  u64(value: bigint): void {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value);
  }

  /** The low `length` bytes of `value`. */
  unsigned(value: bigint, length: number): void {
    if (length === 8) return this.u64(value);
    if (length > 8) {
      this.unsigned(value >> 64n, length - 8);
      return this.u64(BigInt.asUintN(64, value));
    }
    let rest = Number(BigInt.asUintN(length * 8, value));
    const at = this.#grow(length);
    for (let index = length - 1; index >= 0; index -= 1) {
      this.#bytes[at + index] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }

  bytes(value: Uint8Array): void {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
  }

  zeros(count: number): void {
    this.#grow(count);
  }

  /** Zeros up to a multiple of 8 bytes since `start`. */
  alignTo8(start: number): void {
    this.zeros((8 - ((this.#length - start) % 8)) % 8);
  }

  patch16(at: number, value: number): void {
    this.#view.setUint16(at, value);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Makes room and gives where it begins. It may replace the buffer, so it comes before any look at the buffer. */
  #grow(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const bigger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      bigger.set(this.#bytes);
      this.#bytes = bigger;
      this.#view = new DataView(bigger.buffer);
    }
    return at;
  }
}

/** What a switch sent cannot be read: it is cut off or contradicts itself. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

/** Reads `bytes` from the beginning; throws MalformedMessage past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  get position(): number {
    return this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  unsigned(length: number): bigint {
    if (length === 8) return this.u64();
    if (length === 4) return BigInt(this.u32());
    let value = 0n;
    for (const byte of this.bytes(length)) value = (value << 8n) | BigInt(byte);
    return value;
  }

  /** The 16 bits that begin `ahead` bytes further on, without moving; undefined past the end. */
  peek16(ahead: number): number | undefined {
    return this.remaining < ahead + 2 ? undefined : this.#view.getUint16(this.#at + ahead);
  }

  /** A view of the next `length` bytes, not a copy. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  skip(count: number): void {
    this.#take(count);
  }

  /** Skips the padding up to a multiple of 8 bytes since `start`, or what is left of it. */
  alignTo8(start: number): void {
    this.skip(Math.min((8 - ((this.#at - start) % 8)) % 8, this.remaining));
  }

  #take(count: number): number {
    const at = this.#at;
    if (count < 0 || at + count > this.#bytes.length) {
      throw new MalformedMessage(`${count} bytes wanted at ${at} of a message of ${this.#bytes.length}`);
    }
    this.#at = at + count;
    return at;
  }
}
