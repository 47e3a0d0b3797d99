// Reads a stream of server-sent events (HTML Living Standard, section 9.2.6), as far as our server writes them.

/** A change, as the OpenAPI document's ChangeEvent describes it. */
export interface ChangeEvent {
  readonly revision: number;
  readonly op: 'create' | 'update' | 'delete';
  readonly resource: string;
  readonly id: string;
  readonly project_id: string | null;
  readonly user_id: string | null;
  readonly at: string;
  readonly request_id: string;
  readonly object: Readonly<Record<string, unknown>>;
  readonly changed: readonly string[];
  readonly was: Readonly<Record<string, unknown>>;
}

/** What a frame says: from where to resume the stream and, unless it only says so, what has happened. */
export interface Frame {
  readonly position: string;
  readonly event: ChangeEvent | null;
}

/** The frames of the text, which may come in pieces of any length. What a stream that is cut off leaves unfinished is dropped. */
export async function* parseFrames(pieces: AsyncIterable<string>): AsyncGenerator<Frame> {
  let text = '';
  for await (const piece of pieces) {
    text += piece;
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) yield parseFrame(frame);
  }
}

function parseFrame(text: string): Frame {
  const fields = new Map(text.split('\n').map((line) => [line.split(':', 1)[0] ?? '', line.replace(/^[^:]*: ?/, '')]));
  const data = fields.get('data');
  // The shape is that of the server's OpenAPI document.
  return { position: fields.get('id') ?? '', event: data === undefined ? null : (JSON.parse(data) as ChangeEvent) };
}
