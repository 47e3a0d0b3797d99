// The server's frames as text. An object that goes to many hosts is rendered once: views share their objects, and an
// object is never changed but replaced.

import type { HostObject, ViewChange } from '@neutronium/model/host-view';

const rendered = new WeakMap<HostObject, string>();

export function snapshotFrame(revision: number, objects: readonly HostObject[]): string {
  return `{"kind":"snapshot","revision":${revision},"objects":[${renderAll(objects)}]}`;
}

export function changeFrame({ revision, set, remove }: ViewChange): string {
  return `{"kind":"change","revision":${revision},"set":[${renderAll(set)}],"remove":${JSON.stringify(remove)}}`;
}

function renderAll(objects: readonly HostObject[]): string {
  return objects.map(render).join(',');
}

function render(object: HostObject): string {
  let text = rendered.get(object);
  if (text === undefined) {
    text = JSON.stringify(object);
    rendered.set(object, text);
  }
  return text;
}
