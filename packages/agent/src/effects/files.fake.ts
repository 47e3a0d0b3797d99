import type { Files } from './files.ts';

/** A file system in memory; folders exist by having files below them or by being made. */
export class MemoryFiles implements Files {
  readonly #files: Map<string, string>;
  readonly #folders = new Set<string>();

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.#files = new Map(Object.entries(files));
  }

  /** Every file's text by path, in order of path. */
  get contents(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#files].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }

  async readText(path: string): Promise<string | null> {
    return this.#files.get(path) ?? null;
  }

  async writeText(path: string, text: string): Promise<void> {
    if (this.#isFolder(path)) throw new Error(`writing ${path}: it is a folder`);
    this.#files.set(path, text);
  }

  async appendText(path: string, text: string): Promise<void> {
    await this.writeText(path, (this.#files.get(path) ?? '') + text);
  }

  async remove(path: string): Promise<void> {
    for (const name of this.#files.keys()) if (isAtOrBelow(name, path)) this.#files.delete(name);
    for (const name of this.#folders) if (isAtOrBelow(name, path)) this.#folders.delete(name);
  }

  async makeFolder(path: string): Promise<void> {
    if (this.#files.has(path)) throw new Error(`making the folder ${path}: it is a file`);
    this.#folders.add(path);
  }

  async list(path: string): Promise<readonly string[]> {
    const names = [...this.#files.keys(), ...this.#folders]
      .filter((name) => name.startsWith(`${path}/`))
      .map((name) => name.slice(path.length + 1).split('/', 1)[0] ?? '');
    return [...new Set(names)].toSorted();
  }

  #isFolder(path: string): boolean {
    return this.#folders.has(path) || [...this.#files.keys()].some((name) => name.startsWith(`${path}/`));
  }
}

function isAtOrBelow(name: string, path: string): boolean {
  return name === path || name.startsWith(`${path}/`);
}
