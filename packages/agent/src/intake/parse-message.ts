// The server's frames, checked before they are believed. The objects inside are the server's own, made by its types
// under the same contract version, which both sides compare before the first of them is sent; so what is checked here
// is the frame, and that each object can be filed under its section and id.

import { sectionNames, type HostObject, type ObjectKey } from '@neutronium/model/host-view';
import type { QuestionAbout, ServerMessage } from '@neutronium/model/watch-protocol';

export type ParsedMessage =
  | { readonly ok: true; readonly message: ServerMessage }
  | { readonly ok: false; readonly reason: string };

const sections: ReadonlySet<string> = new Set(sectionNames);

/** The message in one text frame. */
export function parseServerMessage(text: string): ParsedMessage {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused('the frame is not JSON');
  }
  if (!isRecord(value)) return refused('the frame is not an object');
  if (value['kind'] === 'question') {
    const { id, about } = value;
    return isNatural(id) && isAbout(about)
      ? { ok: true, message: { kind: 'question', id, about } }
      : refused('a question that has no number, or is about something unknown');
  }
  const revision = value['revision'];
  if (!isNatural(revision)) return refused('the revision is not a natural number');
  switch (value['kind']) {
    case 'snapshot': {
      const objects = value['objects'];
      if (!areObjects(objects)) return refused('an object of the snapshot has no section and id');
      return { ok: true, message: { kind: 'snapshot', revision, objects } };
    }
    case 'change': {
      const { set, remove } = value;
      if (!areObjects(set)) return refused('an object of the change has no section and id');
      if (!areKeys(remove)) return refused('a removal of the change has no section and id');
      return { ok: true, message: { kind: 'change', revision, set, remove } };
    }
    default:
      return refused(`frames of kind ${JSON.stringify(value['kind'])} are not known`);
  }
}

function refused(reason: string): ParsedMessage {
  return { ok: false, reason };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNatural(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isAbout(value: unknown): value is QuestionAbout {
  return value === 'drift' || value === 'repair';
}

function isKey(value: unknown): value is ObjectKey {
  return (
    isRecord(value) &&
    typeof value['section'] === 'string' &&
    sections.has(value['section']) &&
    typeof value['id'] === 'string'
  );
}

function areKeys(value: unknown): value is readonly ObjectKey[] {
  return Array.isArray(value) && value.every(isKey);
}

function areObjects(value: unknown): value is readonly HostObject[] {
  return areKeys(value);
}
