import { StringDecoder } from 'node:string_decoder';
import type { Json } from './column.ts';

/**
 * Cuts a stream of bytes into the JSON objects that follow one another in it without any separator, as JSON-RPC over a
 * stream sends them (RFC 7047 section 4). The end of an object is the brace that closes its first.
 */
export class JsonSplitter {
  readonly #decoder = new StringDecoder('utf8');
  #text = '';
  #position = 0;
  #depth = 0;
  #inString = false;

  /** The objects that are complete with this chunk. Throws on what cannot be JSON. */
  push(chunk: Uint8Array): readonly Json[] {
    this.#text += this.#decoder.write(Buffer.from(chunk));
    const objects: Json[] = [];
    let start = 0;
    for (; this.#position < this.#text.length; this.#position++) {
      const char = this.#text.charCodeAt(this.#position);
      if (this.#inString) {
        if (char === backslash) this.#position++;
        else if (char === quote) this.#inString = false;
      } else if (char === quote) this.#inString = true;
      else if (char === openBrace) this.#depth++;
      else if (char === closeBrace && --this.#depth === 0) {
        // JSON.parse makes nothing but JSON.
        objects.push(JSON.parse(this.#text.slice(start, this.#position + 1)) as Json);
        start = this.#position + 1;
      }
    }
    this.#text = this.#text.slice(start);
    this.#position -= start;
    return objects;
  }
}

const [quote, backslash, openBrace, closeBrace] = [0x22, 0x5c, 0x7b, 0x7d];
