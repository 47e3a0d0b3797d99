// Folders that exist as long as a test says so, and of which it tells the news.

import type { FolderWatch } from './folder-watch.ts';

export class FakeFolderWatch implements FolderWatch {
  readonly folders = new Map<string, Set<() => void>>();

  watch(folder: string, onChange: () => void): Disposable {
    const watchers = this.folders.get(folder);
    if (watchers === undefined) throw new Error(`there is no ${folder}`);
    watchers.add(onChange);
    return { [Symbol.dispose]: () => void watchers.delete(onChange) };
  }

  /** The folder is there from now on. */
  make(folder: string): void {
    if (!this.folders.has(folder)) this.folders.set(folder, new Set());
  }

  /** Something in the folder has changed. */
  ring(folder: string): void {
    for (const onChange of this.folders.get(folder) ?? []) onChange();
  }
}
